"""How a batch of reports hangs together: chasers, merges, suggestions, recurrences, in the order of the batch."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.vocabulary import Privacy
from services.router.duplicates.linking import Kind, Linked, Surroundings, link_batch
from services.router.duplicates.score import Candidate
from tests.router.builders import NOON
from tests.router.candidates import a_case

ANNA, BERT = frozenset({"anna"}), frozenset({"bert"})
LAMP = {"category": "C01-05", "component_id": "L1"}


def _link(new: Candidate, *open_: Candidate, closed: tuple[Candidate, ...] = (), said: int = 1) -> Linked:
    (linked,) = link_batch([new], [Surroundings(open_, closed, said)])
    return linked


def test_the_same_reporter_of_the_same_matter_asks_again() -> None:
    master = a_case(reporters=ANNA, days=-1)
    linked = _link(a_case(reporters=ANNA), master)
    assert linked.into is not None
    assert (linked.into.master, linked.into.kind) == (master.case_id, Kind.CHASER)
    assert linked.suggestions == ()


def test_one_who_joined_a_case_asks_again_too() -> None:
    master = a_case(reporters=ANNA | BERT)
    linked = _link(a_case(reporters=BERT), master)
    assert linked.into is not None
    assert linked.into.kind is Kind.CHASER


DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "another reporter": ({"reporters": ANNA}, {"reporters": BERT}),
    "nobody known": ({}, {}),
    "another lamp": ({"reporters": ANNA, **LAMP}, {"reporters": ANNA, **LAMP, "component_id": "L2"}),
    "a question, and another": ({"reporters": ANNA, "category": "V01-01"}, {"reporters": ANNA, "category": "V01-01"}),
    "in confidence": ({"reporters": ANNA, "confidential": True}, {"reporters": ANNA}),
}  # fmt: skip


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_is_only_suggested_to_a_person(name: str) -> None:
    new, master = (a_case(**about) for about in DIFFERENT[name])
    linked = _link(new, master)
    assert linked.into is None
    assert [suggestion.master for suggestion in linked.suggestions] == [master.case_id]


def test_the_likeliest_master_is_taken_and_of_equals_the_first() -> None:
    far, first, second = (
        a_case(reporters=ANNA, north=30, days=-1),
        a_case(reporters=ANNA, days=-2),
        a_case(reporters=ANNA, days=-1),
    )
    linked = _link(a_case(reporters=ANNA), far, first, second)
    assert linked.into is not None
    assert linked.into.master == second.case_id
    twins = a_case(**LAMP, days=-2), a_case(**LAMP, days=-1)
    linked = _link(a_case(**LAMP), *reversed(twins))
    assert linked.into is not None
    assert linked.into.master == twins[0].case_id


def test_a_report_of_the_same_component_joins_the_reporters_of_the_master() -> None:
    linked = _link(a_case(**LAMP, reporters=frozenset({"carl"})), a_case(**LAMP, reporters=ANNA | BERT))
    assert linked.into is not None
    assert (linked.into.kind, linked.distinct_reporters) == (Kind.SAME_MATTER, 3)


def test_a_component_that_the_second_report_names_joins_the_third_in_any_order() -> None:
    asked, plate, other = (
        a_case(category="C01-05", reporters=ANNA),
        a_case(**LAMP, reporters=ANNA),
        a_case(**LAMP, reporters=BERT),
    )
    for first, second in ((asked, plate), (plate, asked)):
        links = link_batch([first, second, other], [Surroundings()] * 3)
        assert [each.into.master if each.into else None for each in links] == [None, *[first.case_id] * 2]


def test_at_most_three_are_suggested_the_likeliest_first() -> None:
    masters = [a_case(north=metres) for metres in (40, 0, 20, 10, 30)]
    linked = _link(a_case(), *masters)
    assert [suggestion.master for suggestion in linked.suggestions] == [
        masters[index].case_id for index in (1, 3, 2)
    ]


def test_a_surge_in_one_batch_is_one_case() -> None:
    batch = [
        a_case(category="E05-12", text="停水了", north=number, reporters=frozenset({f"r{number}"}))
        for number in range(20)
    ]
    first, *others = link_batch(batch, [Surroundings()] * 20)
    assert first.into is None
    assert {linked.into.master if linked.into else None for linked in others} == {batch[0].case_id}
    assert [linked.distinct_reporters for linked in others] == list(range(2, 21))


def test_a_report_never_joins_one_that_has_been_merged_itself() -> None:
    """I8: merges are one level deep."""
    master = a_case(**LAMP, days=-1)
    batch = [a_case(**LAMP), a_case(**LAMP)]
    linked = link_batch(batch, [Surroundings((master,))] * 2)
    assert [each.into.master for each in linked if each.into] == [master.case_id] * 2


def test_how_often_a_reporter_has_said_it_counts_on_within_a_batch() -> None:
    batch = [a_case(reporters=ANNA) for _ in range(3)]
    linked = link_batch(batch, [Surroundings(same_reporter=2)] * 3)
    assert [each.same_reporter for each in linked] == [2, 3, 4]


RECURRENCES: dict[str, tuple[dict[str, Any], dict[str, Any], float, bool]] = {
    "the same component": (LAMP, LAMP | {"north": 500, "category": "C01-06"}, 29, True),
    "after 30 days": (LAMP, LAMP, 30, True),
    "after 31 days": (LAMP, LAMP, 31, False),
    "another component": (LAMP, LAMP | {"component_id": "L2"}, 1, False),
    "the same place and class": ({}, {"category": "E01-02", "north": 90}, 1, True),
    "another class": ({}, {"category": "E02-01"}, 1, False),
    "farther than it reaches": ({}, {"north": 120}, 1, False),
    "another question of the same street": ({"category": "V01-01"}, {"category": "V01-01"}, 1, False),
}


@pytest.mark.parametrize("name", RECURRENCES)
def test_what_comes_back(name: str) -> None:
    new, before, days, comes_back = RECURRENCES[name]
    earlier = a_case(**before, closed_at=NOON - timedelta(days=days))
    linked = _link(a_case(**new), closed=(earlier,))
    assert linked.recurrence_of == (earlier.case_id if comes_back else None)
    assert linked.recent_same_component is comes_back


@pytest.mark.parametrize("privacy", list(Privacy))
def test_what_is_sealed_is_named_by_no_other_case(privacy: Privacy) -> None:
    """Who sees the new one would learn that there is the sealed one."""
    earlier = a_case(**LAMP, closed_at=NOON - timedelta(days=1), privacy=privacy)
    linked = _link(a_case(**LAMP), closed=(earlier,))
    assert linked.recurrence_of == (None if privacy is Privacy.SEALED else earlier.case_id)


def test_the_case_that_was_closed_last_is_the_one_that_came_back() -> None:
    cases = [a_case(case_id=uuid4(), closed_at=NOON - timedelta(days=days)) for days in (3, 1, 2)]
    assert _link(a_case(), closed=tuple(cases)).recurrence_of == cases[1].case_id


def test_what_joins_an_open_case_has_not_come_back() -> None:
    earlier = a_case(**LAMP, closed_at=NOON - timedelta(days=1))
    assert _link(a_case(**LAMP), a_case(**LAMP), closed=(earlier,)).recurrence_of is None
