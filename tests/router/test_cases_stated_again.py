"""When Kafka has lost its data, what was said of cases is stated again exactly as it was."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from delivery.restate import restate
from delivery.service import Service
from services.router.restate.restate_store import events_since
from tests.router.builders import a_report
from tests.router.several_reports import rows_of, work

HOUR = timedelta(hours=1)


@pytest.mark.usefixtures("http")
async def test_the_same_bytes_leave_again_on_each_of_their_topics(
    router: Service, http: httpx.AsyncClient
) -> None:
    first, second = a_report(), a_report(lon=3.0)
    await work(router, first, second)
    signed = await http.post(f"/v1/cases/{first.case_id}/commands/sign", json={"data": {"handler": "p-1"}})
    assert signed.status_code == 200
    sent = await _forgotten(router)
    assert {topic for topic, *_ in sent} == {"cases.v1", "cases.v1 dispatch.district.v1"}
    assert await restate(router.settings, "router", events_since, datetime.now(UTC) - HOUR) == len(sent)
    again = await _forgotten(router)
    assert sorted(again) == sorted(sent)
    assert _by_case(again) == _by_case(sent), "those of a case in their order"
    assert await restate(router.settings, "router", events_since, datetime.now(UTC) + HOUR) == 0


async def _forgotten(router: Service) -> list[tuple[Any, ...]]:
    """What the outbox holds of cases, which then has left."""
    rows = await rows_of(
        router, "select topic, key, value, headers from outbox where topic like 'cases.v1%' order by id"
    )
    await rows_of(router, "delete from outbox")
    return [tuple(row) for row in rows]


def _by_case(messages: list[tuple[Any, ...]]) -> dict[bytes, list[int]]:
    versions: dict[bytes, list[int]] = defaultdict(list)
    for _, key, value, _ in messages:
        versions[key].append(orjson.loads(value)["case_version"])
    return dict(versions)
