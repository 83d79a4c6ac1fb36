"""I8: merges are one level deep and keep every reporter, whatever is merged into what, parted again and reported."""

from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.vocabulary import CaseState
from services.router.duplicates.candidates import candidate_of
from services.router.duplicates.linking import Surroundings, link_batch
from services.router.duplicates.opening import Opening
from services.router.workflow.case import Case
from services.router.workflow.commands.linking import MergeData, UnmergeData
from services.router.workflow.joining import after_merge
from services.router.workflow.lifecycle import Forbidden, Incomplete, perform
from services.router.workflow.reported import new_case
from services.router.workflow.situation import Around, Joined
from tests.router.builders import a_moment, some_rules
from tests.router.playing import DISPATCHER, opened
from tests.router.several_reports import a_report_by

RULES = some_rules()
_MANY = 5


class Desk:
    """Cases as the store keeps them, and merges as a command does them."""

    def __init__(self) -> None:
        cases = (opened().case for _ in range(_MANY))
        self.cases: dict[UUID, Case] = {case.case_id: case for case in cases}
        self.reports = {case.report_id for case in self.cases.values()}

    def joined(self, case_id: UUID) -> Iterator[Case]:
        return (each for each in self.cases.values() if each.master == case_id and each.state == "merged")

    def merge(self, one: Case, other: Case) -> None:
        data = MergeData(master_case_id=other.case_id)
        children, known = list(self.joined(one.case_id)), self._reports_of(other, one)
        with suppress(Forbidden, Incomplete):
            merged, _ = perform(one, "merge", data, DISPATCHER, RULES, a_moment(), Around(master=other))
            changes = [*after_merge(merged, other, children, known, RULES, a_moment())]
            self.cases |= {case.case_id: case for case, _ in [(merged, []), *changes]}

    def unmerge(self, one: Case) -> None:
        data = UnmergeData(reason="not the same")
        with suppress(Forbidden, Incomplete):
            self.cases[one.case_id], _ = perform(
                one, "unmerge", data, DISPATCHER, RULES, a_moment(), Around()
            )

    def _reports_of(self, *cases: Case) -> Around:
        all_of = [each for case in cases for each in (case, *self.joined(case.case_id))]
        return Around(joined=tuple(Joined(each.report_id, each.reporter_ref) for each in all_of))


_STEPS = st.tuples(
    st.sampled_from(["merge", "merge", "unmerge"]), st.integers(0, _MANY - 1), st.integers(0, _MANY - 1)
)


@given(st.lists(_STEPS, max_size=12))
@settings(max_examples=100)
def test_whatever_is_merged_and_parted(steps: list[tuple[str, int, int]]) -> None:
    desk = Desk()
    ids = list(desk.cases)
    for step, one, other in steps:
        if step == "merge":
            desk.merge(desk.cases[ids[one]], desk.cases[ids[other]])
        else:
            desk.unmerge(desk.cases[ids[one]])
        _one_level_deep(desk.cases)
        worked = [case for case in desk.cases.values() if case.state is not CaseState.MERGED]
        kept = [each.report_id for case in worked for each in (case, *desk.joined(case.case_id))]
        assert sorted(kept) == sorted(desk.reports), "each report is with one case that is worked"


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "anna", "bert", "carl"]),
            st.sampled_from([None, "L1", "L2"]),
            st.sampled_from(["路灯不亮", "路灯着火了"]),
        ),
        max_size=12,
    )
)
@settings(max_examples=100)
def test_whatever_comes_in_one_batch(reports: list[tuple[str | None, str | None, str]]) -> None:
    cases = [new_case(a_report_by(who, component_id=what, text=text)) for who, what, text in reports]
    linked = link_batch([candidate_of(case, "D111", RULES) for case in cases], [Surroundings()] * len(cases))
    opening = Opening({}, RULES)
    opened = [
        each
        for case, links in zip(cases, linked, strict=True)
        for each in opening.open(case, "D111", links, None, a_moment())
    ]
    found = {case.case_id: case for case, _ in (*opened, *opening.changed())}
    assert found.keys() == {case.case_id for case in cases}
    _one_level_deep(found)
    for case in found.values():
        if case.master is not None:
            master = found[case.master]
            assert case.urgency.level <= master.urgency.level


def _one_level_deep(cases: dict[UUID, Case]) -> None:
    for case in cases.values():
        if case.state is CaseState.MERGED:
            assert case.master is not None
            assert cases[case.master].state is not CaseState.MERGED
