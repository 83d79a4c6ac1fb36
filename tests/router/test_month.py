"""A simulated month: no case without lead or clock, every overdue one escalated in its minute, the ledger at zero.

`make month` runs it with 20,000 cases; here it is a smaller one.
"""

import os
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from delivery.service import Service
from services.router.cases import store
from services.router.clocks.escalation import SILENT
from services.router.current_rules import CurrentRules
from services.router.settings import Settings
from tests.router.builders import NOON
from tests.router.month import Month

pytestmark = pytest.mark.usefixtures("http")

CASES = int(os.environ.get("MONTH_CASES", "300"))
_REST = "('closed', 'archived', 'rejected', 'handed_over', 'merged', 'voided')"


class Time:
    now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.mark.timeout(3600)
async def test_a_month_of_a_district(router: Service) -> None:
    time = Time()
    current = CurrentRules(Settings(**router.settings.model_dump()), time)
    month = Month(router, current, time, seed=20261123)
    await month.live(CASES, days=30)
    async with router.database.connection() as connection:
        lost = await connection.fetch(
            f"""select case_id, state from cases where state not in {_REST}
                and (lead is null or (due_at is null and wake_at is null and state <> 'feedback'))"""
        )
        states = await connection.fetch("select state, count(*) from cases group by state")
        cards = await connection.fetch("select body->>'card' as card, count(*) from cases group by 1")
        rows = await connection.fetch("select case_id, body from case_events order by case_id, case_version")
        reported = await connection.fetchval("select count(*) from cases where application is null")
        unaccounted = await store.unaccounted(connection, time.now)
    histories: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        histories[row["case_id"]].append(orjson.loads(row["body"]))
    stages = Counter(stage for events in histories.values() for stage in _in_their_minute(events, time.now))
    print(f"{len(histories)} cases, {len(rows)} events, refused {month.refused}")
    print(dict(stages), {row["state"]: row["count"] for row in states}, [tuple(row) for row in cards])
    assert len(histories) == len(month.cases) == sum(row["count"] for row in states)
    assert reported == CASES
    assert lost == []
    assert {row.what: row.count for row in unaccounted} == dict.fromkeys((row.what for row in unaccounted), 0)
    assert {"L0", "L1", "L2", "L3"} <= set(stages)


def _in_their_minute(events: list[Any], now: datetime) -> list[str]:
    """The stages of a case's history, each checked against the limits that its events announced."""
    due: dict[str, datetime] = {}
    warned: set[str] = set()
    fired = []
    for event in events:
        at = datetime.fromisoformat(event["occurred_at"])
        _nothing_forgotten(due, warned, at)
        clock = event["data"].get("clock")
        if event["type"] == "case.escalated" and clock:
            fired.append("L2")
        elif event["type"] == "case.supervised" and clock:
            fired.append(event["data"]["stage"])
            if event["data"]["stage"] == "L1":
                assert timedelta(0) <= at - due[clock] < timedelta(minutes=1), (clock, at, due[clock])
                warned.add(clock)
        for change in event.get("clocks", []):
            if change["action"] in ("stop", "pause"):
                due.pop(change["name"], None)
            elif change["name"] not in SILENT:
                due[change["name"]] = datetime.fromisoformat(change["limit_at"])
                if change["action"] == "start":  # one that goes on keeps its yellow card
                    warned.discard(change["name"])
    _nothing_forgotten(due, warned, now)
    return fired


def _nothing_forgotten(due: dict[str, datetime], warned: set[str], at: datetime) -> None:
    """A limit that has passed more than a minute ago has had its yellow card."""
    late = {clock for clock, limit in due.items() if at - limit > timedelta(minutes=1)}
    assert late <= warned, (late - warned, at)
