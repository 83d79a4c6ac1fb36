"""How soon somebody must act, from the category and from what the reporter stated (domain §11.2)."""

from collections.abc import Iterator

from contracts.facts.case import Reason
from contracts.facts.report import ReportedFacts
from contracts.vocabulary import Urgency
from services.router.rulesets.ruleset import Category

# structured answers act as the floors of the same name: field, least count, floor
_FLOORS = (
    ("F04", "trapped", 1, Urgency.CRITICAL),
    ("F06", "crowd", 5, Urgency.CRITICAL),
    ("F07", "injured", 1, Urgency.URGENT),
)


def urgency_of(category: Category, stated: ReportedFacts) -> tuple[Urgency, list[Reason]]:
    """The highest of the category's level and the floors that hold, and the rules that spoke."""
    reasons = [Reason(rule="base", effect=category.urgency), *_floors(stated)]
    return max((Urgency(reason.effect) for reason in reasons), key=lambda urgency: urgency.level), reasons


def _floors(stated: ReportedFacts) -> Iterator[Reason]:
    for rule, field, least, floor in _FLOORS:
        if getattr(stated, field) >= least:
            yield Reason(rule=rule, effect=floor)
