"""The call about a critical word that is denied, or part of a drill or a question: it never vanishes silently, and the
desk has the accept limit of a critical case to make the call (domain §4.2, §11.2)."""

from datetime import datetime

from contracts.envelope import ClockChange
from contracts.facts.confirmation import CaseConfirmed, CaseConfirmRequested
from contracts.vocabulary import Clock, Urgency
from services.router.clocks import running
from services.router.decision.urgency import mentioned
from services.router.workflow.case import Case
from services.router.workflow.situation import Data, Rules, Said, Situation, stopped


class ConfirmData(Data):
    dangerous: bool


class JoinedDoubtData(Data):
    """What the system brings: the rules of danger that a joining report's words speak of."""

    floors: tuple[str, ...]


def is_to_confirm(case: Case) -> bool:
    """Nobody has found it, accepted it or asked; before that the desk does, by the same clock. The same words are
    asked about once: in the emergency beside an application, where there is one."""
    asked = case.confirmed or Clock.ACCEPT in case.clocks or case.emergency is not None
    seen = case.verified == "true" or case.accepted_by_person
    doubtful = case.confirm_by_phone or bool(case.feared)
    return doubtful and not asked and not seen


def feared_of(case: Case, rules: Rules) -> tuple[str, ...]:
    """What the call is about; of a case that was stored before that was kept, what its words speak of."""
    if case.feared or case.answered or not case.confirm_by_phone:
        return case.feared
    areas = rules.directory.chain(case.grid or "").values()
    return tuple(mentioned(case.text, rules.ruleset, areas))


def new_doubts(joining: Case, master: Case, rules: Rules) -> tuple[str, ...]:
    """What the joining report's words speak of beside what the master's call is about, or was: one matter is asked
    about once for each danger, however many report it."""
    asked = master.feared if Clock.ACCEPT in master.clocks else ()
    known = (*master.answered, *asked)
    return (
        tuple(name for name in feared_of(joining, rules) if name not in known)
        if is_to_confirm(joining)
        else ()
    )


def confirm_requested(at: Situation) -> Said:
    """What comes to a call that is still to be made is asked with it, in the same time."""
    fact = CaseConfirmRequested(floors=getattr(at.data, "floors", None))
    waits = Clock.ACCEPT in at.case.clocks
    return Said(fact, clocks=() if waits else time_to_call(at.kind(), at.at, at.rules))


def time_to_call(kind: running.Kind, at: datetime, rules: Rules) -> tuple[ClockChange, ...]:
    """The accept clock of a critical case, whatever the urgency of this one; none where the ruleset has no limit."""
    critical = kind._replace(urgency=Urgency.CRITICAL)
    change = running.start(Clock.ACCEPT, critical, at, rules.ruleset, rules.calendar)
    return (change,) if change else ()


def confirmed(at: Situation) -> Said:
    return Said(CaseConfirmed(dangerous=at.data.dangerous))


def moot(at: Situation) -> tuple[ClockChange, ...]:
    """A person who says how urgent a dispatched case is has judged the word too."""
    by_person = at.case.dispatched_at is not None and not at.by_system()
    return stopped(at.case, Clock.ACCEPT) if by_person else ()
