"""By the clocks of a zone, as far as they reach."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from delivery.local_time import local
from delivery.pages.times import on_the_wall

FIRST, LAST = (end.replace(tzinfo=UTC) for end in (datetime.min, datetime.max))


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "UTC", "Pacific/Kiritimati"])
@pytest.mark.parametrize("moment", [FIRST, LAST])
def test_the_ends_of_time_have_an_hour_in_every_zone(moment: datetime, zone: str) -> None:
    assert local(moment, ZoneInfo(zone)) == moment
    assert on_the_wall(moment, ZoneInfo(zone))


def test_any_other_moment_is_shown_as_the_zone_has_it() -> None:
    noon = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    assert on_the_wall(noon, ZoneInfo("Asia/Shanghai")) == "2026-11-23 12:00"
