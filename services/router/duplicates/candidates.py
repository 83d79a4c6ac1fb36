"""A case seen as one that may be another's matter."""

from contracts.likeness import Matter
from contracts.vocabulary import Privacy, Tier
from services.router.directory.directory import Directory
from services.router.duplicates.score import Candidate
from services.router.rulesets.ruleset import Ruleset
from services.router.workflow.case import Case


def candidate_of(case: Case, grid: str | None, directory: Directory, ruleset: Ruleset) -> Candidate:
    """Of a new report, before or after its decision: the category as decided, else as it was asked for."""
    category = ruleset.category(case.category or case.wanted_category)
    chain = directory.chain(grid or "")
    place = case.place
    return Candidate(
        case_id=case.case_id,
        matter=Matter(
            category.code,
            case.text,
            case.reported_at,
            lon=place.lon,
            lat=place.lat,
            component_id=place.component_id,
        ),
        grid=grid,
        community=chain.get(Tier.COMMUNITY),
        district=chain.get(Tier.DISTRICT),
        privacy=case.privacy if case.privacy is not Privacy.OPEN else category.privacy,
        confidential=case.confidential,
        reporters=frozenset(filter(None, (case.reporter_ref,))),
    )
