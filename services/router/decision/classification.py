"""What a report is about: the category that was given, else one that a classifier is sure enough of."""

from typing import Protocol

from contracts.facts.case import Reason
from services.router.decision.question import Question
from services.router.directory.directory import Directory
from services.router.rulesets.for_area import category_in
from services.router.rulesets.ruleset import Category, Ruleset


class Classifier(Protocol):
    """Proposes a category for a text, and how sure it is of it (0 to 1); None when it has nothing to say."""

    def __call__(self, text: str, /) -> tuple[str | None, float]: ...


def nobody_classifies(text: str, /) -> tuple[str | None, float]:
    return None, 0.0


def classified(
    question: Question, directory: Directory, ruleset: Ruleset, classify: Classifier
) -> tuple[Category, Reason]:
    """A person decides what neither the reporter nor a sure proposal says; a proposal never overrides a given one.

    The row of what is not classified has the lowest urgency of all, so a proposal raises urgency or leaves it.
    """
    areas = tuple(directory.chain(question.grid).values())
    category = category_in(ruleset, question.category, areas)
    if question.category == category.code:
        return category, Reason(rule="category.given", effect=category.code)
    proposed, confidence = classify(question.text)
    if proposed is not None and confidence >= ruleset.least_confidence:
        likely = category_in(ruleset, proposed, areas)
        if likely is not category:
            return likely, Reason(rule="category.proposed", effect=likely.code)
    return category, Reason(rule="category.unclassified", effect=category.code)
