"""A quote that is not closed costs its own row and no other."""

import io

import pytest

from services.intake.tabular import AcceptedRow, ColumnsMissing, column_map, fitting_map, read_rows

_HEADER = "service_request_id,requested_datetime,service_name,description,address,lat,long\n"


def _row(number: int, description: str = "deep one") -> str:
    return f"{number},2026-01-02T03:04:05Z,Pothole,{description},Main St,30.2,120.1\n"


def _fates(*rows: str) -> list[tuple[int, str]]:
    """The first line of each, and what it says or why it was rejected."""
    read = read_rows(io.StringIO(_HEADER + "".join(rows)), column_map("generic_311"))
    return [
        (row.line, row.report["text"] if isinstance(row, AcceptedRow) else row.reasons[0].detail)
        for row in read
    ]


_UNCLOSED = "a quote is not closed, or something stands behind it"
_DEEP = "Pothole: deep one"


@pytest.mark.parametrize(
    "other",
    [_row(9), _row(9, '"deep one"'), '"9"' + _row(9)[1:], _row(9).replace("Main St", '"Main, St"')],
    ids=["no quotes", "a quoted text", "a quoted reference", "a quoted address"],
)
def test_a_quote_that_is_not_closed_takes_no_other_row_with_it(other: str) -> None:
    assert _fates(_row(1), _row(2, '"deep'), other, _row(3)) == [
        (2, _DEEP),
        (3, _UNCLOSED),
        (4, _DEEP),
        (5, _DEEP),
    ]


def test_however_many_are_not_closed() -> None:
    fates = _fates(*(_row(number, '"deep') for number in range(50)), _row(50))
    assert [said for _, said in fates] == [_UNCLOSED] * 50 + [_DEEP]


def test_beyond_the_longest_field_it_is_looked_for_no_further() -> None:
    fates = _fates(_row(0, '"deep'), *(_row(number) for number in range(1, 4000)))
    assert [said for _, said in fates] == [_UNCLOSED] + [_DEEP] * 3999


def test_what_stands_behind_a_closed_quote_is_not_guessed() -> None:
    assert _fates(_row(1, '"the "deep" one"'), _row(2)) == [(2, _UNCLOSED), (3, _DEEP)]


def test_a_text_of_several_lines_is_one_row_and_counts_as_such() -> None:
    rows = _fates(_row(1, '"deep\n\none, and ""wide"""'), "\n", _row(2))
    assert rows == [(2, 'Pothole: deep\n\none, and "wide"'), (6, _DEEP)]


@pytest.mark.parametrize("read", [fitting_map, lambda lines: [*read_rows(lines, column_map("generic_311"))]])
def test_a_header_with_a_quote_that_is_not_closed_is_one_clear_error(read: object) -> None:
    with pytest.raises(ColumnsMissing, match="header") as raised:
        read(io.StringIO('"' + _HEADER + _row(1)))  # type: ignore[operator]
    assert "Main St" not in str(raised.value)


def test_a_column_that_is_there_twice_is_not_chosen_from() -> None:
    lines = io.StringIO(_HEADER.replace("address", "address,lat") + _row(1))
    with pytest.raises(ColumnsMissing, match="more than one column lat"):
        list(read_rows(lines, column_map("generic_311")))
