"""Who received a report, else the first unit that leads, stays the reporter's contact (domain §2.7, §11.4)."""

import pytest

from contracts.envelope import SYSTEM, Actor
from contracts.vocabulary import Role
from services.router.workflow.lifecycle import at_the_desk, open_case, replay
from services.router.workflow.reported import new_case
from services.router.workflow.situation import Around
from tests.router.builders import a_moment, a_report
from tests.router.playing import RULES, Play, waiting

WORKER = Actor(role=Role.GRID_WORKER, unit="UD112", person="p-1")
DESK = Actor(role=Role.OPERATOR, unit="UD11", person="p-2")
RESIDENT = Actor(role=Role.RESIDENT, unit="UD12", person="p-3")


def _reported(by: Actor, category: str = "E01-02") -> Play:
    start, around = new_case(a_report(category=category, by=by)), Around(grid="D111")
    case, events = open_case(start, around, RULES, a_moment())
    return Play(case, start, list(events), around=around)


@pytest.mark.parametrize(
    ("by", "first"),
    [
        (WORKER, "UD112"),
        (DESK, "UD11"),
        (Actor(role=Role.OPERATOR, person="p-2"), "UD11"),
        (RESIDENT, "UD11"),
        (SYSTEM, "UD11"),
    ],
    ids=str,
)
def test_it_is_who_received_it_or_else_the_first_lead(by: Actor, first: str) -> None:
    play = _reported(by)
    assert (play.case.lead, play.case.first_responsible) == ("UD11", first)
    play.give("escalate_lead")
    assert (play.case.lead, play.case.first_responsible) == ("UD1", first)
    assert replay(play.start, play.events) == play.case


def test_of_an_application_it_is_the_first_that_has_its_turn() -> None:
    play = _reported(RESIDENT, "V03-01").give("define")
    assert (play.case.lead, play.case.first_responsible) == ("UD1", "UD11")


def test_the_desk_that_finds_the_place_is_it_where_nobody_received_it() -> None:
    play = waiting().give("accept", by=DESK, place={"lon": 1.0, "lat": 1.0})
    assert play.case.first_responsible == "UD11"


def test_who_received_it_goes_before_the_desk_that_finds_the_place() -> None:
    case = at_the_desk(new_case(a_report(by=WORKER, lon=None, lat=None)), RULES, a_moment())
    play = Play(case, case, around=Around(grid="D111")).give("accept", by=DESK)
    assert play.case.first_responsible == "UD112"
