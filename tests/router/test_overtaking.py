"""Which reports overtake: never fewer than the full decision calls urgent; and both ways may meet in one case."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import messages_of
from contracts.facts.report import ReportedFacts, ReportReminded
from contracts.vocabulary import Urgency, Vulnerability
from delivery import inbox
from delivery.service import Service
from services.router.classification.classifier import Proposal
from services.router.handlers import on_reports
from services.router.overtaking import cannot_wait
from tests.router.builders import NOON, a_report
from tests.router.playing import RULES, opened
from tests.router.several_reports import follow_up

_TEXTS = st.sampled_from(
    [
        *("路灯不亮", "垃圾桶着火了", "没有人受伤", "社区周六搞消防演练，会冒烟", "再不管我就跳楼", "lamp is dark"),
        *("a child is missing", "有人被困在电梯里", "咨询燃气泄漏保险", "the fire hydrant leaks", "已扑灭"),
    ]
)  # fmt: skip
_FACTS = st.builds(
    ReportedFacts,
    injured=st.integers(0, 2),
    trapped=st.integers(0, 2),
    crowd=st.integers(0, 8),
    vulnerable=st.sampled_from(Vulnerability),
)
_CATEGORIES = st.sampled_from([None, "Z99-99", *RULES.ruleset.categories])


@given(st.lists(_TEXTS, min_size=1, max_size=3), _FACTS, _CATEGORIES)
@settings(max_examples=300)
def test_what_the_decision_calls_urgent_never_waits(
    texts: list[str], facts: ReportedFacts, category: str | None
) -> None:
    text = "。".join(texts)
    record = messages_of("intake", a_report(text=text, facts=facts, category=category))[0].value
    urgency = opened(category, text=text, facts=facts).events[1].urgency
    assert record is not None
    assert cannot_wait(record, RULES, NOON) or urgency.level < Urgency.URGENT.level


@pytest.mark.parametrize("category", ["C01-05", "E01-01", "V01-01"])
def test_ordinary_reports_wait(category: str) -> None:
    record = messages_of("intake", a_report(category=category, text="楼道灯不亮"))[0].value
    assert record is not None
    assert not cannot_wait(record, RULES, NOON)


def test_only_a_report_overtakes_and_not_what_is_said_of_it_afterwards() -> None:
    rules = replace(RULES, classify=lambda _: Proposal("C01-06", 1.0, None))
    report = a_report(category=None, text="井盖不见了")
    reminder = follow_up(report, ReportReminded(report_id=report.data.report_id, text="井盖不见了"))
    looked_at = [messages_of("intake", event)[0].value for event in (report, reminder)]
    assert [cannot_wait(record or b"", rules, NOON) for record in looked_at] == [True, False]


@pytest.mark.parametrize(
    "record", [b"", b"null", b"[]", b"{}", b'{"data": {}}', b"\xff", b'{"data": {"text": 1}}']
)
def test_what_is_no_report_is_left_to_the_others(record: bytes) -> None:
    assert not cannot_wait(record, RULES, NOON)


@pytest.mark.usefixtures("http")
async def test_both_ways_at_once_make_one_case(router: Service) -> None:
    urgent = [a_report(category="C01-06") for _ in range(20)]
    others = [a_report() for _ in range(60)]

    async def work(reports: list[Any]) -> None:
        by_id = {report.event_id: report for report in reports}
        async with router.database.transaction() as connection:
            claimed = await inbox.claim(connection, "router", by_id)
            await on_reports(
                connection, [by_id[each] for each in by_id if each in claimed], router.app.state.rules
            )

    await asyncio.gather(
        *(work([*others[:30], *urgent, *others[30:]]) if way % 2 else work(urgent) for way in range(8))
    )
    async with router.database.connection() as connection:
        assert await connection.fetchval("select count(*) from cases") == 80
        assert await connection.fetchval("select count(*) from case_events") == 240
