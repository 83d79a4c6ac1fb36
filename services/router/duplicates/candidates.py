"""A case seen as one that may be another's matter."""

from functools import partial

from contracts.likeness import Matter
from contracts.vocabulary import Tier, Urgency
from services.router.decision.classification import likely_code
from services.router.decision.question import Question
from services.router.decision.routing import procedure_of
from services.router.decision.urgency import urgency_of
from services.router.duplicates.score import Candidate, danger_of
from services.router.rulesets.ruleset import Category
from services.router.workflow.case import Case
from services.router.workflow.situation import Rules


def candidate_of(case: Case, grid: str | None, rules: Rules, *, handled: bool = False) -> Candidate:
    """Of a new report, before its decision: the category as it will be decided."""
    code, _ = likely_code(case.wanted_category, case.text, rules.ruleset, rules.classify)
    category = rules.ruleset.category(code)
    chain = rules.directory.chain(grid or "")
    place = case.place
    return Candidate(
        case_id=case.case_id,
        matter=Matter(
            code,
            case.text,
            case.reported_at,
            lon=place.lon,
            lat=place.lat,
            component_id=place.component_id,
        ),
        grid=grid,
        community=chain.get(Tier.COMMUNITY),
        district=chain.get(Tier.DISTRICT),
        privacy=category.privacy,
        confidential=case.confidential,
        handled=handled,
        reporters=frozenset(filter(None, (case.reporter_ref,))),
        danger=partial(_danger_of, case, category, rules, tuple(chain.values())),
    )


def _danger_of(case: Case, category: Category, rules: Rules, areas: tuple[str, ...]) -> int:
    """By its words and what its form states, without the points for what lies around it."""
    said = Question(text=case.text, at=case.reported_at, grid="", facts=case.stated)
    spoke = urgency_of(said, category, rules.ruleset, areas).reasons
    levels = (Urgency(each.effect) for each in spoke if each.points is None and each.effect in _LEVELS)
    urgency = max(levels, key=lambda level: level.level)
    return danger_of(procedure_of(category, urgency), urgency)


_LEVELS = frozenset(Urgency)
