"""Who has to do with a case, remembered, so that a filter on units also catches the facts that name no unit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from contracts.envelope import CaseEnvelope, Fact
from contracts.facts.approval import Turn
from contracts.facts.case import (
    CaseDesignated,
    CaseDispatched,
    CaseEscalated,
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
    units = _units(known, event.data) if event.case_version > known.units_version else None
    if units is not None:
        known = replace(units, units_version=event.case_version)
    privacy = privacy_in(event.data) if event.case_version > known.privacy_version else None
    if privacy is not None:
        known = replace(known, privacy=privacy, privacy_version=event.case_version)
    return known


def units_named(fact: Fact) -> frozenset[str]:
    """Every unit that the fact itself names, but for those that are only told."""
    single = (fact.said(name) for name in _ONE_UNIT)
    several = (unit for name in _SOME_UNITS for unit in fact.said(name, ()))
    return _present([*single, *several])


def _units(known: Involved, fact: Fact) -> Involved | None:
    match fact:
        case CaseDispatched():
            return replace(known, lead=fact.lead, co_handlers=fact.co_handlers, copies=fact.copies)
        case CaseDesignated():
            return replace(known, lead=fact.lead, co_handlers=fact.co_handlers)
        case CaseEscalated():
            # the former lead helps from now on, whether or not the fact repeats it
            helpers = dict.fromkeys([*fact.co_handlers, fact.former_lead])
            copies = known.copies if fact.copies is None else fact.copies
            return replace(known, lead=fact.lead, co_handlers=tuple(helpers), copies=copies)
        case CaseUrgencyChanged() if fact.copies is not None:
            return replace(known, copies=fact.copies)
        case _ if isinstance(fact, Turn) and fact.unit:
            # whose turn it was may still see it
            return replace(known, lead=fact.unit, copies=_also(known.copies, known.lead))
    return None


def _also(units: tuple[str, ...], unit: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*units, *([unit] if unit else [])]))


def _present(units: Iterable[str | None]) -> frozenset[str]:
    return frozenset(unit for unit in units if unit)
