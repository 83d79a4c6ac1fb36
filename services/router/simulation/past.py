"""A past report as the question that it was: what was counted beside it stands in the reasons of its decision."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contracts.facts.report import Place, ReportedFacts
from services.router.decision.question import Question
from services.router.rulesets.urgency_rules import SoftPoints, Steps


def question_of(
    case: dict[str, Any], reasons: Iterable[dict[str, Any]], grid: str, at: datetime, soft: SoftPoints
) -> Question:
    """`case` is as it is kept, `soft` are the points that were in force: they tell counts from points."""
    points = {reason["rule"]: reason.get("points", 0) for reason in reasons}
    return Question(
        text=case["text"],
        at=at,
        grid=grid,
        category=case.get("wanted_category"),
        kind=case.get("kind"),
        channel=case["channel"],
        place=Place(**case["place"]),
        facts=ReportedFacts(**case.get("stated", {})),
        confidential=case.get("confidential", False),
        near_sensitive_place="S2" in points,
        same_reporter=_least(soft.same_reporter, points.get("S3", 0)),
        distinct_reporters=_least(soft.distinct_reporters, points.get("S4", 0)),
        weather_points=points.get("S5", 0),
        recent_same_component="S8" in points,
    )


def _least(steps: Steps, points: int) -> int:
    """From how many on there are so many points."""
    return min((count for count, worth in steps if points and worth >= points), default=1)
