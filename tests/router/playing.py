"""Plays a case: gives commands in order, each by somebody who may, each bringing what its guard asks for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.envelope import SYSTEM, Actor
from contracts.vocabulary import CaseState, Procedure, Role
from services.router.workflow.alarms import next_alarm
from services.router.workflow.case import Case
from services.router.workflow.commands.linking import MergeData
from services.router.workflow.joining import after_merge
from services.router.workflow.lifecycle import CaseEvent, at_the_desk, open_case, perform
from services.router.workflow.reported import new_case
from services.router.workflow.situation import Around, Data, OnSpot, Rules
from services.router.workflow.table import transition
from tests.router.builders import NOON, a_moment, a_report, some_rules

RULES = some_rules()
DISPATCHER = Actor(role=Role.DISPATCHER, person="p-2")

FILLED: dict[str, dict[str, Any]] = {
    "submit_verify": {"result": "true", "evidence": 1},
    "reject": {"reason": "legal_channel", "legal_channel": "行政复议"},
    "hand_over": {"receiver": "119"},
    "resolve_on_spot": {"result": "已清理", "evidence_method": "photo", "evidence": 1},
    "unmerge": {"reason": "不是同一处"},
    "join": {"report_id": uuid7()},
    "unjoin": {"report_id": uuid7()},
    "confirm": {"dangerous": False},
    "return": {"reason": "非我单位职责", "assignment_revoked": True},
    "redispatch": {"lead": "UD1"},
    "reclassify": {"category": "E01-01", "reason": "分类有误"},
    "consult": {"units": ["UD1", "UD11"]},
    "designate": {"lead": "UD1", "note": "由街道牵头"},
    "progress": {"note": "到场", "contacted": True, "controlled": True, "evidence": 1},
    "call_in": {"units": ["UD"], "reason": "联合整治", "cause": "joint_enforcement"},
    "extend": {"reason": "等待配件", "asked_by": "p-8"},
    "suspend": {"cause": "season", "until": NOON + timedelta(days=30), "asked_by": "p-8", "agreed_by": "p-7"},
    "oversee": {"note": "请加快", "card": "yellow"},
    "finish": {"result": "已修复", "evidence_method": "photo", "evidence": 1},
    "check_pass": {"evidence": 1},
    "check_fail": {"reason": "未修好"},
    "record_visit": {"contacted": True, "solved": True, "satisfaction": 5},
    "answer": {"contacted": True, "solved": True, "satisfaction": 5},
    "redo": {"reason": "未解决"},
    "close": {"town_acknowledged": True},
    "object": {"report_id": uuid7()},
    "reopen": {"cause": "objection", "reason": "又坏了"},
    "void": {"reason": "test", "asked_by": "p-8"},
    "call_line": {"line": "119"},
    "set_urgency": {"urgency": "elevated", "reason": "多人反映"},
    "set_privacy": {"privacy": "restricted"},
    "appeal_timeout": {"reason": "停电", "evidence": 1},
    "decide_appeal": {"granted": True, "agreed_by": "p-7"},
    "ask_materials": {"materials": ["收入证明"]},
    "define": {"materials_complete": True, "household_checked": True},
    "refuse": {"reason": "不符合条件", "way_to_object": "六十日内申请复议"},
    "return_materials": {"reason": "缺少证明"},
    "review_pass": {"opinion": "同意"},
    "record_objection": {"objection": "情况不实"},
    "answer_objection": {"answer": "已核实"},
    "withdraw": {"identity_checked": True},
}


def brought(case: Case, command: str) -> dict[str, Any]:
    """What a command brings; an emergency is recorded from arrival to end, helpers by the order are excused."""
    if command == "progress" and case.procedure is Procedure.EMERGENCY:
        return FILLED[command] | {"step": "ended" if case.arrived else "arrived"}
    if command == "finish":
        return FILLED[command] | {"excused": case.to_report}
    return FILLED.get(command, {})


def speaker(case: Case, command: str) -> Actor:
    """Somebody who may give it; never the handler where he may not."""
    row = transition(case.state, command)
    if row is None or not row.who:
        return SYSTEM
    unit = {"lead": case.lead, "superior": case.superior}.get(row.of) or case.lead or "UD111"
    person = "p-1" if command in ("sign", "progress", "finish") else "p-2"
    if command == "resolve_on_spot":
        unit = "UD111"
    if command == "progress" and case.state is CaseState.DISPATCHED:
        unit = case.tracker or unit
    role = Role.SHIFT_LEADER if Role.SHIFT_LEADER in row.who else row.who[0]
    return Actor(role=role, unit=None if role is Role.SHIFT_LEADER else unit, person=person)


@dataclass
class Play:
    """A case on its way; `now` moves on with `after`."""

    case: Case
    start: Case
    """The case before its first event."""
    events: list[CaseEvent] = field(default_factory=list)
    now: datetime = NOON
    rules: Rules = RULES
    around: Around = field(default_factory=Around)

    def give(self, command: str, *, by: Actor | None = None, **data: Any) -> "Play":
        row = transition(self.case.state, command)
        filled = brought(self.case, command) | data
        if command == "merge":
            filled = {"master_case_id": MASTER.case_id} | filled
            self.around = self.around._replace(master=MASTER)
        given = (row or transition(CaseState.FILED, "dispatch")).data.model_validate(filled if row else {})  # type: ignore[union-attr]
        actor = by or speaker(self.case, command)
        self.case, more = perform(
            self.case, command, given, actor, self.rules, a_moment(self.now), self.around
        )
        self.events += more
        return self

    def after(self, **time: float) -> "Play":
        self.now += timedelta(**time)
        return self

    def wait(self, **time: float) -> "Play":
        """Like `after`, with everything that time brings on the way."""
        until = self.now + timedelta(**time)
        while (alarm := next_alarm(self.case, self.rules)) is not None and alarm.at <= until:
            self.now = max(self.now, alarm.at)
            self.case, more = perform(
                self.case, alarm.command, alarm.data, SYSTEM, self.rules, a_moment(self.now)
            )
            self.events += more
        self.now = until
        return self

    def types(self) -> list[str]:
        return [event.type for event in self.events]


SAMPLED_IN, SAMPLED_OUT = 10, 50  # a fifth of the cases settled on the spot is checked, by their ids


def opened(
    category: str | None = "C01-05",
    *,
    grid: str | None = "D111",
    on_spot: Data | None = None,
    sampled: int = SAMPLED_IN,
    **report: Any,
) -> Play:
    """A report as the system has opened it: dispatched, or waiting at the desk when there is no grid."""
    start = new_case(a_report(category=category, case_id=_numbered(sampled), **report))
    worker = Actor(role=Role.GRID_WORKER, unit="UD111", person="p-1")
    done = OnSpot(worker, on_spot) if on_spot else None
    case, events = open_case(start, Around(grid=grid, on_spot=done), RULES, a_moment())
    if grid is None:
        start = at_the_desk(start, RULES, a_moment())
    return Play(case, start, list(events), around=Around(grid="D111"))


def give_all(play: Play, *commands: str) -> Play:
    """One a minute."""
    for command in commands:
        play.after(minutes=1).give(command)
    return play


def waiting(category: str | None = "C01-05") -> Play:
    return opened(category, grid=None, lon=None, lat=None)


def merged_into(master: Case, case: Case) -> Case:
    """The master after a dispatcher has merged the case into it."""
    data = MergeData(master_case_id=master.case_id)
    merged, _ = perform(case, "merge", data, DISPATCHER, RULES, a_moment(), Around(master=master))
    return told_of(merged, master)


def told_of(merged: Case, master: Case) -> Case:
    """The master after it has heard of what was merged into it."""
    for changed, _ in after_merge(merged, master, (), Around(), RULES, a_moment()):
        master = changed
    return master


def _numbered(rest: int) -> UUID:
    return UUID(int=uuid7().int // 100 * 100 + rest)


MASTER = opened().case
