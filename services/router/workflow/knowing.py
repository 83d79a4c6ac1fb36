"""Who may hear of a case, and so be named in what is stated of it (domain §8.2, §8.3)."""

from collections.abc import Iterable

from contracts.vocabulary import Privacy, Tier
from services.router.decision.guards import Matter, accused_units, is_in_conflict
from services.router.decision.question import Question
from services.router.directory.directory import Unit
from services.router.workflow.situation import Situation, general_above
from services.router.workflow.standing_in import involved_now


def matter_of(at: Situation) -> Matter:
    """What the guards of an assignment look at, of a case that was decided before."""
    case, directory = at.case, at.rules.directory
    question = Question(text=case.text, at=at.at, grid=at.grid or "", category=case.category)
    return Matter(question, at.category, accused_units(question, at.category, directory), directory)


def may_hear(unit: Unit, at: Situation) -> bool:
    """Nobody complained of, nor who reports to one; of what is sealed those who act on it and those above them."""
    if is_in_conflict(unit, matter_of(at)):
        return False
    if at.case.privacy is not Privacy.SEALED:
        return True
    directory = at.rules.directory
    return any(unit.code in directory.above(acting) for acting in involved_now(at.case, directory))


def first_to_hear(units: Iterable[Unit | None], at: Situation) -> Unit | None:
    return next((unit for unit in units if unit is not None and may_hear(unit, at)), None)


def general_to_hear(tier: Tier | None, at: Situation, steps: int = 1) -> Unit | None:
    """The general unit `steps` tiers above `tier`, or the next above that may hear of it."""
    generals = {each: unit for each, unit in at.generals.items() if may_hear(unit, at)}
    return general_above(tier, generals, steps)
