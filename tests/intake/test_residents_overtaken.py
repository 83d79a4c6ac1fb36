"""What is not true any more when it could be told is not told: a newer step takes its place, also after a failure."""

import asyncio
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.facts import case as facts
from contracts.facts import closing
from delivery.channels.channel import Answer, Outcome
from delivery.channels.postman import LEASE
from tests.intake.residents_post import Post, accepted, an_event, dispatched, signed

FAILS = Answer(Outcome.PASSING, 503)


async def test_a_step_that_failed_is_not_tried_again_after_a_newer_one(post: Post) -> None:
    case = (await post.report())["case_id"]
    await post.brings()
    await post.hears(accepted(case, at=post.now), dispatched(case, at=post.now))
    post.kept.plan = [FAILS]
    await post.brings()
    await post.hears(signed(case, at=post.now))
    (message,) = await post.brings(minutes=10)
    assert "正在处置" in message.text


async def test_nor_one_that_was_on_its_way_when_the_newer_came(post: Post) -> None:
    case = (await post.report())["case_id"]
    await post.brings()
    await post.hears(accepted(case, at=post.now), dispatched(case, at=post.now))
    post.kept.plan = [FAILS]
    assert await post.courier.turn(post.kept) == 1
    await asyncio.sleep(0)
    await post.hears(signed(case, at=post.now))
    await post.courier.settle()
    post.kept.messages = []
    (message,) = await post.brings(minutes=10)
    assert "正在处置" in message.text
    told = await post.rows("select status from resident_messages where kind = 'progress' order by sequence")
    assert [row["status"] for row in told] == ["stopped", "delivered"]


async def on_its_way(post: Post) -> str:
    """The case of a report of which a step is being sent, and will have failed."""
    case: str = (await post.report())["case_id"]
    await post.brings()
    await post.hears(accepted(case, at=post.now), dispatched(case, at=post.now))
    post.kept.plan = [FAILS]
    assert await post.courier.turn(post.kept) == 1
    await asyncio.sleep(0)
    return case


async def test_nor_one_that_a_replica_had_on_its_way_that_died(post: Post) -> None:
    case = await on_its_way(post)
    await post.hears(signed(case, at=post.now))
    post.kept.messages = []
    other = Post(post.intake, post.http)
    other.now = post.now + LEASE
    (message,) = await other.brings()
    assert "正在处置" in message.text


async def test_the_step_to_which_the_case_has_returned_meanwhile_is_tried_again(post: Post) -> None:
    case = await on_its_way(post)
    anew = _AGAIN["classified anew"]
    await post.hears(an_event(case, 7, anew, post.now))
    await post.hears(dispatched(case, 8, at=post.now))
    await post.courier.settle()
    post.kept.messages = []
    (message,) = await post.brings(minutes=10)
    assert "已派遣" in message.text


async def test_work_that_began_anew_is_not_called_done_after_a_failure(post: Post) -> None:
    case = (await post.report())["case_id"]
    await post.brings()
    await post.hears(an_event(case, 7, closing.CaseChecked(result="passed", check="photo"), post.now))
    await post.brings()
    await post.hears(an_event(case, 8, closing.CaseFeedbackGiven(outcome="told"), post.now))
    post.kept.plan = [FAILS]
    assert await post.courier.turn(post.kept) == 1
    await asyncio.sleep(0)
    await post.hears(an_event(case, 9, closing.CaseRedo(round=2, unit="U1", reason="仍不亮"), post.now))
    await post.courier.settle()
    post.kept.messages = []
    (message,) = await post.brings(minutes=10)
    assert "正在处置" in message.text


async def test_what_lasts_is_tried_again(post: Post) -> None:
    case = (await post.report())["case_id"]
    await post.brings()
    await post.hears(an_event(case, 4, facts.CaseProgress(note="明天上门", public=True), post.now))
    post.kept.plan = [FAILS]
    await post.brings()
    handled = facts.CaseHandled(round=1, unit="U", result="好", evidence_method="call")
    await post.hears(an_event(case, 5, handled, post.now))
    texts = [message.text for message in await post.brings(minutes=10)]
    assert ["明天上门" in text for text in texts] == [True, False]


@pytest.mark.parametrize("at_once", [False, True], ids=["one after another", "at once"])
async def test_work_that_began_anew_is_not_called_done(post: Post, at_once: bool) -> None:
    case = (await post.report())["case_id"]
    await post.brings()
    night: dict[str, Any] = {"at": post.now.replace(hour=23)}
    said = [
        an_event(case, 7, closing.CaseChecked(result="passed", check="photo"), **night),
        an_event(case, 8, closing.CaseFeedbackGiven(outcome="told"), **night),
        an_event(case, 9, closing.CaseRedo(round=2, unit="U1", reason="仍不亮"), **night),
    ]
    for batch in [said] if at_once else [[event] for event in said]:
        await post.hears(*batch)
    (message,) = await post.brings(hours=20)
    assert "正在处置" in message.text


_AGAIN = {
    "classified anew": facts.CaseReclassified(category="E01-01", reason="分类有误"),
    "parted from another": facts.CaseUnmerged(master_case_id=uuid7(), reason="不是同一处"),
}


@pytest.mark.parametrize("again", _AGAIN)
@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "within a night"])
async def test_who_knows_that_a_unit_has_it_is_not_told_so_again(
    again: str, at_once: bool, post: Post
) -> None:
    case = (await post.report())["case_id"]
    await post.hears(accepted(case, at=post.now), dispatched(case, at=post.now))
    await post.brings()
    later: dict[str, Any] = {"at": post.now.replace(hour=23)}
    said = [an_event(case, 7, _AGAIN[again], **later), dispatched(case, 8, **later)]
    for batch in [said] if at_once else [[event] for event in said]:
        await post.hears(*batch)
    assert await post.brings(hours=20) == []
    await post.hears(signed(case, 9, at=post.now))
    (message,) = await post.brings()
    assert "正在处置" in message.text


async def test_a_step_that_gave_way_to_a_known_one_is_told_when_it_is_reached_again(post: Post) -> None:
    case = (await post.report())["case_id"]
    await post.hears(accepted(case, at=post.now), dispatched(case, at=post.now), signed(case, at=post.now))
    await post.brings()
    night: dict[str, Any] = {"at": post.now.replace(hour=23)}
    handled = facts.CaseHandled(round=1, unit="U", result="好", evidence_method="call")
    for version, fact in enumerate(
        [handled, closing.CaseRedo(round=2, unit="U1", reason="仍不亮"), handled], start=7
    ):
        await post.hears(an_event(case, version, fact, **night))
    (message,) = await post.brings(hours=20)
    assert "待核查反馈" in message.text


async def test_what_he_was_not_told_yet_he_is_told_once(post: Post) -> None:
    case = (await post.report())["case_id"]
    await post.brings()
    night: dict[str, Any] = {"at": post.now.replace(hour=23)}
    await post.hears(accepted(case, **night), dispatched(case, **night))
    await post.hears(an_event(case, 7, _AGAIN["classified anew"], **night), dispatched(case, 8, **night))
    (message,) = await post.brings(hours=20)
    assert "已派遣" in message.text
