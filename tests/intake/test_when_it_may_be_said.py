"""What a reporter says after his report is heard where somebody can still make something of it, or he is told why not."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.facts import case as facts
from contracts.facts import closing
from delivery.service import Service
from services.intake.handlers import on_case_events
from tests.intake.builders import BY_DAY, a_report
from tests.intake.case_facts import a_life, an_event


async def _reported(http: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await http.post("/v1/reports", json=a_report())).json())


async def _hear(intake: Service, *events: Any) -> None:
    async with intake.database.transaction() as connection:
        await on_case_events(connection, list(events), timetable=BY_DAY)


async def test_of_a_closed_case_only_how_it_went(http: httpx.AsyncClient, intake: Service) -> None:
    report = await _reported(http)
    await _hear(intake, an_event(report["case_id"], 9, closing.CaseClosed()))
    path = f"/v1/reports/{report['report_id']}"
    for said in ("reminders", "withdrawal"):
        assert (await http.post(f"{path}/{said}", json={})).status_code == 409
    for solved in (True, False):
        answer = await http.post(f"{path}/feedback", json={"contacted": True, "solved": solved})
        assert answer.status_code == 201
    assert (await http.post(f"/v1/reports/{uuid4()}/reminders", json={})).status_code == 404


_SOLVED = {"contacted": True, "solved": True}
_NOT_REACHED = {"contacted": False}


@pytest.mark.parametrize(
    ("known", "said", "why"),
    [
        (0, _SOLVED, "nobody works on it yet"),
        (1, _SOLVED, "nobody works on it yet"),
        (2, _SOLVED, None),
        (3, _SOLVED, None),
        (3, _NOT_REACHED, "no result"),
        (4, _NOT_REACHED, None),
    ],
)
async def test_how_it_went_is_said_once_somebody_works_on_it(
    known: int, said: dict[str, Any], why: str | None, http: httpx.AsyncClient, intake: Service
) -> None:
    report = await _reported(http)
    done = facts.CaseHandled(round=1, unit="U1", result="已修复", evidence_method="photo")
    life = [*a_life(report["case_id"]), an_event(report["case_id"], 4, done)]
    await _hear(intake, *life[:known])
    answer = await http.post(f"/v1/reports/{report['report_id']}/feedback", json=said)
    assert answer.status_code == (409 if why else 201), answer.text
    assert why is None or why in answer.json()["detail"]


_ENDS: dict[str, tuple[list[Any], str]] = {
    "archived": ([closing.CaseClosed(), closing.CaseArchived()], "has been archived"),
    "rejected": ([facts.CaseRejected(reason="not_true")], "cannot be taken up: we looked"),
    "handed over": ([facts.CaseHandedOver(receiver="110", receipt="r-1")], "has been handed over"),
    "voided": ([facts.CaseVoided(reason="withdrawn", asked_by="p-2")], "has been withdrawn"),
}


@pytest.mark.parametrize("ended", _ENDS)
@pytest.mark.parametrize(
    ("path", "said"),
    [("feedback", {"contacted": True, "solved": False}), ("reminders", {}), ("withdrawal", {})],
)
async def test_of_what_has_ended_for_good_it_is_said_how_and_that_anew_is_a_new_report(
    path: str, said: dict[str, Any], ended: str, http: httpx.AsyncClient, intake: Service
) -> None:
    report = await _reported(http)
    end, how = _ENDS[ended]
    await _hear(intake, *(an_event(report["case_id"], 4 + after, fact) for after, fact in enumerate(end)))
    answer = await http.post(f"/v1/reports/{report['report_id']}/{path}", json=said)
    assert answer.status_code == 409
    assert how in answer.json()["detail"]
    assert "a report of its own" in answer.json()["detail"]


async def test_what_was_opened_again_and_closed_again_is_not_ended_for_good(
    http: httpx.AsyncClient, intake: Service
) -> None:
    report = await _reported(http)
    again = closing.CaseReopened(round=2, unit="U1", reason="again")
    life = [closing.CaseClosed(), again, closing.CaseClosed()]
    await _hear(intake, *(an_event(report["case_id"], 4 + after, fact) for after, fact in enumerate(life)))
    said = {"contacted": True, "solved": False}
    assert (await http.post(f"/v1/reports/{report['report_id']}/feedback", json=said)).status_code == 201
