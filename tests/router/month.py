"""A month of a made-up district in minutes: reports come, people sign late, return, fail checks, fall silent; time is ours.

Everything goes through the router's own handlers, store and timers on PostgreSQL; only the people are invented.
"""

import heapq
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from contracts.facts.report import ReportedFacts
from delivery.service import Service
from services.router.cases import store
from services.router.cases.commanding import give
from services.router.cases.timers import wake_due
from services.router.current_rules import CurrentRules
from services.router.handlers import on_reports
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import Incomplete
from services.router.workflow.table import transition
from tests.router.builders import a_report
from tests.router.playing import brought, speaker

_CATEGORIES = [
    "E01-01",
    "E01-04",
    "C01-05",
    "C01-06",
    "P01-04",
    "P02-01",
    "V01-01",
    "V03-01",
    "G01-02",
    "P01-01",
]
_POINTS = [(1.0, 1.0), (1.0, 3.0), (3.0, 1.0), (3.0, 3.0)]
_MINUTE = timedelta(minutes=1)

# what people do in a state: (command, weight, hours until they do it)
_HABITS: dict[str, list[tuple[str, float, float]]] = {
    "dispatched": [("sign", 0.80, 3), ("return", 0.08, 2), ("escalate_lead", 0.04, 5), ("", 0.08, 0)],
    "handling": [("progress", 0.25, 4), ("finish", 0.60, 12), ("extend", 0.04, 6), ("suspend", 0.03, 8), ("", 0.08, 0)],
    "returned": [("redispatch", 0.7, 1), ("reclassify", 0.1, 1), ("consult", 0.2, 1)],
    "consulting": [("designate", 1.0, 8)],
    "suspended": [("resume", 0.3, 48), ("", 0.7, 0)],
    "checking": [("check_pass", 0.85, 3), ("check_fail", 0.15, 3)],
    "feedback": [("record_feedback", 1.0, 5)],
    "closed": [("reopen", 0.03, 100), ("appeal_timeout", 0.1, 20), ("", 0.87, 0)],
    "defining": [("define", 0.7, 20), ("ask_materials", 0.2, 10), ("refuse", 0.1, 20)],
    "town_review": [("review_pass", 0.8, 30), ("return_materials", 0.1, 20), ("refuse", 0.1, 20)],
    "district_review": [("approve", 0.8, 200), ("record_objection", 0.1, 50), ("refuse", 0.1, 60)],
}  # fmt: skip
# an emergency that nobody has seen the end of yet
_FOLLOWED = [("progress", 0.85, 1.0), ("finish", 0.10, 12.0), ("", 0.05, 0.0)]
# once feedback is recorded, and while an objection or an appeal is open
_NEXT = {"told": ("record_visit", 10.0), "visited": ("close", 5.0)}


@dataclass
class Month:
    router: Service
    current: CurrentRules
    time: Any
    seed: int
    cases: list[UUID] = field(default_factory=list)
    refused: int = 0
    _agenda: list[tuple[datetime, int, UUID | None, str]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    async def live(self, reports: int, days: int) -> None:
        """Reports spread over the first `days`, and then as long again for what is still open."""
        self._random = random.Random(self.seed)
        start = self.time.now
        for _ in range(reports):
            self._plan(start + timedelta(minutes=self._random.randrange(days * 1440)), None, "submit")
        until = start + timedelta(days=2 * days)
        while (now := await self._next_moment()) is not None and now <= until:
            self.time.now = now
            await self._people(now)
            while await wake_due(self.router, self.current):
                pass

    async def _next_moment(self) -> datetime | None:
        """The minute in which something happens next, by people or by time."""
        async with self.router.database.connection() as connection:
            wake = await connection.fetchval("select min(wake_at) from cases")
        first = min(filter(None, (wake, self._agenda[0][0] if self._agenda else None)), default=None)
        return _minute_after(first) if first else None

    async def _people(self, now: datetime) -> None:
        due: list[tuple[UUID | None, str]] = []
        while self._agenda and self._agenda[0][0] <= now:
            due.append(heapq.heappop(self._agenda)[2:])
        reports = [self._report(now) for case_id, _ in due if case_id is None]
        async with self.router.database.transaction() as connection:
            if reports:
                await on_reports(connection, reports, self.current)
            ids = [report.case_id for report in reports]
            cases = await store.lock_cases(connection, [*ids, *(case_id for case_id, _ in due if case_id)])
            for case_id, command in due:
                if case_id is not None and (acted := await self._act(connection, cases[case_id], command)):
                    cases[case_id] = acted
            beside = {case.emergency for case in cases.values() if case.emergency} - set(self.cases)
            cases |= await store.lock_cases(connection, [*beside])
        self.cases += [*ids, *beside]
        for case in cases.values():
            self._intend(case, now)

    async def _act(self, connection: Any, case: Case, command: str) -> Case | None:
        row = transition(case.state, command)
        if row is None:
            return None  # time, or somebody else, was quicker
        data = row.data.model_validate(brought(case, command) | self._data(case, command))
        rules = await self.current.get(connection)
        try:
            given = await give(
                connection, case, command, data, speaker(case, command), rules, self.current.moment()
            )
            return given.case
        except Incomplete:
            self.refused += 1
            return None

    def _intend(self, case: Case, now: datetime) -> None:
        """What somebody will do with the case, as people do: mostly soon, sometimes late, sometimes never."""
        if case.state == "feedback" and case.told:
            command, hours = _NEXT["visited" if case.visits or not case.visit else "told"]
        elif case.state == "closed" and case.appeal_open:
            command, hours = "decide_appeal", 100.0  # some later than five work days
        elif case.state == "defining" and case.materials_asked and not case.materials_came:
            command, hours = "receive_materials", 40.0
        elif case.state == "district_review" and case.objections:
            command, hours = "answer_objection", 20.0
        else:
            habits = _FOLLOWED if _is_followed(case) else _HABITS.get(case.state, [("", 1.0, 0.0)])
            command, _, hours = self._random.choices(habits, [weight for _, weight, _ in habits])[0]
        if command:
            self._plan(now + timedelta(hours=self._random.expovariate(1 / hours)), case.case_id, command)

    def _plan(self, at: datetime, case_id: UUID | None, command: str) -> None:
        heapq.heappush(self._agenda, (at, next(self._numbers), case_id, command))

    def _data(self, case: Case, command: str) -> dict[str, Any]:
        match command:
            case "redispatch":
                return {"lead": case.lead if self._random.random() < 0.5 else "UD"}
            case "reclassify":
                return {
                    "category": self._random.choice([each for each in _CATEGORIES if each != case.category])
                }
            case "designate":
                return {"lead": "UD"}
            case "suspend":
                return {"until": self.time.now + timedelta(days=self._random.randrange(1, 10))}
            case "finish":
                return {"excused": (*case.awaited, *case.to_report)}
            case _:
                return {}

    def _report(self, now: datetime) -> Any:
        lon, lat = self._random.choice(_POINTS)
        trapped = self._random.random() < 0.01
        return a_report(
            category=self._random.choice(_CATEGORIES),
            lon=lon,
            lat=lat,
            at=now,
            facts=ReportedFacts(trapped=1) if trapped else None,
        )


def _is_followed(case: Case) -> bool:
    return case.state == "handling" and case.procedure == "emergency" and not case.ended


def _minute_after(moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + _MINUTE
