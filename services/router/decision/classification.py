"""What a report is about: the category that was given, else one that a classifier is sure enough of."""

from typing import Protocol

from contracts.facts.reason import Reason
from services.router.classification.classifier import NOTHING, Proposal
from services.router.decision.question import Question
from services.router.directory.directory import Directory
from services.router.rulesets.for_area import category_in
from services.router.rulesets.ruleset import Category, Ruleset


class Classifier(Protocol):
    """Proposes a category for a text, and says how sure it is of it."""

    def __call__(self, text: str, /) -> Proposal: ...


def nobody_classifies(text: str, /) -> Proposal:
    return NOTHING


def classified(
    question: Question, directory: Directory, ruleset: Ruleset, classify: Classifier
) -> tuple[Category, Reason]:
    """The category as it holds in the grid's areas, and what said so.

    The row of what is not classified has the lowest urgency of all, so a proposal raises urgency or leaves it.
    """
    code, rule = likely_code(question.category, question.text, ruleset, classify)
    category = category_in(ruleset, code, tuple(directory.chain(question.grid).values()))
    return category, Reason(rule=rule, effect=category.code)


def likely_code(wanted: str | None, text: str, ruleset: Ruleset, classify: Classifier) -> tuple[str, str]:
    """The code and the rule that says it: a person decides what neither the reporter nor a sure proposal says; a
    proposal never overrides a given one."""
    if wanted is not None and wanted in ruleset.categories:
        return wanted, "category.given"
    unclassified = ruleset.category(None).code
    proposed, confidence, _ = classify(text)
    if proposed is None or confidence < ruleset.least_confidence or proposed not in ruleset.categories:
        return unclassified, "category.unclassified"
    return proposed, "category.unclassified" if proposed == unclassified else "category.proposed"
