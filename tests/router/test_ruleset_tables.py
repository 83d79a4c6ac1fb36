"""Every part of a ruleset as a table: out to a spreadsheet and back, each fault with its line and column."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.router.decision.wording import Reader
from services.router.rulesets.checking import check_ruleset
from services.router.rulesets.csv_tables import located, read_table, write_table
from services.router.rulesets.laying_out import lay_out, put_back
from services.router.rulesets.ruleset import TABLES, Ruleset
from tests.router.documents import SHIPPED, a_document, the_table

# what the shipped ruleset does not hold, so that every table has rows and every kind of cell is written
OVERRIDES = {"D1": {"categories": {"C01-05": {"handle_limit": "1 work_day", "co_handlers": []},
                                   "C01-01": {"lead": ["municipal_works", "lighting"]}}},
             "D111": {"categories": {"C01-05": {"control_limit": None}}, "words": {"F01": {"zh": ["走水", "火龙"]}}}}  # fmt: skip


def _spoilt(name: str, old: str, new: str) -> str:
    assert old in the_table(name)
    return the_table(name).replace(old, new, 1)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_goes_to_a_spreadsheet_and_back(name: str) -> None:
    changes = (("/overrides", OVERRIDES), ("/verification/channels", ["web", "wechat"]))
    document, table = a_document(*changes), TABLES[name]
    whole, _ = check_ruleset(document)
    assert whole is not None
    text = write_table(lay_out(whole.model_dump(mode="json"), table), table)
    assert text.count("\r\n") > 1
    for variant in (text, "\ufeff" + text, text.replace("\r\n", "\n"), text + "," * 3 + "\r\n"):
        read = read_table(variant, table)
        assert read.findings == []
        assert check_ruleset(put_back(document, table, read)) == (whole, [])
    emptied = put_back(document, table, read_table(text.partition("\r\n")[0], table))
    assert check_ruleset(emptied)[0] != whole, "the rows stand in place of what was there"


def test_all_tables_together_are_the_ruleset() -> None:
    document: dict[str, Any] = {
        name: value for name, value in a_document().items() if not isinstance(value, dict) or "zh" in value
    }
    for name, table in TABLES.items():
        document = put_back(document, table, read_table(the_table(name), table))
    assert Ruleset.model_validate(document) == SHIPPED


def test_an_empty_list_of_an_area_is_not_the_same_as_none() -> None:
    table = TABLES["overrides"]
    text = write_table(lay_out(a_document(("/overrides", OVERRIDES)), table), table)
    assert text.splitlines()[1:] == [
        "D1,C01-05,,-,,,1 work_day",
        "D1,C01-01,municipal_works;lighting,,,,",
        "D111,C01-05,,,,,",
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "row", "column"),
    [
        ("categories", "\r\nC01-03,", "\r\nC01-02,", 4, "code"),
        ("categories", "\r\nC01-03,", "\r\n,", 4, "code"),
        ("categories", "2 urgent_hour,1 work_day,onsite", "2 urgent hours,1 work_day,onsite", 2, "control_limit"),
        ("categories", "component_owner;municipal_works", "component_owner；worksmunicipal", 2, "lead"),
        ("categories", "photo,yes,open", "photo,perhaps,open", 3, "visit"),
        ("categories", "urgent,emergency,district", "urgent,emergency,village", 2, "tier"),
        ("categories", "handle_limit,", "handel_limit,", 1, "handle_limit"),
        ("categories", "weather_sensitive,", "", 1, "weather_sensitive"),
        ("categories", "\r\nC01-03,", "\r\nC/1-03,", 4, None),
        ("categories", "Manhole cover rattling", "r" * 200_000, 4, None),
        ("escalation", "4 work_hour,2 work_day", "4 work_hour,2 work days", 3, "bulletin_after"),
        ("red_by_clock", "critical,sign", "critical,sing", 3, "clock"),
        ("red_by_clock", "critical,sign,10 minute", "critical,sign,2 urgent_hour", 3, "red_after"),
        ("red_by_clock", "critical,sign,10 minute", "critical,sign,", 3, "red_after"),
        ("reminders", "general,0.8", "general,0.4", 3, "share"),
        ("reminders", "assignee;unit_lead", "assignee;everybody", 3, "tells"),
        ("floors", "F01,火情、爆炸,fire or explosion,critical", "F01,火情、爆炸,fire or explosion,hot", 2, "level"),
        ("floors", "trapped,1", "trapped,none", 5, "fact.at_least"),
        ("floors", "E05-10", "E99-10", 2, "category"),
        ("patterns", "起火", "起(火", 2, "pattern"),
        ("patterns", "floors,F01,patterns,zh,起火", "flowers,F01,patterns,zh,起火", 2, "group"),
        ("patterns", "floors,F01,patterns,zh,着火", "floors,F01,patterns,zh,", 3, "pattern"),
        ("standing", "risk,4,3", "risk,400,3", 3, "zh_within"),
        ("points", "2=10;3=20", "2=10;3", 2, "same_reporter"),
        ("points", "leader;press", "leader;gossip", 2, "raised_by.channels"),
        ("lines", "120,120 急救,", "120,,", 3, "zh"),
    ],
)  # fmt: skip
def test_faults_of_a_table_have_a_row_and_a_column(
    name: str, old: str, new: str, row: int, column: str | None
) -> None:
    table = TABLES[name]
    read = read_table(_spoilt(name, old, new), table)
    _, findings = check_ruleset(put_back(a_document(), table, read))
    places = [located(finding, read, table) for finding in [*read.findings, *findings]]
    assert (row, column) in [(finding.row, finding.column) for finding in places]


def test_a_table_that_has_one_row_has_no_second() -> None:
    text = the_table("points")
    (finding,) = read_table(text + text.splitlines()[1], TABLES["points"]).findings
    assert (finding.row, finding.detail) == (3, "stands on line 2 already")


def test_a_row_that_cannot_be_taken_moves_no_other() -> None:
    text = _spoilt("patterns", "floors,F01,patterns,zh,着火", "floors,F01,patterns,,着火").replace(
        ",失火", ",失(火"
    )
    table = TABLES["patterns"]
    read = read_table(text, table)
    _, findings = check_ruleset(put_back(a_document(), table, read))
    assert [located(finding, read, table).row for finding in [*read.findings, *findings]] == [3, 4]


def test_a_row_less_is_an_entry_less_and_takes_what_other_tables_say_of_it_along() -> None:
    text = "".join(line for line in the_table("floors").splitlines(True) if not line.startswith("F11,"))
    document = put_back(a_document(), TABLES["floors"], read_table(text, TABLES["floors"]))
    ruleset, findings = check_ruleset(document)
    assert ruleset is not None, findings
    assert set(SHIPPED.urgency.floors) - set(ruleset.urgency.floors) == {"F11"}
    assert ruleset.urgency.floors["F01"] == SHIPPED.urgency.floors["F01"]


def test_a_new_floor_is_given_its_words_after_its_row() -> None:
    floors = the_table("floors") + "F13,蜂群,bees,elevated,,,,,,\r\n"
    document = put_back(a_document(), TABLES["floors"], read_table(floors, TABLES["floors"]))
    silent, findings = check_ruleset(document)
    assert silent is not None, findings
    words = the_table("patterns") + "floors,F13,patterns,zh,马蜂\r\n"
    document = put_back(
        silent.model_dump(mode="json"), TABLES["patterns"], read_table(words, TABLES["patterns"])
    )
    speaking, findings = check_ruleset(document)
    assert speaking is not None, findings
    said = "树上有马蜂窝，居民无法通行"
    assert [_thirteenth_speaks(ruleset, said) for ruleset in (SHIPPED, silent, speaking)] == [
        False,
        False,
        True,
    ]


def _thirteenth_speaks(ruleset: Ruleset, text: str) -> bool:
    return "F13" in Reader(ruleset.urgency).read(text)


def test_a_row_is_found_by_its_first_line_when_cells_have_several() -> None:
    text = _spoilt("categories", "Manhole cover missing or shifted", '"Manhole cover\nmissing"').replace(
        "\r\nC01-03,", "\r\nC01-02,"
    )
    (finding,) = read_table(text, TABLES["categories"]).findings
    assert finding.row == 5
    assert "line 4" in finding.detail


@settings(max_examples=40)
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_whatever_stands_in_a_cell_is_a_finding_with_its_row_or_a_sound_ruleset(
    name: str, data: st.DataObject
) -> None:
    table = TABLES[name]
    lines = [line.split(",") for line in the_table(name).splitlines()]
    row = data.draw(st.integers(0, len(lines) - 1))
    column = data.draw(st.integers(0, len(lines[row]) - 1))
    lines[row][column] = data.draw(
        st.text(max_size=5) | st.sampled_from(["-", "yes", "1=2;3=4", "4 work_hour"])
    )
    read = read_table("\r\n".join(",".join(line) for line in lines), table)
    ruleset, findings = check_ruleset(put_back(a_document(), table, read))
    assert ruleset is not None or findings
    assert all(finding.row is not None for finding in read.findings)
    if ruleset is not None:
        assert Ruleset.model_validate_json(ruleset.model_dump_json()) == ruleset
