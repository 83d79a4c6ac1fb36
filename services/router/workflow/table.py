"""The state machine as one table (domain §11.6): in which state which command, by whom, with what guard and clocks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from contracts.vocabulary import CaseState as S
from contracts.vocabulary import Check, Clock, Role
from services.router.workflow import commands as c
from services.router.workflow.case import Case

Membership = Literal["lead", "checker", "anyone"]


@dataclass(frozen=True)
class Transition:
    """A row; `to` None keeps the state, `who` empty is for the system alone."""

    id: str
    states: tuple[S, ...]
    command: str
    to: S | None
    says: Callable[[c.Situation], c.Said]
    who: tuple[Role, ...] = ()
    of: Membership = "anyone"
    data: type[c.Data] = c.Data
    guard: Callable[[c.Situation], Iterator[c.Lack]] = field(default=lambda situation: iter(()))
    stops: tuple[Clock, ...] = ()
    starts: tuple[Clock, ...] = ()


_UNIT = (Role.UNIT_LEAD, Role.HANDLER, Role.GRID_WORKER)
_DESK = (Role.OPERATOR, Role.DISPATCHER, Role.SHIFT_LEADER)
_ALL = tuple(Clock)
_ORDERED = (Clock.SIGN, Clock.CONTACT, Clock.CONTROL, Clock.HANDLE)

TRANSITIONS = (
    Transition("T04", (S.REPORTED,), "accept", S.ACCEPTED, c.accepted, (*_DESK, Role.GRID_WORKER), data=c.AcceptData,
               stops=(Clock.ACCEPT,), starts=(Clock.CLASSIFY,)),
    Transition("T09", (S.ACCEPTED,), "classify", S.FILED, c.filed, stops=(Clock.CLASSIFY,), starts=(Clock.DISPATCH,)),
    Transition("T10", (S.FILED,), "dispatch", S.DISPATCHED, c.dispatched, stops=(Clock.DISPATCH,), starts=_ORDERED),
    Transition("T13", (S.DISPATCHED,), "sign", S.HANDLING, c.signed, _UNIT, "lead", c.SignData, stops=(Clock.SIGN,)),
    Transition("T19", (S.DISPATCHED, S.HANDLING), "progress", None, c.progressed, _UNIT, data=c.ProgressData,
               guard=c.lacks_tracker_before_signing),
    Transition("T26", (S.HANDLING,), "finish", S.HANDLED, c.handled, _UNIT, "lead", c.FinishData,
               guard=c.lacks_evidence, stops=(Clock.HANDLE, Clock.CONTROL, Clock.CONTACT)),
    Transition("T27", (S.HANDLED,), "request_check", S.CHECKING, c.check_requested, starts=(Clock.CHECK,)),
    Transition("T28", (S.HANDLED,), "skip_check", S.FEEDBACK, c.check_skipped, starts=(Clock.FEEDBACK,)),
    Transition("T29", (S.CHECKING,), "check_pass", S.FEEDBACK, c.check_passed,
               (Role.CHECKER, Role.GRID_WORKER, Role.SUPERVISOR, *_DESK), "checker", c.CheckPassData,
               guard=c.lacks_another_checker, stops=(Clock.CHECK,), starts=(Clock.FEEDBACK,)),
    Transition("T30", (S.CHECKING,), "check_fail", S.HANDLING, c.check_failed,
               (Role.CHECKER, Role.GRID_WORKER, Role.SUPERVISOR, *_DESK), "checker", c.CheckFailData,
               guard=c.lacks_another_checker, stops=(Clock.CHECK,), starts=(Clock.HANDLE,)),
    Transition("T31", (S.FEEDBACK,), "record_feedback", None, c.feedback_recorded,
               (*_UNIT, *_DESK), data=c.FeedbackData, stops=(Clock.FEEDBACK,), starts=(Clock.VISIT,)),
    Transition("T32", (S.FEEDBACK,), "record_visit", None, c.visit_recorded, (Role.VISITOR, Role.SUPERVISOR, *_DESK),
               data=c.VisitData, guard=c.lacks_another_visitor, stops=(Clock.VISIT,)),
    Transition("T34", (S.FEEDBACK,), "close", S.CLOSED, c.closed, (*_DESK, Role.SUPERVISOR), data=c.CloseData,
               guard=c.lacks_for_closing, stops=_ALL),
)  # fmt: skip

_BY_COMMAND: dict[tuple[S, str], Transition] = {
    (state, row.command): row for row in TRANSITIONS for state in row.states
}
COMMANDS = tuple(dict.fromkeys(row.command for row in TRANSITIONS))


def transition(state: S, command: str) -> Transition | None:
    return _BY_COMMAND.get((state, command))


def allowed(state: S) -> list[str]:
    """The commands that a person may give in `state`."""
    return [row.command for (at, _), row in _BY_COMMAND.items() if at is state and row.who]


# states that the system itself leaves at once: no clock ever runs in them
PASSED_THROUGH = frozenset({S.ACCEPTED, S.FILED, S.HANDLED})


def next_of_the_system(case: Case) -> str | None:
    """The command that the system itself gives in a state that is passed through."""
    match case.state:
        case S.ACCEPTED:
            return "classify"
        case S.FILED:
            return "dispatch"
        case S.HANDLED:
            return "skip_check" if case.check is Check.NONE else "request_check"
        case _:
            return None


def as_data() -> list[dict[str, Any]]:
    """The table as it is served to people and programs."""
    return [
        {
            "id": row.id,
            "from": list(row.states),
            "command": row.command,
            "to": row.to,
            "who": list(row.who) or [Role.SYSTEM],
            "data": row.data.model_json_schema() if row.who else None,
            "stops": list(row.stops),
            "starts": list(row.starts),
        }
        for row in TRANSITIONS
    ]


def as_mermaid() -> str:
    """The same table as a diagram."""
    lines = [f"  {state} --> {row.to or state}: {row.command}" for row in TRANSITIONS for state in row.states]
    return "\n".join(["stateDiagram-v2", "  [*] --> reported: submit", *lines])
