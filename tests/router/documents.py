"""Documents that somebody uploads who plans rules: a ruleset, a table of it, a calendar."""

from typing import Any

from services.router.rulesets.csv_tables import write_table
from services.router.rulesets.laying_out import lay_out
from services.router.rulesets.ruleset import TABLES, load_ruleset

SHIPPED = load_ruleset()
ABSENT = object()


def a_document(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The shipped ruleset with the values at some paths changed, or taken out where the value is ABSENT."""
    document = SHIPPED.model_dump(mode="json")
    for path, value in changes:
        *steps, last = [int(step) if step.isdigit() else step for step in path.strip("/").split("/")]
        place: Any = document
        for step in steps:
            place = place.setdefault(step, {}) if isinstance(place, dict) else place[step]
        if value is ABSENT:
            del place[last]
        else:
            place[last] = value
    return document


def version(name: str, *changes: tuple[str, Any]) -> dict[str, Any]:
    return a_document(("/version", name), *changes)


def the_table(name: str = "categories") -> str:
    return write_table(lay_out(a_document(), TABLES[name]), TABLES[name])


def a_calendar(**changes: Any) -> dict[str, Any]:
    """Thursday is off, Saturday is worked instead."""
    days = {"holidays": ["2026-11-26"], "extra_working_days": ["2026-11-28"]}
    return {"name": "harbour", "zone": "Asia/Shanghai", "windows": [["09:00", "17:00"]], **days} | changes
