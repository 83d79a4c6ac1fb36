"""What a report is about: the category that was given, else one that a classifier is sure enough of."""

from typing import Protocol

from contracts.facts.case import Reason
from services.router.decision.question import Question
from services.router.rulesets.ruleset import Category, Ruleset


class Classifier(Protocol):
    """Proposes a category for a text, and how sure it is of it (0 to 1); None when it has nothing to say."""

    def __call__(self, text: str, /) -> tuple[str, float] | None: ...


def nobody_classifies(text: str, /) -> tuple[str, float] | None:
    return None


def classified(question: Question, ruleset: Ruleset, classify: Classifier) -> tuple[Category, Reason]:
    """A person decides what neither the reporter nor a sure proposal says; a proposal never overrides a given one.

    The row of what is not classified has the lowest urgency of all, so a proposal raises urgency or leaves it.
    """
    category = ruleset.category(question.category)
    if question.category == category.code:
        return category, Reason(rule="category.given", effect=category.code)
    proposed = classify(question.text)
    if proposed is not None and proposed[1] >= ruleset.least_confidence:
        likely = ruleset.category(proposed[0])
        if likely is not category:
            return likely, Reason(rule="category.proposed", effect=likely.code)
    return category, Reason(rule="category.unclassified", effect=category.code)
