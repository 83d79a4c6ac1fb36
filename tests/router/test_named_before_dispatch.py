"""What ends before anybody was sent names who is told of it (T06, T11)."""

from contracts.vocabulary import CaseState
from services.router.workflow.commands.intake import ResolveOnSpotData
from tests.router.playing import FILLED, opened, waiting


def test_of_what_is_handed_over_grid_community_and_town_are_told() -> None:
    play = waiting()
    play.around = play.around._replace(grid="D111")
    play.give("hand_over")
    assert play.case.state is CaseState.HANDED_OVER
    assert play.events[-1].data.copies == ("UD111", "UD11", "UD1")


def test_where_no_grid_is_known_nobody_is() -> None:
    play = waiting()
    play.around = play.around._replace(grid=None)
    assert play.give("hand_over").events[-1].data.copies == ()


def test_of_what_is_settled_on_the_spot_the_community_is_told() -> None:
    done = ResolveOnSpotData.model_validate(FILLED["resolve_on_spot"])
    play = opened("E01-01", on_spot=done)
    (handled,) = [event for event in play.events if event.type == "case.handled"]
    assert handled.data.copies == ("UD11",)
