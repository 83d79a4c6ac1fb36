"""Who has to do with a case, remembered, so that a filter on units also catches the facts that name no unit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from contracts.envelope import CaseEnvelope, Fact
from contracts.facts.approval import ApprovalStarted, Turn
from contracts.facts.case import (
    CaseCalledIn,
    CaseDesignated,
    CaseDispatched,
    CaseEscalated,
    CaseHandled,
    CaseSigned,
    CaseUrgencyChanged,
)
from contracts.privacy import privacy_in
from contracts.vocabulary import Privacy

_ONE_UNIT = ("lead", "former_lead", "unit", "superior")
_SOME_UNITS = ("co_handlers", "units")


@dataclass(frozen=True)
class Involved:
    """What the newest facts said, each with the case version that said it."""

    lead: str | None = None
    co_handlers: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    units_version: int = 0
    privacy: Privacy | None = None
    privacy_version: int = 0

    @property
    def acting(self) -> frozenset[str]:
        return _present([self.lead, *self.co_handlers])

    @property
    def told(self) -> frozenset[str]:
        return frozenset(self.copies)

    @property
    def units(self) -> frozenset[str]:
        return self.acting | self.told


NOBODY = Involved()


def involve(known: Involved, event: CaseEnvelope[Any]) -> Involved:
    """What is known after `event`; a fact that comes late never overrides a newer one."""
    acting = acting_after(event.data, known)
    if event.case_version > known.units_version:
        if acting:
            known = replace(known, **acting, units_version=event.case_version)
        known = replace(known, **led_after(event.data, lead=known.lead))
    privacy = privacy_in(event.data) if event.case_version > known.privacy_version else None
    if privacy is not None:
        known = replace(known, privacy=privacy, privacy_version=event.case_version)
    return known


def units_named(fact: Fact) -> frozenset[str]:
    """Every unit that the fact itself names, but for those that are only told."""
    single = (fact.said(name) for name in _ONE_UNIT)
    several = (unit for name in _SOME_UNITS for unit in fact.said(name, ()))
    return _present([*single, *several])


class Acting(Protocol):
    """Who leads, helps and is told."""

    @property
    def lead(self) -> str | None: ...
    @property
    def co_handlers(self) -> tuple[str, ...]: ...
    @property
    def copies(self) -> tuple[str, ...]: ...


def acting_after(fact: Fact, before: Acting) -> dict[str, Any]:
    """What `fact` says of who leads, helps and is told from now on."""
    match fact:
        case CaseDispatched():
            return {"lead": fact.lead, "co_handlers": fact.co_handlers, "copies": fact.copies}
        case CaseDesignated():
            return {"lead": fact.lead, "co_handlers": fact.co_handlers}
        case CaseEscalated():
            # the former lead helps from now on, whether or not the fact repeats it
            helpers = tuple(dict.fromkeys([*fact.co_handlers, fact.former_lead]))
            told = before.copies if fact.copies is None else fact.copies
            return {"lead": fact.lead, "co_handlers": helpers, "copies": told}
        case CaseUrgencyChanged() if fact.copies is not None:
            return {"copies": fact.copies}
        case CaseCalledIn():
            return {"co_handlers": tuple(dict.fromkeys([*before.co_handlers, *fact.units]))}
        case ApprovalStarted():
            # who led or helped with an order before may see it no more: it has been no matter of his
            return {"lead": fact.unit, "co_handlers": ()}
        case _ if isinstance(fact, Turn) and fact.unit:
            # whose turn it was may still see it
            return {"lead": fact.unit, "co_handlers": (), "copies": _also(before.copies, before.lead)}
    return {}


def led_after(fact: Fact, *, lead: str | None) -> dict[str, Any]:
    """For a unit that a later directory has no longer another signs, or finishes: from then on that one leads."""
    stands_in = lead is not None and isinstance(fact, CaseSigned | CaseHandled)
    return {"lead": fact.said("unit") or lead} if stands_in else {}


def _also(units: tuple[str, ...], unit: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*units, *([unit] if unit else [])]))


def _present(units: Iterable[str | None]) -> frozenset[str]:
    return frozenset(unit for unit in units if unit)
