"""What follows from how alike a new report and an open case are: merged, suggested to a person, or two matters."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.likeness import (
    SUGGESTED,
    Likeness,
    Matter,
    kind_of,
    likeness,
    metres_between,
    radius_of,
)
from contracts.vocabulary import Privacy, Procedure, Urgency
from contracts.width import in_plain_width

AUTOMATIC = 0.9
_AREA_OUTAGE = "E05-12"
_UTILITIES = {
    "water": re.compile(r"水|water", re.I),
    "power": re.compile(r"电|power|electric", re.I),
    "gas": re.compile(r"气(?!温|味)|gas", re.I),
    "heat": re.compile(r"暖|供热|heat", re.I),
}


class Verdict(StrEnum):
    AUTOMATIC = "automatic"
    SUGGEST = "suggest"
    NEW = "new"


@dataclass(frozen=True)
class Candidate:
    """A case as merging sees it; `reporters` are the opaque references of its own and of those merged into it."""

    case_id: UUID
    matter: Matter
    grid: str | None = None
    community: str | None = None
    district: str | None = None
    privacy: Privacy = Privacy.OPEN
    confidential: bool = False
    reporters: frozenset[str] = frozenset()
    closed_at: datetime | None = None
    handled: bool = False
    """Its work is done and nobody is sent again for what joins it."""
    danger: Callable[[], int] = field(default=lambda: 0, compare=False)
    """As `danger_of` says it; asked only of the few that would merge by themselves."""


def danger_of(procedure: Procedure | None, urgency: Urgency) -> int:
    """An emergency has lines, limits and people who know at once, which nothing else has; 2 when it is critical."""
    return 0 if procedure is not Procedure.EMERGENCY else 1 + (urgency is Urgency.CRITICAL)


@dataclass(frozen=True)
class Judged:
    verdict: Verdict
    likeness: Likeness


def judge(new: Candidate, master: Candidate) -> Judged:
    """Whether `new` is the matter of the open case `master`, another reporter's (domain §7.3)."""
    found = likeness(new.matter, master.matter)
    if not within_one_area(new, master) or Privacy.SEALED in (new.privacy, master.privacy):
        return Judged(Verdict.NEW, found)
    certain = (found.score >= AUTOMATIC and found.same_component) or _one_outage(new, master)
    if certain and may_merge_alone(new, master):
        return Judged(Verdict.AUTOMATIC, found)
    return Judged(Verdict.SUGGEST if found.score >= SUGGESTED else Verdict.NEW, found)


def may_be_one(new: Candidate, master: Candidate) -> bool:
    """A quick no for most: another area, or a distance that leaves less than a suggestion's score (at most 0.65)."""
    if new.matter.component_id is not None and new.matter.component_id == master.matter.component_id:
        return True
    if not within_one_area(new, master):
        return False
    metres = metres_between(new.matter, master.matter)
    near = metres is not None and metres < radius_of(new.matter, master.matter)
    return near or _one_outage(new, master)


def may_ask_again(new: Candidate, master: Candidate) -> bool:
    """One reporter, and nothing that says these are two matters (催单)."""
    known_reporter = bool(new.reporters & master.reporters)
    return known_reporter and may_merge_alone(new, master) and not other_component(new, master)


def joins_by(case: Candidate) -> Iterator[str]:
    """What two reports must share for one to join the other without a person."""
    if case.matter.component_id is not None:
        yield f"component:{case.matter.component_id}"
    if case.matter.category == _AREA_OUTAGE and case.grid is not None:
        yield f"outage:{case.grid}"
    yield from (f"reporter:{reporter}" for reporter in case.reporters)


def may_merge_alone(new: Candidate, master: Candidate) -> bool:
    """Never without a person: disputes, each one's own affairs, what is confidential or sealed, what has become more
    dangerous than the case that is worked, and what is reported after that was handled."""
    if master.handled:
        return False
    alone = all(
        kind_of(case.matter.category).automatic
        and not case.confidential
        and case.privacy in (Privacy.OPEN, Privacy.RESTRICTED)
        for case in (new, master)
    )
    return alone and new.danger() <= master.danger()


def within_one_area(new: Candidate, master: Candidate) -> bool:
    """One component is one wherever it is filed; else one community, for an outage one district."""
    if new.matter.component_id and new.matter.component_id == master.matter.component_id:
        return True
    if kind_of(new.matter.category).widespread and kind_of(master.matter.category).widespread:
        return new.district is not None and new.district == master.district
    return new.community is not None and new.community == master.community


def other_component(new: Candidate, master: Candidate) -> bool:
    """Two lamps that stand side by side are two matters, if both were named."""
    one, other = new.matter.component_id, master.matter.component_id
    return one is not None and other is not None and one != other


def _one_outage(new: Candidate, master: Candidate) -> bool:
    """An area outage in one compound; the directory's smallest area, the grid, is drawn around a compound."""
    outages = {new.matter.category, master.matter.category} == {_AREA_OUTAGE}
    return outages and new.grid is not None and new.grid == master.grid and _may_be_one_utility(new, master)


def _may_be_one_utility(new: Candidate, master: Candidate) -> bool:
    """Water that is off is not merged into power that is off: the category alone does not tell."""
    one, other = (_utilities(case.matter.text) for case in (new, master))
    return not one or not other or bool(one & other)


def _utilities(text: str) -> set[str]:
    return {name for name, words in _UTILITIES.items() if words.search(in_plain_width(text))}
