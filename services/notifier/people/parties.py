"""Who has to do with a case, as far as notices go; kept per case, from the newest facts."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, get_args

from contracts.envelope import CaseEnvelope, Value
from contracts.facts.approval import ApprovalObjection, ApprovalObjectionAnswered, Turn
from contracts.facts.case import (
    CaseAccepted,
    CaseCalledIn,
    CaseConsultOpened,
    CaseDesignated,
    CaseDispatched,
    CaseEscalated,
    CaseFiled,
    CaseHandled,
    CaseMerged,
    CasePrivacyChanged,
    CaseProgress,
    CaseReclassified,
    CaseUrgencyChanged,
    CaseVerifyRequested,
)
from contracts.facts.closing import CaseCheckRequested
from contracts.vocabulary import Privacy, Role
from services.notifier.involved import acting_after, led_after

# after these nobody is waited for to sign: what repeated stops
_ENDS_ORDER = frozenset(
    {
        *("case.signed", "case.returned", "case.consult_opened", "case.reclassified", "case.handled"),
        *("case.merged", "case.voided", "case.handed_over", "case.closed", "case.rejected"),
    }
)
ORDERS = frozenset({"case.dispatched", "case.designated", "case.escalated"})


class Post(StrEnum):
    """What a unit is to a case."""

    LEAD = "lead"
    FORMER_LEAD = "former_lead"
    CO_HANDLERS = "co_handlers"
    COPIES = "copies"
    TRACKER = "tracker"
    CHECKER = "checker"
    VERIFIER = "verifier"
    AWAITED = "awaited"  # called in, or designated to help, and not there yet
    DECIDES = "decides"  # in a consultation
    OBJECTED = "objected"  # has received an objection and not answered it yet
    FIRST_RESPONSIBLE = "first_responsible"
    DISPATCHER = "dispatcher"
    NAMED = "named"
    MUST_KNOW = "must_know"  # copies that a fact itself names
    SUPERIOR = "superior"
    LATE = "late"
    MASTER_LEAD = "master_lead"


TOLD_ONLY = frozenset({Post.COPIES, Post.MUST_KNOW, Post.TRACKER})
WORKS = frozenset({Post.LEAD, Post.FORMER_LEAD, Post.CO_HANDLERS})


def may_be_told(post: Post, privacy: Privacy | None, *, acts: bool = True) -> bool:
    """A sealed case is for those alone who act on it: one that is only told, or led or helped and `acts` no more, may
    be who is complained of."""
    return privacy is not Privacy.SEALED or (post not in TOLD_ONLY and (acts or post not in WORKS))


class Parties(Value):
    lead: str | None = None
    stood_in_for: str | None = None
    """Whom the order names, where an import took him out and the lead was told in his place."""
    former_lead: str | None = None
    co_handlers: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    tracker: str | None = None
    checker: str | None = None
    verifier: str | None = None
    awaited: tuple[str, ...] = ()
    decides: str | None = None
    objected: tuple[str, ...] = ()
    first_responsible: str | None = None
    privacy: Privacy | None = None
    order_version: int = 0
    """Of the newest order that somebody must sign."""
    ended_version: int = 0
    """Of what ended the waiting for a signature."""

    @property
    def waits_for_signature(self) -> bool:
        return self.order_version > self.ended_version

    def at(self, post: Post) -> tuple[str, ...]:
        found = getattr(self, post, None)
        return tuple(_present(found if isinstance(found, tuple) else [found]))


NOBODY = Parties()


def fold(known: Parties, event: CaseEnvelope[Any]) -> Parties:
    """What is known after `event`; an order that comes late never overrides a newer one."""
    changes: dict[str, Any] = {}
    if event.type in _ENDS_ORDER:
        changes["ended_version"] = max(known.ended_version, event.case_version)
    if event.type not in ORDERS or event.case_version > known.order_version:
        changes |= acting_after(event.data, known)
        changes |= _said(known, event.data) | _reported(known, event)
        if event.type in ORDERS:
            changes["order_version"] = event.case_version
        elif event.case_version > known.order_version:
            changes |= led_after(event.data, lead=known.lead)
    if "lead" in changes:
        changes["stood_in_for"] = None
    return known.model_copy(update=changes) if changes else known


def _said(known: Parties, fact: Any) -> dict[str, Any]:
    says = _SAYS.get(type(fact))
    return says(known, fact) if says else {}


def _dispatched(known: Parties, fact: CaseDispatched) -> dict[str, Any]:
    awaited = tuple(unit for unit in known.awaited if unit in fact.co_handlers)
    of_the_case = {"tracker": fact.tracker, "privacy": fact.privacy, "former_lead": None}
    return of_the_case | {"awaited": awaited} | _first(known, fact.lead)


def _escalated(known: Parties, fact: CaseEscalated) -> dict[str, Any]:
    awaited = _without(known.awaited, fact.lead)
    return {"former_lead": fact.former_lead, "awaited": awaited} | _endangered(known, fact)


def _accepted(_: Parties, fact: CaseAccepted) -> dict[str, Any]:
    """By a unit; a role stands there where none received it."""
    unit = fact.first_responsible
    return {"first_responsible": unit} if unit and unit not in set(Role) else {}


def _objected(known: Parties, fact: ApprovalObjection) -> dict[str, Any]:
    return {"objected": (*known.objected, fact.unit)} if fact.unit else {}


def _turn(known: Parties, fact: Turn) -> dict[str, Any]:
    return _first(known, fact.unit) if fact.unit else {}


def _first(known: Parties, leads: str) -> dict[str, Any]:
    """Where no unit received the report, the first that leads stays responsible to the reporter."""
    return {"first_responsible": known.first_responsible or leads}


def _reported(known: Parties, event: CaseEnvelope[Any]) -> dict[str, Any]:
    """The first entry of a unit says that it is there."""
    here = isinstance(event.data, CaseProgress) and event.actor.unit in known.awaited
    return {"awaited": _without(known.awaited, event.actor.unit)} if here else {}


def _without(units: tuple[str, ...], gone: str | None) -> tuple[str, ...]:
    return tuple(unit for unit in units if unit != gone)


def _without_one(units: tuple[str, ...], gone: str | None) -> tuple[str, ...]:
    """Of several objections that one unit has received it has answered one."""
    place = units.index(gone) if gone in units else len(units)
    return (*units[:place], *units[place + 1 :])


def _endangered(known: Parties, fact: CaseEscalated | CaseUrgencyChanged) -> dict[str, Any]:
    """Who tracks what has become an emergency while it was worked."""
    return {} if fact.copies is None else {"tracker": fact.tracker or known.tracker}


def _present(units: Iterable[str | None]) -> list[str]:
    return [unit for unit in units if unit]


_SAYS: dict[type, Callable[[Parties, Any], dict[str, Any]]] = {
    CaseVerifyRequested: lambda _, fact: {"verifier": fact.unit},
    CaseAccepted: _accepted,
    CaseFiled: lambda _, fact: {"privacy": fact.privacy},
    CaseDispatched: _dispatched,
    CaseConsultOpened: lambda _, fact: {"decides": fact.superior},
    CaseDesignated: lambda _, fact: {"awaited": fact.co_handlers, "former_lead": None},
    CaseEscalated: _escalated,
    CaseCalledIn: lambda known, fact: {"awaited": tuple(dict.fromkeys([*known.awaited, *fact.units]))},
    # what called them in ends with the order
    **dict.fromkeys([CaseHandled, CaseMerged, CaseReclassified], lambda *_: {"awaited": ()}),
    CaseCheckRequested: lambda _, fact: {"checker": fact.unit},
    CaseUrgencyChanged: _endangered,
    CasePrivacyChanged: lambda _, fact: {"privacy": fact.after},
    ApprovalObjection: _objected,
    ApprovalObjectionAnswered: lambda known, fact: {"objected": _without_one(known.objected, fact.unit)},
    **dict.fromkeys(get_args(Turn), _turn),
}
