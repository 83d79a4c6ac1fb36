"""The cases of a batch of reports as they come to be: each beside the open case that it joins, if there is one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from uuid import UUID

from contracts.envelope import SYSTEM
from contracts.vocabulary import CaseState
from services.router.duplicates.linking import Kind, Linked
from services.router.workflow.beside import opened_beside
from services.router.workflow.case import Case
from services.router.workflow.commands.linking import RemindData
from services.router.workflow.joining import after_merge
from services.router.workflow.lifecycle import CaseEvent, Incomplete, open_case, perform
from services.router.workflow.raising import Changed
from services.router.workflow.situation import Around, Joined, Moment, OnSpot, Rules


class Opening:
    """`masters` are the open cases that reports of the batch may join, locked; a report may also join one before it."""

    def __init__(self, masters: dict[UUID, Case], rules: Rules) -> None:
        self._cases = dict(masters)
        self._events: dict[UUID, list[CaseEvent]] = defaultdict(list)
        self._rules = rules
        self._beside: list[Changed] = []

    def open(
        self, case: Case, grid: str | None, linked: Linked, on_spot: OnSpot | None, moment: Moment
    ) -> Iterator[Changed]:
        """The case of a report, and the emergency beside it if it is one too.

        What a grid worker has settled already is registered so; what his guard refuses goes the ordinary way; what
        nobody may lead waits at the intake desk.
        """
        around = Around(
            grid=grid,
            same_reporter=linked.same_reporter,
            distinct_reporters=linked.distinct_reporters,
            recurrence_of=linked.recurrence_of,
        )
        ways = (*self._settled(around, on_spot), *self._joined(around, linked, on_spot), around, Around())
        opened, way = self._first_possible(case, ways, moment)
        events = self._events.pop(opened.case_id)
        yield opened, events
        if emergency := opened_beside(case, opened, events, self._rules, moment):
            yield emergency
        if opened.state is CaseState.MERGED and way.master is not None:
            self._tell_master(opened, way.master, linked, around, moment)

    def changed(self) -> list[Changed]:
        """The masters to which something happened, those of the batch too: since they were opened."""
        return [(self._cases[case_id], said) for case_id, said in self._events.items()]

    def beside(self) -> list[Changed]:
        """The emergencies of masters that are applications and turned critical."""
        return self._beside

    def _first_possible(self, case: Case, ways: Iterable[Around], moment: Moment) -> tuple[Case, Around]:
        *tried, last = ways
        for way in tried:
            with suppress(Incomplete):
                return self._keep(open_case(case, way, self._rules, moment)), way
        return self._keep(open_case(case, last, self._rules, moment)), last

    def _settled(self, around: Around, on_spot: OnSpot | None) -> Iterable[Around]:
        if on_spot is not None:
            yield around._replace(on_spot=on_spot)

    def _joined(self, around: Around, linked: Linked, on_spot: OnSpot | None) -> Iterable[Around]:
        """What was settled on the spot is joined to nothing by itself: somebody has done the work."""
        into = linked.into
        if into is not None and on_spot is None and (master := self._cases.get(into.master)) is not None:
            yield around._replace(master=master, alike=round(into.likeness.score, 4))

    def _tell_master(
        self, joined: Case, master: Case, linked: Linked, around: Around, moment: Moment
    ) -> None:
        """Who asks again is counted as a reminder of the case that is worked already."""
        before, into = master, linked.into
        if into is not None and into.kind is Kind.CHASER:
            reports = Around(joined=(Joined(joined.report_id, joined.reporter_ref),))
            reminded = RemindData(report_id=joined.report_id)
            master = self._keep(perform(master, "remind", reminded, SYSTEM, self._rules, moment, reports))
        for change in after_merge(joined, master, (), around, self._rules, moment):
            changed = self._keep(change)
            if emergency := opened_beside(before, changed, change[1], self._rules, moment):
                self._beside.append(emergency)

    def _keep(self, change: Changed) -> Case:
        case, events = change
        self._cases[case.case_id] = case
        self._events[case.case_id] += events
        return case
