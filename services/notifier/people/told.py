"""Who is told of what (the `told` column of the state machine), and how loudly at which urgency: two tables."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from contracts.vocabulary import Clock, Medium, Urgency
from services.notifier.people.parties import Post

P = Post


class Kind(StrEnum):
    """An order repeats until it is signed; an alarm is told once and at once; news may wait."""

    ORDER = "order"
    ALARM = "alarm"
    NEWS = "news"


@dataclass(frozen=True)
class Row:
    kind: Kind
    posts: tuple[P, ...]


def _order(*posts: P) -> Row:
    return Row(Kind.ORDER, posts)


def _alarm(*posts: P) -> Row:
    return Row(Kind.ALARM, posts)


def _news(*posts: P) -> Row:
    return Row(Kind.NEWS, posts)


_ALL = (P.LEAD, P.CO_HANDLERS, P.TRACKER, P.COPIES)

# a unit that stands in several posts is told once, in the first
TOLD: dict[str, tuple[Row, ...]] = {
    "case.verify_requested": (_alarm(P.NAMED),),
    "case.verified": (_alarm(P.DISPATCHER),),
    "case.handed_over": (_news(*_ALL, P.MUST_KNOW),),
    "case.merged": (_news(P.LEAD),),
    "case.joined": (_news(P.FIRST_RESPONSIBLE),),
    "case.unjoined": (_news(P.FIRST_RESPONSIBLE),),
    "case.unmerged": (_news(P.MASTER_LEAD),),
    "case.dispatched": (_order(*_ALL),),
    "case.confirm_requested": (_alarm(P.DISPATCHER),),
    "case.returned": (_alarm(P.DISPATCHER), _news(P.TRACKER)),
    "case.consult_opened": (_alarm(P.SUPERIOR, P.NAMED),),
    "case.designated": (_order(P.LEAD, P.CO_HANDLERS, P.TRACKER),),
    "case.called_in": (_alarm(P.NAMED), _news(P.DISPATCHER)),
    "case.extended": (_news(P.LEAD),),
    "case.suspended": (_news(P.TRACKER),),
    "case.resumed": (_alarm(P.LEAD),),
    "case.escalated": (_alarm(P.FORMER_LEAD), _order(P.LEAD, P.CO_HANDLERS, P.TRACKER), _alarm(P.MUST_KNOW)),
    "case.supervised": (_alarm(P.LATE, P.SUPERIOR),),
    "case.handled": (_news(P.TRACKER, P.COPIES, P.MUST_KNOW),),
    "case.check_requested": (_alarm(P.NAMED),),
    "case.checked": (_news(P.FIRST_RESPONSIBLE),),
    "case.rework": (_alarm(P.NAMED, P.SUPERIOR),),
    "case.redo": (_alarm(P.NAMED, P.SUPERIOR),),
    "case.closed": (_news(P.LEAD, P.TRACKER),),
    "case.objected": (_alarm(P.DISPATCHER),),
    "case.reopened": (_alarm(P.NAMED, P.SUPERIOR),),
    "case.voided": (_news(P.LEAD, P.COPIES),),  # of an application those whose turn it was
    "case.line_called": (_alarm(*_ALL),),
    "case.reminded": (_alarm(P.LEAD),),
    "case.urgency_changed": (_order(P.LEAD, P.TRACKER), _alarm(P.MUST_KNOW)),
    "case.appeal_opened": (_news(P.DISPATCHER),),
    "case.appeal_decided": (_news(P.NAMED),),
    "approval.started": (_alarm(P.NAMED),),
    "approval.defined": (_alarm(P.NAMED),),
    "approval.reviewed": (_alarm(P.NAMED),),
    "approval.returned": (_alarm(P.NAMED),),
    "approval.objection": (_alarm(P.LEAD),),
    "approval.approved": (_news(P.LEAD, P.COPIES),),
    "approval.refused": (_news(P.LEAD, P.COPIES),),
    "approval.reopened": (_alarm(P.NAMED, P.SUPERIOR),),
}

# of these the desk is told where nobody else is: it looks itself, or has the case still
ELSE_THE_DESK = frozenset({"case.check_requested", "case.line_called"})

# whose clock it is that a reminder or a card is about; the others are the dispatching desk's
LATE: dict[str, P] = {
    **dict.fromkeys([Clock.SIGN, Clock.CONTACT, Clock.CONTROL, Clock.HANDLE, Clock.INTERIM], P.LEAD),
    **dict.fromkeys([Clock.DEFINE, Clock.TOWN_REVIEW, Clock.DISTRICT_REVIEW], P.LEAD),
    Clock.REPORT_IN: P.AWAITED,
    Clock.CONSULT: P.DECIDES,
    Clock.OBJECTION_ANSWER: P.OBJECTED,
    Clock.CHECK: P.CHECKER,
    Clock.VERIFY: P.VERIFIER,
    Clock.FEEDBACK: P.FIRST_RESPONSIBLE,
}


@dataclass(frozen=True)
class Plan:
    """How an urgency speaks. `every`: an order comes again until signed; `half_of_limit`: once, at half of the sign
    limit; `waits`: not in quiet hours; `digest`: news is gathered into one message a day."""

    media: tuple[Medium, ...]
    every: timedelta | None = None
    half_of_limit: bool = False
    waits: bool = False
    digest: bool = False


_LOUD = (Medium.CALL, Medium.SMS, Medium.APP)

PLANS: dict[Urgency, Plan] = {
    Urgency.CRITICAL: Plan(_LOUD, every=timedelta(minutes=5)),
    Urgency.URGENT: Plan((Medium.SMS, Medium.APP), every=timedelta(minutes=15)),
    Urgency.ELEVATED: Plan((Medium.APP,), half_of_limit=True, waits=True),
    Urgency.GENERAL: Plan((Medium.APP,), waits=True, digest=True),
}
NEWS_MEDIA = (Medium.APP,)
# where a unit has given none of these; who has no telephone either is left what stands beside
INSTEAD = (Medium.SMS,)
# beside the media of the plan, once, where a unit has given an address
BESIDE = (Medium.EMAIL,)
