"""Which reports must not wait behind a backlog: those that the full decision would call urgent or critical."""

from datetime import datetime
from typing import Any

import orjson

from contracts.events import TYPES
from contracts.facts.report import ReportedFacts, ReportSubmitted
from contracts.vocabulary import Urgency
from services.router.decision.classification import likely_code
from services.router.decision.question import Question
from services.router.decision.urgency import mentioned, urgency_of
from services.router.workflow.situation import Rules

_REPORTED = TYPES[ReportSubmitted]
_URGENT = Urgency.URGENT.level


def cannot_wait(value: bytes, rules: Rules, now: datetime) -> bool:
    """A first look at a record's bytes, some microseconds for most; True when in doubt.

    Only a report overtakes: what is said of one afterwards finds no case while that one waits. What the look cannot
    know are soft points that lie in the past of the reporter or the place (S2 to S4, S5, S8).
    """
    try:
        event = orjson.loads(value)
        return event["type"] == _REPORTED and _is_urgent(event["data"], rules, now)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False  # not a report of ours: whoever works all of them says so


def _is_urgent(report: dict[str, Any], rules: Rules, now: datetime) -> bool:
    text = report["text"]
    code, _ = likely_code(report.get("category"), text, rules.ruleset, rules.classify)
    category = rules.ruleset.category(code)
    if category.urgency.level >= _URGENT:
        return True
    facts = report.get("facts") or {}
    quiet = not any(facts.get(name) for name in ("injured", "trapped", "crowd"))
    areas = rules.ruleset.overrides  # where it lies is not asked yet: anybody's words may be meant
    if quiet and category.urgency is Urgency.GENERAL and not mentioned(text, rules.ruleset, areas):
        return False  # soft points lift by one level, and that is not enough
    question = Question(
        text=text,
        at=now.astimezone(rules.calendar.zone),
        grid="",
        channel=report["channel"],
        facts=ReportedFacts.model_validate(facts),
    )
    return urgency_of(question, category, rules.ruleset, areas).urgency.level >= _URGENT
