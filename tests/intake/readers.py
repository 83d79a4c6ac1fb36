"""Units that ask for a report, and what intake has heard of them and of its case."""

from collections.abc import Callable
from typing import Any

import httpx
from uuid_utils.compat import uuid7

from contracts.envelope import SYSTEM
from contracts.events import event_of
from contracts.facts import case as facts
from contracts.facts.directory import AreaDefined, UnitDefined
from delivery.service import Service
from services.intake import directory_store
from services.intake.handlers import on_case_events
from tests.intake.builders import BY_DAY
from tests.intake.case_facts import NOON

Headers = Callable[..., dict[str, str]]


async def hear(intake: Service, directory: list[Any], events: list[Any]) -> None:
    """What the directory says, else units of five areas that lie in each other, then events of cases."""
    areas = {
        "grid": "community",
        "community": "town",
        "town": "district",
        "district": None,
        "other": "district",
    }
    said = [
        directory_fact(AreaDefined, code=code, tier="town", parent=parent) for code, parent in areas.items()
    ]
    said += [a_unit(f"U-{code}", parent and f"U-{parent}", area=code) for code, parent in areas.items()]
    async with intake.database.transaction() as connection:
        await directory_store.keep(connection, directory or said)
        await on_case_events(connection, events, timetable=BY_DAY)


async def answers(
    http: httpx.AsyncClient, as_: Headers, report: dict[str, Any], *units: str
) -> dict[str, int]:
    """How a handler of each unit is answered."""
    path = f"/v1/reports/{report['report_id']}"
    return {unit: (await http.get(path, headers=as_("handler", unit=unit))).status_code for unit in units}


def led_by(lead: str, privacy: str = "open") -> Any:
    return facts.CaseDispatched(round=1, lead=lead, procedure="coordinate", privacy=privacy)


def a_unit(code: str, parent: str | None, *, version: int = 1, area: str = "A") -> Any:
    tier = "district" if code == "U-district" else "town"
    return directory_fact(
        UnitDefined, code=code, kind="k", tier=tier, area=area, parent=parent, version=version
    )


def directory_fact(of: Any, *, code: str, version: int = 1, **more: Any) -> Any:
    fact = of(code=code, name=code, directory_version=version, **more)
    return event_of(
        fact,
        event_id=uuid7(),
        occurred_at=NOON,
        recorded_at=NOON,
        actor=SYSTEM,
        correlation_id=uuid7(),
        subject=code,
    )
