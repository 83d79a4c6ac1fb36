"""A table from before a column was added is taken; what the column holds for the rows that stay is not lost."""

import csv
from io import StringIO

import pytest

from services.router.rulesets.checking import check_ruleset
from services.router.rulesets.csv_tables import read_table
from services.router.rulesets.laying_out import put_back
from services.router.rulesets.ruleset import TABLES
from tests.router.documents import SHIPPED, a_document, the_table

FIRST_COLUMNS = {
    "categories": "code zh en subclass_zh subclass_en condition_zh condition_en urgency procedure tier lead "
    "co_handlers on_refusal control_limit handle_limit check visit privacy weather_sensitive night_sensitive "
    "closing_zh closing_en unit_text source",
    "classes": "code zh en kind",
    "unit_kinds": "code zh en tier",
    "clocks": "clock general elevated urgent critical",
    "escalation": "urgency red_after bulletin_after",
    "red_by_clock": "urgency clock red_after",
    "reminders": "urgency share tells if_limit_at_least",
    "floors": "rule zh en level category call once_ended fact.field fact.at_least despite",
    "patterns": "group rule says language pattern",
    "standing": "rule zh_within en_within",
    "points": "threshold at_most vulnerable.none vulnerable.some vulnerable.high near_sensitive_place "
    "same_reporter distinct_reporters weather.blue weather.yellow weather.orange weather.red "
    "night.points night.begins night.ends raised_by.points raised_by.channels recent_same_component",
    "lines": "line zh en",
    "verification": "channels at_most",
    "overrides": "area category lead co_handlers on_refusal control_limit handle_limit",
    "words": "area rule language pattern",
}


def test_a_table_from_before_a_column_was_added_leaves_what_is_there() -> None:
    table, document = TABLES["categories"], a_document()
    assert document["categories"]["P02-03"]["veto"] == "work_safety"
    read = read_table(
        _without("veto", the_table("categories").replace("P02-03,消防设施", "P02-03,消防设备")), table
    )
    assert read.findings == []
    ruleset, findings = check_ruleset(put_back(document, table, read))
    assert ruleset is not None
    assert findings == []
    assert ruleset.categories["P02-03"].zh.startswith("消防设备")
    assert {code: row.veto for code, row in ruleset.categories.items()} == {
        code: row.veto for code, row in SHIPPED.categories.items()
    }


def test_a_new_row_of_such_a_table_has_the_default() -> None:
    text = _without("veto", the_table("categories"))
    row = next(line for line in text.splitlines() if line.startswith("P02-03,"))
    added = text + row.replace("P02-03,", "P02-93,") + "\r\n"
    ruleset, _ = check_ruleset(
        put_back(a_document(), TABLES["categories"], read_table(added, TABLES["categories"]))
    )
    assert ruleset is not None
    assert ruleset.categories["P02-93"].veto is None


@pytest.mark.parametrize("name", TABLES)
def test_what_is_added_to_a_table_may_be_missing(name: str) -> None:
    """The columns that tables had when people first could keep them stand here for good."""
    added = {column for column in TABLES[name].header if column not in FIRST_COLUMNS[name].split()}
    assert {column for column, each in TABLES[name].columns.items() if each.spared} == added


def _without(column: str, text: str) -> str:
    header, *rows = csv.reader(StringIO(text, newline=""))
    at, out = header.index(column), StringIO(newline="")
    csv.writer(out).writerows([*line[:at], *line[at + 1 :]] for line in (header, *rows))
    return out.getvalue()
