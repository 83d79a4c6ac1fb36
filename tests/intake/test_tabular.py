"""311 exports: every row ends as accepted or rejected with its reasons, whatever stands in it."""

import csv
import io
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.report import GivenReport
from services.intake.tabular import (
    AcceptedRow,
    ColumnMapNotFound,
    ColumnsMissing,
    RejectedRow,
    column_map,
    fitting_map,
    read_rows,
)
from services.router.rulesets.ruleset import load_ruleset

NYC = column_map("nyc_311")
SHARED = Path(os.environ.get("CASEGRID_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
WHOLE_DAY = SHARED / "nyc" / "nyc_311_2018-10-21_full_day.csv"

GOOD = {
    "Unique Key": "40611598",
    "Created Date": "10/21/18 0:05",
    "Complaint Type": "Street Light Condition",
    "Descriptor": "Lamppost Leaning",
    "Location Type": "Street",
    "Incident Address": "73-42 68 AVENUE",
    "City": "MIDDLE VILLAGE",
    "Latitude": "40.71051893",
    "Longitude": "-73.87862009",
    "Open Data Channel Type": "PHONE",
}


def _export(*rows: dict[str, str]) -> io.StringIO:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, GOOD.keys())
    writer.writeheader()
    writer.writerows(rows)
    return io.StringIO("\ufeff" + stream.getvalue())


def _read(*rows: dict[str, str]) -> list[AcceptedRow | RejectedRow]:
    return list(read_rows(_export(*rows), NYC))


def test_a_row_becomes_the_body_of_a_report() -> None:
    (row,) = _read(GOOD)
    assert isinstance(row, AcceptedRow)
    assert (row.line, row.reference) == (2, "40611598")
    assert row.report == {
        "place": {"lon": -73.87862009, "lat": 40.71051893, "address": "73-42 68 AVENUE, MIDDLE VILLAGE"},
        "text": "Street Light Condition: Lamppost Leaning (Street)",
        "channel": "phone",
        "category": "C01-06",
        "occurred_at": "2018-10-21T00:05:00-04:00",
    }


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"Latitude": ""}, "Latitude"),
        ({"Longitude": "west"}, "Longitude"),
        ({"Latitude": "140.7"}, "Latitude"),
        ({"Longitude": "12,5"}, "Longitude"),
        ({"Longitude": "-7_3"}, "Longitude"),
        ({"Latitude": "４０.7"}, "Latitude"),
        ({"Latitude": "nan"}, "Latitude"),
        ({"Created Date": "yesterday"}, "Created Date"),
        ({"Complaint Type": "Unspecified", "Descriptor": ""}, "Complaint Type"),
        ({"Complaint Type": "x" * 4001}, "Complaint Type"),
        ({"Complaint Type": "a\x07b"}, "Complaint Type"),
        ({"Unique Key": ""}, "Unique Key"),
        ({"Unique Key": "键"}, "Unique Key"),
    ],
)
def test_what_is_wrong_is_named_by_its_column(change: dict[str, str], column: str) -> None:
    good, bad, other = _read(GOOD, GOOD | change, GOOD | {"Unique Key": "2"})
    assert isinstance(bad, RejectedRow)
    assert column in [reason.column for reason in bad.reasons]
    assert isinstance(good, AcceptedRow)
    assert isinstance(other, AcceptedRow)


def test_all_reasons_are_given_at_once() -> None:
    (row,) = _read(GOOD | {"Latitude": "", "Created Date": "?"})
    assert isinstance(row, RejectedRow)
    assert {reason.column for reason in row.reasons} == {"Latitude", "Created Date"}


def test_rows_with_too_many_or_too_few_fields_are_rejected() -> None:
    lines = _export(GOOD).getvalue() + "1,2,3,4,5,6,7,8,9,10,11,12\r\n7\r\n"
    rows = list(read_rows(io.StringIO(lines), NYC))
    assert [type(row) for row in rows] == [AcceptedRow, RejectedRow, RejectedRow]


def test_missing_columns_are_one_clear_error() -> None:
    with pytest.raises(ColumnsMissing, match="Complaint Type"):
        list(read_rows(io.StringIO("Unique Key,Latitude\r\n1,2\r\n"), NYC))


def test_an_empty_export_has_no_rows_but_needs_its_columns() -> None:
    assert _read() == []
    with pytest.raises(ColumnsMissing):
        list(read_rows(io.StringIO(""), NYC))


