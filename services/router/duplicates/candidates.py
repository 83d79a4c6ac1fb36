"""A case seen as one that may be another's matter."""

from contracts.likeness import Matter
from contracts.vocabulary import Tier
from services.router.decision.classification import likely_code
from services.router.duplicates.score import Candidate
from services.router.workflow.case import Case
from services.router.workflow.situation import Rules


def candidate_of(case: Case, grid: str | None, rules: Rules) -> Candidate:
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
        reporters=frozenset(filter(None, (case.reporter_ref,))),
    )
