"""Who must not lead a case, whatever else speaks for him (domain §11.3, §11.4, §8.2)."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from contracts.vocabulary import Tier
from services.router.decision.question import Question
from services.router.directory.directory import Directory, Unit
from services.router.rulesets.ruleset import ABOUT_STAFF, Category

_LEVEL = {tier: level for level, tier in enumerate(Tier)}


class Objection(StrEnum):
    PUSHED_DOWN = "pushed_down"
    ELSEWHERE = "elsewhere"
    CONFLICT = "conflict"
    OFF_DUTY = "off_duty"


class Matter(NamedTuple):
    """What the guards look at; `accused` are the units complained of."""

    question: Question
    category: Category
    accused: frozenset[str]
    directory: Directory


def objection_to(unit: Unit, matter: Matter) -> Objection | None:
    """The first thing that keeps `unit` from leading; None when it may."""
    return next((objection for objection, holds in _GUARDS if holds(unit, matter)), None)


def accused_units(question: Question, category: Category, directory: Directory) -> frozenset[str]:
    """Units named, the units of persons named, and for a complaint about staff those who may be meant."""
    named = {unit for code in question.complained_of for unit in directory.units_of(code)}
    general = directory.generals(question.grid)
    meant = {general[tier].code for tier in ABOUT_STAFF.get(category.code, ()) if tier in general}
    return frozenset(named | meant)


def is_pushed_down(unit: Unit, matter: Matter) -> bool:
    """Work goes up freely and never below its row's tier: the lists of grid and community are the rows that name
    these tiers, and what is on no list of theirs is not theirs to do."""
    return _LEVEL[unit.tier] < _LEVEL[matter.category.tier]


def is_elsewhere(unit: Unit, matter: Matter) -> bool:
    """Its jurisdiction does not contain the grid."""
    return matter.directory.chain(matter.question.grid).get(unit.tier) != unit.area


def is_in_conflict(unit: Unit, matter: Matter) -> bool:
    """It is complained of, or reports to one that is."""
    return bool(matter.accused) and not matter.accused.isdisjoint(matter.directory.above(unit.code))


def is_off_duty(unit: Unit, matter: Matter) -> bool:
    return not matter.directory.on_duty(unit.code, matter.question.at)


# hard ones first: the district's duty line may be asked in spite of the last, in spite of the others nobody
_GUARDS: tuple[tuple[Objection, Callable[[Unit, Matter], bool]], ...] = (
    (Objection.PUSHED_DOWN, is_pushed_down),
    (Objection.ELSEWHERE, is_elsewhere),
    (Objection.CONFLICT, is_in_conflict),
    (Objection.OFF_DUTY, is_off_duty),
)
