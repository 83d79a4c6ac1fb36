"""Why a report stands where it does: reporters hear it, and the public status shows it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any, get_args

import pytest

from contracts.envelope import ClockChange, Fact
from contracts.facts import approval, closing
from contracts.facts import case as facts
from contracts.vocabulary import Language
from services.intake.reasons import REASONS
from services.router.workflow.commands.intake import RejectData
from tests.intake.residents_post import (
    NOON,
    REPORTER,
    Post,
    accepted,
    an_event,
    dispatched,
    signed,
)

LATER = NOON + timedelta(days=9)
SHOWN = "2026-12-02 12:00"
UNTIL = LATER.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
REFUSED = approval.ApprovalRefused(reason="收入高于标准", way_to_object="60日内向区政府申请复核。")
MORE_TIME = facts.CaseExtended(approved=True, reason="等材料")
WAITS = facts.CaseSuspended(cause="冬天不能施工", until=LATER)


async def _hears(post: Post, *facts_of_it: Fact, text: str = "路灯不亮", due: datetime | None = None) -> Any:
    """The receipt of a report whose case has been signed, and then saw these."""
    receipt = await post.report(text=text)
    case = receipt["case_id"]
    await post.hears(accepted(case), dispatched(case), signed(case))
    await post.brings()
    clocks = (ClockChange(name="handle", action="set", limit="1 work_day", limit_at=due),) if due else ()
    await post.hears(*(an_event(case, 4 + n, fact, clocks=clocks) for n, fact in enumerate(facts_of_it)))
    return receipt


async def _status(post: Post, receipt: Any) -> Any:
    return (await post.http.get(receipt["links"]["status"], headers={"Authorization": ""})).json()


@pytest.mark.parametrize("reason", get_args(RejectData.model_fields["reason"].annotation))
async def test_who_is_rejected_hears_why_and_where_to_go(post: Post, reason: str) -> None:
    receipt = await post.report()
    await post.brings()
    fact = facts.CaseRejected(reason=reason, legal_channel="行政复议")
    await post.hears(an_event(receipt["case_id"], 1, fact))
    (message,) = await post.brings()
    words = REASONS[f"rejected.{reason}"]
    assert f"{words[Language.ZH]}。途径：行政复议。" in message.text
    status = await _status(post, receipt)
    assert status["step"] == "closed"
    assert status["history"][-1]["reason"] == status["reason"]
    assert status["reason"] == {
        "code": f"rejected.{reason}",
        "text_zh": words[Language.ZH],
        "text_en": words[Language.EN],
        "until": None,
    }


async def test_a_reason_that_nobody_knows_yet_is_a_rejection(post: Post) -> None:
    receipt = await post.report()
    await post.hears(an_event(receipt["case_id"], 1, facts.CaseRejected(reason="of a later version")))
    assert (await _status(post, receipt))["reason"]["code"] == "rejected"


@pytest.mark.parametrize(
    ("fact", "code", "zh", "en"),
    [
        (MORE_TIME, "more_time", f"需要更多时间，预计 {SHOWN} 前办结", f"expected by {SHOWN}"),
        (WAITS, "waits", f"因客观原因暂缓办理，至 {SHOWN}", f"has to wait until {SHOWN}"),
        (facts.CaseResumed(), "goes_on", "已恢复办理", "is being worked on again"),
        (
            approval.ApprovalMaterialsAsked(materials=("户口本",)),
            "materials_asked",
            "需要补充材料，办理单位将一次性告知您",
            "the unit will tell you which",
        ),
        (REFUSED, "refused", "未获批准，工作人员将告知理由和救济途径", "you will be told why and how"),
        (
            REFUSED.model_copy(update={"outcome": "not_eligible"}),
            "refused.not_eligible",
            "不符合条件，未获批准",
            "does not meet the conditions",
        ),
        (approval.ApprovalReviewed(opinion="同意"), "publicised", "正在公示", "on public notice"),
        (approval.ApprovalApproved(decided_by="p-1"), "approved", "已获批准", "has been approved"),
        (
            approval.ApprovalReopened(round=1, unit="C-1", reason="spot_check: 抽查"),
            "application_again",
            "已重新进入审批",
            "examined as an application again",
        ),
        (facts.CaseVoided(reason="测试"), "voided", "已撤销", "withdrawn"),
        (facts.CaseHandedOver(receiver="119"), "handed_over", "已移交", "handed over"),
    ],
)
async def test_what_changes_no_step_or_more_than_it_is_told(
    post: Post, fact: Fact, code: str, zh: str, en: str
) -> None:
    mine = await _hears(post, fact, due=LATER)
    (message,) = await post.brings()
    assert zh in message.text
    await _hears(post, fact, text="The street lamp is dark", due=LATER)
    (message,) = await post.brings()
    assert en in message.text
    reason = (await _status(post, mine))["reason"]
    assert reason["code"] == code
    assert (zh in reason["text_zh"], en in reason["text_en"]) == (True, True)
    own_words = {"等材料", "冬天不能施工", "户口本", "收入高于标准", "同意", "测试"}
    assert not [word for word in own_words if word in message.text + str(await _status(post, mine))]


async def test_the_way_to_object_is_told_to_the_reporter_and_shown_to_nobody(post: Post) -> None:
    receipt = await _hears(post, REFUSED)
    (message,) = await post.brings()
    assert "途径：60日内向区政府申请复核。" in message.text
    assert "区政府" not in str(await _status(post, receipt))


async def test_a_long_way_is_cut_for_the_telephone_only(post: Post) -> None:
    long = "请" * 300
    await _hears(post, REFUSED.model_copy(update={"way_to_object": long}))
    (message,) = await post.brings()
    assert f"{'请' * 99}…。" in message.text
    await post.report({"email": "li@example.org"})
    (row,) = await post.rows("select case_id from reports order by accepted_at desc limit 1")
    await post.hears(
        an_event(str(row["case_id"]), 1, facts.CaseRejected(reason="legal_channel", legal_channel=long))
    )
    assert long in (await post.brings())[-1].text


async def test_an_extension_moves_the_day_and_a_second_one_is_told_again(post: Post) -> None:
    receipt = await _hears(post, MORE_TIME, due=LATER)
    assert (await _status(post, receipt))["expected_by"] == UNTIL
    assert len(await post.brings()) == 1
    clock = ClockChange(name="handle", action="set", limit="1 work_day", limit_at=LATER + timedelta(days=1))
    again = an_event(receipt["case_id"], 5, MORE_TIME, clocks=(clock,))
    for _ in range(2):
        await post.hears(again)
    (message,) = await post.brings()
    assert "2026-12-03 12:00" in message.text


async def test_time_that_is_not_given_is_no_news(post: Post) -> None:
    receipt = await _hears(post, facts.CaseExtended(approved=False, reason="不同意"))
    assert await post.brings() == []
    assert (await _status(post, receipt))["reason"] is None


async def test_nothing_is_expected_while_a_case_waits(post: Post) -> None:
    receipt = await _hears(post, MORE_TIME, due=LATER)
    paused = (ClockChange(name="handle", action="pause", limit="1 work_day"),)
    await post.hears(an_event(receipt["case_id"], 5, WAITS, clocks=paused))
    assert (await _status(post, receipt))["expected_by"] is None
    (message,) = await post.brings()
    assert "暂缓办理" in message.text
    clock = ClockChange(name="handle", action="resume", limit="1 work_day", limit_at=LATER)
    await post.hears(an_event(receipt["case_id"], 6, facts.CaseResumed(), clocks=(clock,)))
    assert (await _status(post, receipt))["expected_by"] == UNTIL


async def test_a_reason_ends_with_the_fact_that_answers_it(post: Post) -> None:
    asked = approval.ApprovalMaterialsAsked(materials=("户口本",))
    receipt = await _hears(post, asked, approval.ApprovalDefined(household_checked=True))
    status = await _status(post, receipt)
    assert (status["step"], status["reason"]) == ("handling", None)


async def test_a_later_step_does_not_hide_how_to_object(post: Post) -> None:
    receipt = await _hears(post, REFUSED)
    await post.hears(an_event(receipt["case_id"], 5, closing.CaseClosed()))
    first, second = await post.brings()
    assert ("未获批准" in first.text, "已结案" in second.text) == (True, True)
    at_once = await _hears(post, REFUSED, closing.CaseClosed())
    assert ["未获批准" in message.text for message in await post.brings()] == [True, False]
    steps = [(step["step"], step["reason"] is None) for step in (await _status(post, at_once))["history"]]
    assert steps[-2:] == [("feedback", False), ("closed", True)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_last_fact_says_why_in_whatever_order_they_come(post: Post, order: Sequence[int]) -> None:
    case = (receipt := await post.report())["case_id"]
    events = [signed(case), an_event(case, 4, WAITS), an_event(case, 5, facts.CaseResumed())]
    for index in order:
        await post.hears(events[index])
    assert (await _status(post, receipt))["reason"]["code"] == "goes_on"


async def test_who_joins_a_case_that_waits_hears_that_it_waits(post: Post) -> None:
    master = await _hears(post, WAITS)
    await post.brings()
    joins = await post.report()
    await post.brings()
    fact = facts.CaseMerged(master_case_id=master["case_id"])
    await post.hears(an_event(joins["case_id"], 2, fact))
    (message,) = await post.brings()
    assert SHOWN in message.text


async def test_who_asks_again_hears_how_far_it_is_and_nobody_else_does(post: Post) -> None:
    receipt = await _hears(post, WAITS)
    joins = await post.report({"email": "li@example.org"})
    fact = facts.CaseMerged(master_case_id=receipt["case_id"])
    await post.hears(an_event(joins["case_id"], 2, fact))
    await post.brings()
    again = an_event(receipt["case_id"], 5, facts.CaseReminded(report_id=receipt["report_id"]))
    for _ in range(2):
        await post.hears(again)
    (message,) = await post.brings()
    assert (message.address, "暂缓办理" in message.text) == (REPORTER["phone"], True)


async def test_who_asks_before_anything_happened_hears_that_it_was_taken_down(post: Post) -> None:
    receipt = await post.report()
    await post.brings()
    await post.hears(an_event(receipt["case_id"], 1, facts.CaseReminded(report_id=receipt["report_id"])))
    (message,) = await post.brings()
    assert "已上报" in message.text
    await post.hears(accepted(receipt["case_id"], version=2))
    assert len(await post.brings()) == 1


async def test_a_public_note_is_told_to_the_reporter_and_shown_to_nobody(post: Post) -> None:
    receipt = await _hears(post, facts.CaseProgress(note="备件明天到。", public=True))
    (message,) = await post.brings()
    assert f"{receipt['receipt_no']}）办理有新的进展。承办单位告知：备件明天到。" in message.text
    status = await _status(post, receipt)
    assert (status["step"], status["reason"]["code"]) == ("handling", "progress")
    assert "备件" not in str(status)


async def test_a_note_among_colleagues_is_nothing_that_a_reporter_sees(post: Post) -> None:
    receipt = await _hears(post, facts.CaseProgress(note="查无此人"))
    assert await post.brings() == []
    assert len((await _status(post, receipt))["history"]) == 4


async def test_a_later_step_does_not_hide_a_public_note(post: Post) -> None:
    note = facts.CaseProgress(note="已更换灯泡", public=True)
    handled = facts.CaseHandled(
        round=1, unit="U1", result="亮了", evidence_method="photo", evidence=1, on_spot=False
    )
    await _hears(post, note, handled)
    told = [message.text for message in await post.brings()]
    assert [("已更换灯泡" in text, "待核查反馈" in text) for text in told] == [(True, False), (False, True)]


async def test_a_public_note_in_english(post: Post) -> None:
    await _hears(post, facts.CaseProgress(note="The lamp is ordered", public=True), text="Lamp is dark")
    (message,) = await post.brings()
    assert "has moved forward. The unit lets you know: The lamp is ordered." in message.text
