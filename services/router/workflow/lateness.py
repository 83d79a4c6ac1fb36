"""In which rounds a limit of the lead passed, and who had the case then: each assignment may be appealed once."""

from typing import Any

from services.router.workflow.case import Case

Fields = dict[str, Any]


def late_in_this_round(case: Case) -> Fields:
    if case.round in case.late_rounds:
        return {}
    return {
        "late_rounds": (*case.late_rounds, case.round),
        "late_units": case.late_units | {case.round: case.lead or ""},
    }


def going_on_in(case: Case, round_: int) -> Fields:
    """A return that is refused begins no other assignment: what was late before is late in the round that follows."""
    if case.round not in case.late_rounds:
        return {}
    return {
        "late_rounds": tuple(round_ if late == case.round else late for late in case.late_rounds),
        "late_units": {
            round_ if late == case.round else late: unit for late, unit in case.late_units.items()
        },
    }
