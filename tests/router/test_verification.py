"""Where the ruleset wants it, the nearest grid worker looks before anybody is sent (T02, T03)."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.facts.report import ReportedFacts
from contracts.vocabulary import CaseState, Channel, Clock, Urgency
from delivery.service import Service
from services.router.rulesets.ruleset import Ruleset, Verification
from services.router.workflow.lifecycle import replay
from tests.databases import As
from tests.router.builders import a_report
from tests.router.desk_visits import SignedIn
from tests.router.documents import a_document
from tests.router.looks import LOOK, looking, opened_by
from tests.router.playing import RULES, Play
from tests.router.several_reports import a_report_by, rows_of, work


@pytest.mark.parametrize(
    ("play", "state"),
    [
        (opened_by(), CaseState.VERIFYING),
        (opened_by(attachments=1), CaseState.DISPATCHED),
        (opened_by(channel="hotline"), CaseState.DISPATCHED),
        (opened_by(RULES), CaseState.DISPATCHED),
        (opened_by(text="垃圾桶着火了"), CaseState.DISPATCHED),
        (opened_by(text="消防演练，会冒烟", category=None), CaseState.DISPATCHED),
        (opened_by(facts=ReportedFacts(injured=1)), CaseState.DISPATCHED),
        (opened_by(category="C01-02"), CaseState.DISPATCHED),  # elevated
        (opened_by(looking(LOOK.model_copy(update={"at_most": Urgency.ELEVATED})), category="C01-02"), CaseState.VERIFYING),
        (opened_by(looking(LOOK.model_copy(update={"at_most": Urgency.ELEVATED})), category="V05-01"), CaseState.DISPATCHED),
        (opened_by(looking(without=("UD111",))), CaseState.DISPATCHED),
    ],
)  # fmt: skip
def test_who_waits_for_a_look(play: Play, state: CaseState) -> None:
    assert play.case.state is state


def test_nothing_urgent_may_be_made_to_wait() -> None:
    with pytest.raises(ValueError, match="general"):
        Verification.model_validate({"channels": ["web"], "at_most": "urgent"})


@given(st.sampled_from(Channel), st.integers(0, 2), st.frozensets(st.sampled_from(Channel)))
def test_a_case_waits_only_as_the_ruleset_says(
    channel: Channel, photos: int, channels: frozenset[Channel]
) -> None:
    play = opened_by(looking(Verification(channels=channels)), channel=channel, attachments=photos)
    waits = play.case.state is CaseState.VERIFYING
    assert waits == (channel in channels and not photos)
    assert replay(play.start, play.events) == play.case


def test_while_somebody_looks_only_his_clock_runs() -> None:
    play = opened_by()
    assert play.types() == ["case.verify_requested"]
    assert (play.case.lead, play.case.tracker) == (None, "UD111")
    assert {clock: ticking.due is None for clock, ticking in play.case.clocks.items()} == {
        Clock.VERIFY: False
    }


def test_what_is_true_goes_on_by_itself() -> None:
    play = opened_by().after(minutes=20).give("submit_verify")
    assert play.types() == [
        "case.verify_requested",
        "case.verified",
        "case.accepted",
        "case.filed",
        "case.dispatched",
    ]
    assert play.case.state is CaseState.DISPATCHED
    assert Clock.ACCEPT not in play.case.clocks
    assert replay(play.start, play.events) == play.case


@pytest.mark.parametrize("result", ["false", "not_found"])
def test_what_is_not_true_waits_for_the_desk_which_has_its_whole_limit(result: str) -> None:
    play = opened_by().after(minutes=20).give("submit_verify", result=result)
    assert play.case.state is CaseState.REPORTED
    assert list(play.case.clocks) == [Clock.ACCEPT]
    assert str(play.case.clocks[Clock.ACCEPT].left) == "15 work_minute"
    assert replay(play.start, play.events) == play.case
    assert play.give("reject", reason="not_true").case.state is CaseState.REJECTED


def test_a_look_that_nobody_takes_is_reminded_of() -> None:
    play = opened_by().wait(hours=6)
    assert "case.supervised" in play.types()


async def _in_force(http: httpx.AsyncClient) -> None:
    document = a_document(("/version", "looking"), ("/verification", {"channels": ["web"]}))
    assert Ruleset.model_validate(document).verification == LOOK
    assert (await http.post("/v1/rulesets", json=document)).status_code == 201
    assert (await http.post("/v1/rulesets/looking/activation")).status_code == 201


async def test_the_grid_worker_finds_it_in_his_queue_and_sends_it_on(
    router: Service, http: httpx.AsyncClient, as_: As
) -> None:
    await _in_force(http)
    await work(router, report := a_report(channel="web"))
    assert await rows_of(router, "select topic from outbox where topic like 'dispatch%'") == []
    asked = {"channel": "web", "text": "路灯不亮", "category": "C01-05", "place": {"grid": "D111"}}
    for change, waits in (
        ({}, True),
        ({"attachments": [{"ref": "a"}]}, False),
        ({"channel": "hotline"}, False),
    ):
        answer = await http.post("/v1/decisions", json=asked | change)
        assert answer.json()["verified_first"] is waits
    worker = as_("grid_worker", unit="UD111")
    listed = (await http.get("/v1/cases", headers=worker)).json()["items"]
    assert [(case["case_id"], case["state"]) for case in listed] == [(str(report.case_id), "verifying")]
    found = {"data": {"result": "true", "evidence": 1}}
    command = f"/v1/cases/{report.case_id}/commands/submit_verify"
    other = as_("grid_worker", unit="UD122")
    assert (await http.post(command, headers=other, json=found)).status_code == 403
    answer = await http.post(command, headers=worker, json=found)
    assert (answer.status_code, answer.json()["state"]) == (200, "dispatched"), answer.text
    assert len(await rows_of(router, "select topic from outbox where topic like '%dispatch%'")) == 1


async def test_who_asks_again_joins_the_open_case_and_sends_nobody_to_look(
    router: Service, http: httpx.AsyncClient
) -> None:
    said = {"component_id": "LAMP-1", "channel": "web"}
    await work(router, a_report_by("r1", **said, attachments=1))
    await _in_force(http)
    again, elsewhere = a_report_by("r1", **said), a_report_by("r2", channel="web", lon=3.0, lat=3.0)
    await work(router, again, elsewhere)
    states = {
        row["case_id"]: row["state"] for row in await rows_of(router, "select case_id, state from cases")
    }
    assert (states[again.case_id], states[elsewhere.case_id]) == ("merged", "verifying")


async def test_the_desk_asks_the_grid_worker_what_he_found(
    router: Service, http: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await _in_force(http)
    await work(router, report := a_report(channel="web"))
    browser = await signed_in("grid_worker", unit="UD111")
    assert f'href="/cases/{report.case_id}"' in (await browser.get("/")).text
    page = (await browser.get(f"/cases/{report.case_id}?lang=zh")).text
    assert "核实中" in page
    assert "提交核实结果" in page
