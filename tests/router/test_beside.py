"""An application in which something is critical goes on at its own pace; the emergency is a case of its own beside it."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from contracts.vocabulary import CaseState, Privacy, Procedure, Urgency
from delivery.service import Service
from services.router.cases.store import count_cases, find_case
from services.router.duplicates.linking import Linked
from services.router.duplicates.opening import Opening
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import replay
from services.router.workflow.reported import new_case
from tests.router.builders import NOON, a_moment, a_report, some_rules
from tests.router.several_reports import a_report_by, rows_of, work

FIRE = {"category": "V03-02", "text": "我来申请低保，家里着火了"}
LIFT = {"category": "V03-05", "text": "老楼申请加装电梯"}


def _opened(**report: Any) -> list[tuple[Case, list[Any]]]:
    opening = Opening({}, some_rules())
    return list(opening.open(new_case(a_report(**report)), "D111", Linked(), None, a_moment()))


def test_a_critical_application_opens_an_emergency_that_is_linked_both_ways() -> None:
    (application, filed), (emergency, events) = _opened(**FIRE)
    assert (application.procedure, application.urgency) == (Procedure.APPROVAL, Urgency.CRITICAL)
    assert (emergency.procedure, emergency.urgency) == (Procedure.EMERGENCY, Urgency.CRITICAL)
    assert emergency.state is CaseState.DISPATCHED
    assert (application.emergency, emergency.application) == (emergency.case_id, application.case_id)
    assert application.report_id == emergency.report_id
    assert replay(new_case(a_report(**FIRE)).changed(**_reported(application)), filed) == application
    assert [event.data.application for event in events if event.type == "case.filed"] == [application.case_id]
    assert [event.data.emergency for event in filed if event.type == "case.filed"] == [emergency.case_id]


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("家里着火了", "E05-10"),
        ("there is a gas leak in the kitchen", "E05-02"),
        ("不批我就跳楼", "G03-02"),
        ("老人被困在电梯里", "P01-01"),
        ("有人昏迷了", "X01-01"),
    ],
)
def test_the_emergency_is_what_is_critical_in_it(said: str, category: str) -> None:
    _, (emergency, _) = _opened(category="V03-02", text=f"申请低保，{said}")
    assert (emergency.category, emergency.procedure) == (category, Procedure.EMERGENCY)


def _reported(case: Case) -> dict[str, Any]:
    names = ("case_id", "report_id", "correlation_id", "channel", "reported_at", "text", "place", "stated")
    return {name: getattr(case, name) for name in names}


@pytest.mark.parametrize(
    "report", [LIFT, {"category": "C01-05", "text": "着火了"}], ids=["calm", "no application"]
)
def test_nothing_else_opens_one(report: dict[str, Any]) -> None:
    assert len(_opened(**report)) == 1


def test_the_emergency_is_shown_to_no_more_people_than_the_application() -> None:
    (application, _), (emergency, _) = _opened(**FIRE)
    assert application.privacy is Privacy.CONFIDENTIAL
    assert emergency.privacy is Privacy.CONFIDENTIAL
    assert emergency.reporter_ref is None


@pytest.mark.usefixtures("http")
async def test_both_are_kept_and_the_report_is_counted_once(router: Service) -> None:
    await work(router, report := a_report_by("anna", **FIRE), a_report())
    async with router.database.connection() as connection:
        application = await find_case(connection, report.case_id)
        assert application is not None
        assert application.emergency is not None
        emergency = await find_case(connection, application.emergency)
        assert emergency is not None
        assert emergency.application == report.case_id
        assert await count_cases(connection, NOON, NOON + timedelta(days=1)) == 2
    orders = await rows_of(
        router, "select topic, headers from outbox where topic like '%dispatch.%' order by id"
    )
    assert len(orders) == 3  # the approval's turn, the emergency's order, the lamp's


async def test_an_application_that_a_person_placed_has_its_emergency_too(
    router: Service, http: httpx.AsyncClient
) -> None:
    await work(router, report := a_report(lon=None, lat=None, **FIRE))
    assert len(await rows_of(router, "select from cases")) == 1
    place = {"data": {"place": {"lon": 1.0, "lat": 1.0}}}
    answer = await http.post(f"/v1/cases/{report.case_id}/commands/accept", json=place)
    assert answer.status_code == 200, answer.text
    (emergency,) = await rows_of(
        router, "select state, application from cases where case_id = $1", answer.json()["emergency"]
    )
    assert (emergency["state"], emergency["application"]) == ("dispatched", report.case_id)


async def test_of_an_application_that_a_person_sealed_the_emergency_is_sealed_too(
    router: Service, http: httpx.AsyncClient
) -> None:
    await work(router, report := a_report(lon=None, lat=None, **FIRE))
    place = {"place": {"lon": 1.0, "lat": 1.0}}
    for command, data in (("set_privacy", {"privacy": "sealed"}), ("accept", place)):
        answer = await http.post(f"/v1/cases/{report.case_id}/commands/{command}", json={"data": data})
        assert answer.status_code == 200, answer.text
    rows = await rows_of(router, "select body ->> 'privacy' as privacy from cases")
    assert [row["privacy"] for row in rows] == ["sealed", "sealed"]
    announced = await rows_of(router, "select convert_from(value, 'UTF8') as said from outbox")
    assert not [row["said"] for row in announced if FIRE["text"] in row["said"]]
