"""How each report of a batch hangs together with the cases there are, and with those before it in the batch."""

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.likeness import SUGGESTED, Likeness, class_of, kind_of, metres_between, radius_of
from contracts.vocabulary import Privacy
from services.router.duplicates.score import Candidate, Judged, Verdict, judge, may_ask_again, may_be_one

RECURRENCE = timedelta(days=30)
_SUGGESTIONS = 3
_REMEMBERED = 50  # of a class within one batch: what merges is not kept, so a surge stays few


class Kind(StrEnum):
    """The four that are called duplicate, but for the retry of a message, which intake answers."""

    CHASER = "chaser"
    SAME_MATTER = "same_matter"


@dataclass(frozen=True)
class Surroundings:
    """What the store found around a report; `same_reporter` counts this report too, so the first time is 1."""

    open: tuple[Candidate, ...] = ()
    closed: tuple[Candidate, ...] = ()
    same_reporter: int = 1


@dataclass(frozen=True)
class Into:
    """The open case that the report's own case is merged into at once, and why."""

    master: UUID
    kind: Kind
    likeness: Likeness


@dataclass(frozen=True)
class Suggestion:
    master: UUID
    likeness: Likeness


@dataclass(frozen=True)
class Linked:
    """What becomes of a report, and what its decision may count (soft points S3, S4, S8)."""

    into: Into | None = None
    suggestions: tuple[Suggestion, ...] = ()
    recurrence_of: UUID | None = None
    same_reporter: int = 1
    distinct_reporters: int = 1

    @property
    def recent_same_component(self) -> bool:
        return self.recurrence_of is not None


def link_batch(new: Sequence[Candidate], around: Sequence[Surroundings]) -> list[Linked]:
    """In the order of the batch: a report that opens a case may be the master of a later one."""
    batch = _Batch()
    return [batch.link(report, found) for report, found in zip(new, around, strict=True)]


def masters_among(linked: Iterable[Linked]) -> list[UUID]:
    """The cases that reports of the batch join, be they of the batch or not."""
    return [links.into.master for links in linked if links.into is not None]


def with_handled(around: Sequence[Surroundings], handled: Collection[UUID]) -> list[Surroundings]:
    """What was found, after some of the open cases were handled."""
    return [
        replace(
            found,
            open=tuple(replace(case, handled=case.handled or case.case_id in handled) for case in found.open),
        )
        for found in around
    ]


def link(new: Candidate, found: Surroundings, masters: Sequence[Candidate]) -> Linked:
    """One report against open `masters`; in what follows from it nothing else is looked up."""
    conceivable = (master for master in masters if master.case_id != new.case_id and may_be_one(new, master))
    judged = [(master, judge(new, master)) for master in conceivable]
    judged.sort(key=lambda each: (-each[1].likeness.score, each[0].matter.at, each[0].case_id))
    into = next(_mergers(new, judged), None)
    if into is not None:
        reporters = new.reporters.union(
            *(master.reporters for master in masters if master.case_id == into.master)
        )
        return Linked(into=into, same_reporter=found.same_reporter, distinct_reporters=max(1, len(reporters)))
    return Linked(
        suggestions=_suggestions(judged),
        recurrence_of=_recurrence_of(new, (*found.closed, *(each for each in masters if each.handled))),
        same_reporter=found.same_reporter,
    )


class _Batch:
    """The masters as the batch has changed them so far: new ones, and new reporters of old ones."""

    def __init__(self) -> None:
        self._opened: dict[tuple[str, str | None], deque[UUID]] = defaultdict(
            lambda: deque(maxlen=_REMEMBERED)
        )
        self._now: dict[UUID, Candidate] = {}
        self._asked: Counter[tuple[str, str, str | None]] = Counter()

    def link(self, new: Candidate, found: Surroundings) -> Linked:
        masters = {master.case_id: self._now.get(master.case_id, master) for master in found.open}
        masters |= {case_id: self._now[case_id] for key in _keys(new) for case_id in self._opened[key]}
        before = replace(found, same_reporter=found.same_reporter + self._asked_before(new))
        linked = link(new, before, list(masters.values()))
        if linked.into is None:
            for key in _keys(new):
                self._opened[key].append(new.case_id)
            self._now[new.case_id] = new
        else:
            self._now[linked.into.master] = _joined(masters[linked.into.master], new)
        return linked

    def _asked_before(self, new: Candidate) -> int:
        """How often the reporter asked in this batch already; this time is counted for the next."""
        keys = [(reporter, class_of(new.matter.category), new.community) for reporter in new.reporters]
        before = max((self._asked[key] for key in keys), default=0)
        self._asked.update(keys)
        return before


def _keys(case: Candidate) -> Iterator[tuple[str, str | None]]:
    """Cases that share none of these are two matters."""
    kind = class_of(case.matter.category)
    yield kind, case.community
    if kind_of(case.matter.category).widespread:
        yield kind, case.district
    if case.matter.component_id is not None:
        yield "component", case.matter.component_id


def _joined(master: Candidate, new: Candidate) -> Candidate:
    """The master with what the report adds to it: a reporter, a later time, the component if none was named."""
    matter = replace(
        master.matter,
        at=max(master.matter.at, new.matter.at),
        component_id=master.matter.component_id or new.matter.component_id,
    )
    return replace(master, reporters=master.reporters | new.reporters, matter=matter)


def _mergers(new: Candidate, judged: Sequence[tuple[Candidate, Judged]]) -> Iterator[Into]:
    """The likeliest first; one's own matter before another's."""
    for master, found in judged:
        if (
            found.verdict is not Verdict.NEW
            and found.likeness.score >= SUGGESTED
            and may_ask_again(new, master)
        ):
            yield Into(master.case_id, Kind.CHASER, found.likeness)
    for master, found in judged:
        if found.verdict is Verdict.AUTOMATIC:
            yield Into(master.case_id, Kind.SAME_MATTER, found.likeness)


def _suggestions(judged: Sequence[tuple[Candidate, Judged]]) -> tuple[Suggestion, ...]:
    asked = (
        Suggestion(master.case_id, found.likeness)
        for master, found in judged
        if found.verdict is Verdict.SUGGEST
    )
    return tuple(asked)[:_SUGGESTIONS]


def _recurrence_of(new: Candidate, done: Sequence[Candidate]) -> UUID | None:
    """The case that was closed last, at most 30 days ago, of the same component, or of the place and class; one that is
    handled and not closed yet comes after all that are."""
    again = [case for case in done if case.case_id != new.case_id and _comes_back(new, case)]
    last = max(again, key=lambda case: (_done_at(new, case), case.case_id), default=None)
    return last.case_id if last else None


def _done_at(new: Candidate, done: Candidate) -> datetime:
    return done.closed_at or new.matter.at


def _comes_back(new: Candidate, closed: Candidate) -> bool:
    """Never what is sealed: whoever sees the new case would learn of it."""
    if closed.privacy is Privacy.SEALED:
        return False
    kind = kind_of(new.matter.category)
    if not kind.recurs or new.matter.at - _done_at(new, closed) > RECURRENCE:
        return False
    if new.matter.component_id and closed.matter.component_id:
        return new.matter.component_id == closed.matter.component_id
    metres = metres_between(new.matter, closed.matter)
    same_class = class_of(new.matter.category) == class_of(closed.matter.category)
    return same_class and metres is not None and metres <= radius_of(new.matter, closed.matter)
