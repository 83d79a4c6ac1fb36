"""A joined report that is taken out again leaves a case that goes on, and a case of which nobody answers any more closes
(domain §11.3, T08, T31 to T34)."""

from typing import Any

import httpx
import pytest
from uuid_utils.compat import uuid7

from contracts.vocabulary import CaseState, Clock
from delivery.service import Service
from services.router.workflow.alarms import next_alarm
from services.router.workflow.lifecycle import Incomplete
from services.router.workflow.situation import Joined
from tests.router.playing import SAMPLED_OUT, Play, opened
from tests.router.several_reports import a_report_by, case_of, merge, work


def _told() -> Play:
    """A question settled on the spot, unchecked, whose reporter is to be asked."""
    play = opened("V01-01", sampled=SAMPLED_OUT).give("sign").give("finish").give("record_feedback")
    assert (play.case.state, Clock.VISIT in play.case.clocks) == (CaseState.FEEDBACK, True)
    return play


def _attempt(play: Play) -> Play:
    return play.give("record_visit", contacted=False, solved=None, satisfaction=None)


def test_who_is_not_reached_on_two_days_holds_up_nothing() -> None:
    play = _attempt(_attempt(_told()))
    _attempt(play.after(days=1))
    assert Clock.VISIT not in play.case.clocks
    assert play.wait(hours=6).case.state is CaseState.CLOSED


def test_nor_does_who_is_tried_three_times_on_one_day() -> None:
    play = _attempt(_attempt(_attempt(_told())))
    assert Clock.VISIT in play.case.clocks, "three attempts on two days, or the limit of the visit"
    assert play.wait(days=2).case.state is CaseState.FEEDBACK
    _attempt(play)  # on a second day
    assert play.wait(hours=6).case.state is CaseState.CLOSED


def test_nor_does_who_is_never_tried_once_the_limit_of_the_visit_has_passed() -> None:
    play = _told()
    due = play.case.clocks[Clock.VISIT].due
    alarm = next_alarm(play.case, play.rules)
    assert due
    assert alarm
    assert (alarm.command, alarm.at > due) == ("close", True)
    assert play.wait(days=7).case.state is CaseState.CLOSED


def test_a_report_that_is_taken_out_is_not_waited_for() -> None:
    play = opened("C01-05").give("sign").give("finish").give("check_pass")
    other = play.case.case_id
    play.around = play.around._replace(joined=(Joined(other, "r-2"),))
    play.give("record_feedback")
    assert (Clock.FEEDBACK in play.case.clocks, Clock.VISIT in play.case.clocks) == (True, False)
    play.around = play.around._replace(joined=())
    play.after(hours=1).give("unjoin", report_id=other)
    assert (Clock.FEEDBACK in play.case.clocks, Clock.VISIT in play.case.clocks) == (False, True)


def test_while_its_own_reporter_is_not_told_its_clock_runs_on() -> None:
    play = opened("C01-05").give("sign").give("finish").give("check_pass")
    before = play.case.clocks
    play.after(hours=1).give("unjoin")
    assert play.case.clocks == before


@pytest.mark.parametrize("told_first", [True, False])
async def test_unmerging_makes_the_master_go_on(
    router: Service, http: httpx.AsyncClient, told_first: bool
) -> None:
    master, other = a_report_by("anna"), a_report_by("bert", lat=1.2)
    await work(router, master, other)
    await merge(http, other.case_id, master.case_id)

    async def give(case: object, command: str, **data: object) -> None:
        answer = await http.post(f"/v1/cases/{case}/commands/{command}", json={"data": data})
        assert answer.status_code == 200, answer.text

    await give(master.case_id, "sign", handler="p-9")
    await give(master.case_id, "finish", result="已修复", evidence_method="photo", evidence=1)
    await give(master.case_id, "check_pass", evidence=1)
    if told_first:
        await give(master.case_id, "record_feedback")
    await give(other.case_id, "unmerge", reason="不是同一处")
    case = await case_of(router, master.case_id)
    assert (Clock.FEEDBACK in case.clocks) is not told_first
    assert (Clock.VISIT in case.clocks) is told_first
    assert (await case_of(router, other.case_id)).state is CaseState.DISPATCHED
    history = (await http.get(f"/v1/cases/{master.case_id}/history")).json()["items"]
    assert history[-1]["type"] == "case.unjoined"
    assert history[-1]["data"]["report_id"] == str(other.data.report_id)


_VOID = {"reason": "withdrawn", "asked_by": "p-8"}


@pytest.mark.parametrize(
    ("category", "command", "data"),
    [("C01-05", "void", _VOID), ("V03-01", "withdraw", {"identity_checked": True})],
    ids=["voided", "an application withdrawn"],
)
async def test_a_case_that_others_have_joined_does_not_end_over_their_heads(
    router: Service, http: httpx.AsyncClient, category: str, command: str, data: dict[str, Any]
) -> None:
    master, other = a_report_by("anna", category=category), a_report_by("bert", lat=1.2)
    await work(router, master, other)
    await merge(http, other.case_id, master.case_id)

    async def give(case: object, command: str, **data: object) -> httpx.Response:
        return await http.post(f"/v1/cases/{case}/commands/{command}", json={"data": data})

    refused = await give(master.case_id, command, **data)
    assert refused.status_code == 422
    assert "unmerge" in refused.json()["detail"]
    assert (await give(other.case_id, "unmerge", reason="不是同一处")).status_code == 200
    assert (await give(master.case_id, command, **data)).status_code == 200
    assert (await case_of(router, other.case_id)).state is CaseState.DISPATCHED


@pytest.mark.parametrize(("reporter", "ends"), [("anna", True), ("bert", False), (None, False)])
def test_what_its_own_reporter_has_asked_again_does_not_keep_a_case_from_ending(
    reporter: str | None, ends: bool
) -> None:
    """After five days nothing is taken out any more: his own reminders would have kept him from withdrawing for good."""
    play = opened("V03-05")
    play.case = play.case.changed(reporter_ref="anna")
    play.around = play.around._replace(joined=(Joined(uuid7(), reporter),))
    if ends:
        assert play.give("withdraw").case.state is CaseState.VOIDED
        return
    with pytest.raises(Incomplete, match="other reports have joined it"):
        play.give("withdraw")


def test_who_is_not_known_may_be_somebody_else() -> None:
    play = opened()
    play.around = play.around._replace(joined=(Joined(uuid7(), None),))
    with pytest.raises(Incomplete, match="other reports have joined it"):
        play.give("void")
