"""Who helps with a case and is waited for: called in, with a clock, or designated or named by the order, without."""

from typing import Any

from services.router.workflow.case import Case

Fields = dict[str, Any]
NOBODY: Fields = {"awaited": (), "to_report": ()}


def by_order(case: Case, helping: tuple[str, ...]) -> Fields:
    """Who helped before and has reported need not again."""
    has_reported = {*case.co_handlers} - {*case.awaited, *case.to_report}
    awaited = tuple(unit for unit in case.awaited if unit in helping)
    named = (unit for unit in helping if unit not in has_reported and unit not in awaited)
    return {"co_handlers": helping, "awaited": awaited, "to_report": tuple(named)}


def order_over(case: Case) -> Fields:
    """What called them in ends with the order, and its clock too; whom the next one names may have to report still."""
    return {"awaited": (), "to_report": tuple(dict.fromkeys((*case.to_report, *case.awaited)))}


def designated(helping: tuple[str, ...]) -> Fields:
    return {"co_handlers": helping, "awaited": helping, "to_report": ()}


def called_in(case: Case, units: tuple[str, ...]) -> Fields:
    return {
        "co_handlers": tuple(dict.fromkeys((*case.co_handlers, *units))),
        "awaited": tuple(dict.fromkeys((*case.awaited, *units))),
        "to_report": _but(case.to_report, *units),
    }


def no_more_from(unit: str | None, case: Case) -> Fields:
    """It has reported, or leads by now."""
    return {"awaited": _but(case.awaited, unit), "to_report": _but(case.to_report, unit)}


def _but(units: tuple[str, ...], *gone: str | None) -> tuple[str, ...]:
    return tuple(unit for unit in units if unit not in gone)
