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


def _hearing(units: Iterable[Unit], at: Situation) -> list[Unit]:
    """None complained of, nor who reports to one; of what is sealed those who act on it and those above them."""
    matter, directory = matter_of(at), at.rules.directory
    fit = [unit for unit in units if not is_in_conflict(unit, matter)]
    if at.case.privacy is not Privacy.SEALED:
        return fit
    acting = involved_now(at.case, directory)
    return [unit for unit in fit if any(unit.code in directory.above(each) for each in acting)]


def first_to_hear(units: Iterable[Unit | None], at: Situation) -> Unit | None:
    return next(iter(_hearing(filter(None, units), at)), None)


def all_to_hear(tiers: Iterable[Tier], at: Situation) -> tuple[str, ...]:
    """The general units of those tiers, as far as they may hear of the case."""
    return tuple(unit.code for unit in _hearing(filter(None, map(at.generals.get, tiers)), at))


def general_to_hear(tier: Tier | None, at: Situation, steps: int = 1) -> Unit | None:
    """The general unit `steps` tiers above `tier`, or the next above that may hear of it."""
    generals = at.generals or _of_the_only_district(at)
    hearing = _hearing(generals.values(), at)
    return general_above(tier, {each: unit for each, unit in generals.items() if unit in hearing}, steps)


def _of_the_only_district(at: Situation) -> dict[Tier, Unit]:
    """Of what waits at the desk for its place: wherever that is, it lies in there."""
    directory = at.rules.directory
    return directory.generals(directory.districts[0].code) if len(directory.districts) == 1 else {}