def test_any_other_311_export_needs_only_a_map() -> None:
    text = (
        "service_request_id,requested_datetime,service_name,description,address,lat,long\n"
        "7,2026-01-02T03:04:05Z,Pothole,deep one,Main St,30.2,120.1\n"
    )
    (row,) = read_rows(io.StringIO(text), column_map("generic_311"))
    assert isinstance(row, AcceptedRow)
    assert row.report["text"] == "Pothole: deep one"
    assert row.report["occurred_at"] == "2026-01-02T03:04:05+00:00"


def test_the_map_that_finds_all_its_columns_is_taken() -> None:
    assert fitting_map(_export(GOOD)) == "nyc_311"
    assert fitting_map(["id,summary,description,lat,lon,address,created_at,status\r\n"]) == "seeclickfix_311"
    with pytest.raises(ColumnsMissing) as raised:
        fitting_map(["id,summary,lat,lon,address,created_at\r\n"])
    assert "seeclickfix_311 also wants description;" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_map_of_ones_own_has_its_categories_beside_it(tmp_path: Path) -> None:
    own = NYC.model_dump(exclude={"categories"}) | {"categories": "codes.json"}
    (tmp_path / "ours.json").write_text(json.dumps(own))
    (tmp_path / "codes.json").write_text('{"Street Light Condition": "C01-05"}')
    (row,) = read_rows(_export(GOOD), column_map(str(tmp_path / "ours.json")))
    assert isinstance(row, AcceptedRow)
    assert row.report["category"] == "C01-05"


@pytest.mark.parametrize("name", ["nowhere", "/nowhere/ours.json", ""])
def test_an_unknown_map_is_one_clear_error(name: str) -> None:
    with pytest.raises(ColumnMapNotFound, match="generic_311, nyc_311"):
        column_map(name)


def test_a_second_row_of_one_reference_is_rejected_once_the_first_is_accepted() -> None:
    rows = _read(GOOD | {"Latitude": ""}, GOOD, GOOD | {"Descriptor": "another"}, GOOD)
    assert [type(row) for row in rows] == [RejectedRow, AcceptedRow, RejectedRow, RejectedRow]
    assert isinstance(rows[2], RejectedRow)
    assert [reason.detail for reason in rows[2].reasons] == ["an earlier row has this reference"]


def test_each_complaint_of_the_map_becomes_its_category() -> None:
    known = [
        (complaint, detail, code)
        for complaint, codes in NYC.category_codes.items()
        for detail, code in (codes if isinstance(codes, dict) else {"*": codes}).items()
    ]
    rows = _read(
        *(
            GOOD | {"Unique Key": str(number), "Complaint Type": complaint, "Descriptor": detail}
            for number, (complaint, detail, _) in enumerate(known)
        )
    )
    assert all(isinstance(row, AcceptedRow) for row in rows)
    assert [row.report["category"] for row in rows if isinstance(row, AcceptedRow)] == [
        code for _, _, code in known
    ]


@given(st.lists(st.fixed_dictionaries({name: st.text(max_size=12) for name in GOOD}), max_size=5))
def test_no_row_vanishes_and_none_is_a_fault_of_ours(rows: list[dict[str, Any]]) -> None:
    stream = _export(*[{name: value.replace("\x00", "") for name, value in row.items()} for row in rows])
    read = list(read_rows(io.StringIO(stream.getvalue().lstrip("\ufeff"), newline=""), NYC))
    expected = list(csv.reader(io.StringIO(stream.getvalue().lstrip("\ufeff"), newline="")))[1:]
    assert len(read) == len([row for row in expected if row])
    for row in read:
        if isinstance(row, AcceptedRow):
            GivenReport.model_validate(row.report)
        else:
            assert row.reasons


def test_every_mapped_code_is_a_category_of_the_ruleset() -> None:
    codes = NYC.category_codes.values()
    used = {code for value in codes for code in (value.values() if isinstance(value, dict) else [value])}
    assert used <= load_ruleset().categories.keys()


@pytest.mark.skipif(not WHOLE_DAY.exists(), reason="the city's day is not here")
def test_the_whole_day_of_a_city() -> None:
    with WHOLE_DAY.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(read_rows(stream, NYC))
    accepted = [row for row in rows if isinstance(row, AcceptedRow)]
    rejected = [row for row in rows if isinstance(row, RejectedRow)]
    reasons = Counter(reason.detail for row in rejected for reason in row.reasons)
    assert (len(rows), len(accepted), len(rejected)) == (6765, 6650, 115)
    assert reasons == {"no coordinates: nothing places the report on the map": 115}
    assert all("category" in row.report for row in accepted)
    assert len({row.reference for row in accepted}) == len(accepted)
