"""Days of reports: every one lands, exactly once, where it belongs; none vanishes."""

import csv
import itertools
import os
import secrets
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from rich.console import Console
from shapely.geometry import shape

from deploy.local.boundaries import directory_of
from deploy.local.day import SAMPLES, import_directory, sample_directory, sample_reports
from deploy.local.play import Outcome, Report, landing_after, play
from deploy.local.replay import fitting_map_of, read_export, reports_of
from deploy.local.stack import Stack
from services.intake.tabular import column_map

SHARED = Path(os.environ.get("CASEGRID_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data"))
CITY = SHARED / "nyc"
EXPORT = CITY / "nyc_311_2018-10-21_full_day.csv"
BOROUGHS = {"BROOKLYN": "BK", "QUEENS": "QN", "BRONX": "BX", "MANHATTAN": "MN", "STATEN ISLAND": "SI"}


async def _play(stack: Stack, reports: list[Report]) -> tuple[Outcome, Any, list[asyncpg.Record]]:
    """Through the front door; gives the answers, what an agency saw, and the cases that the router has of it."""
    outcome, seen = await play(stack, reports, len(reports), Console(quiet=True))
    connection = await asyncpg.connect(f"{stack.servers.postgres_url}/casegrid_router")
    try:
        cases = await connection.fetch(
            """select c.case_id::text, c.state, c.grid, c.town, c.lead,
                   (select count(*) from case_events e where e.case_id = c.case_id and type in ('case.dispatched', 'approval.started')) as dispatches
               from cases c where c.case_id = any($1::uuid[])""",
            list(outcome.accepted.values()),
        )
    finally:
        await connection.close()
    return outcome, seen, cases


def _each_landed_once(outcome: Outcome, seen: Any, cases: list[asyncpg.Record], *, waiting: int = 0) -> None:
    accepted = set(outcome.accepted.values())
    joined = {case["case_id"] for case in cases if case["state"] == "merged"}
    dispatched = {case["case_id"] for case in cases if case["dispatches"] == 1}
    assert outcome.refused == {}
    assert {case["case_id"] for case in cases} == accepted
    assert joined == seen.joined & accepted
    assert Counter(case["dispatches"] for case in cases) == Counter(
        {1: len(accepted) - waiting - len(joined)} | {0: waiting + len(joined)}
    )
    assert seen.dispatched.keys() & accepted == dispatched
    assert seen.notified & accepted == dispatched
    assert (seen.dispatches, seen.forged) == (len(dispatched), 0)


async def test_the_sample_day_lands(stack: Stack) -> None:
    await import_directory(stack, sample_directory())
    reports = sample_reports(secrets.token_hex(4))
    outcome, seen, cases = await _play(stack, reports)
    _each_landed_once(outcome, seen, cases, waiting=6)
    states = Counter(case["state"] for case in cases if not case["dispatches"])
    assert states == {"reported": 6, "merged": 12}  # six asked again, six others read the same plate


async def test_a_day_submitted_twice_is_one_day(stack: Stack) -> None:
    await import_directory(stack, sample_directory())
    reports = sample_reports(secrets.token_hex(4))[:60]
    first, _, _ = await _play(stack, reports)
    again, seen_again, _ = await _play(stack, reports)
    assert (await landing_after(stack, again, seen_again)).complete, "the router has each of its cases"
    assert again.repeated == first.accepted
    assert (again.accepted, seen_again.dispatches) == ({}, 0)


async def test_an_export_lands_in_the_right_grids_and_towns(stack: Stack, tmp_path: Path) -> None:
    """A slice of a made-up city's day, in the format of a real one."""
    await import_directory(stack, directory_of(SAMPLES))
    grids = _grids(SAMPLES)
    export = _export(tmp_path, grids)
    accepted, rejected = read_export(export, fitting_map_of(export))
    assert [row.line for row in rejected] == [len(grids) + 2], "the last one has no coordinates"
    outcome, seen, cases = await _play(stack, _of_this_run(reports_of(accepted)))
    _each_landed_once(outcome, seen, cases)
    found = {case["case_id"]: (case["grid"], case["town"]) for case in cases}
    assert {_own_key(key): found[case_id] for key, case_id in outcome.accepted.items()} == {
        grid["properties"]["code"]: (grid["properties"]["code"], grid["properties"]["code"][:4])
        for grid in grids
    }


def _export(folder: Path, grids: list[dict[str, Any]]) -> Path:
    """Of each grid one row, whose reference is the grid's code, and one that nothing places on the map."""
    complaints = itertools.cycle(column_map("nyc_311").category_codes)
    rows = []
    for minute, grid in enumerate(grids):
        point = shape(grid["geometry"]).representative_point()
        rows.append(
            {
                "Unique Key": grid["properties"]["code"],
                "Created Date": f"10/21/18 0:{minute:02d}",
                "Complaint Type": next(complaints),
                "Latitude": str(point.y),
                "Longitude": str(point.x),
            }
        )
    path = folder / "export.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, sorted(column_map("nyc_311").columns), restval="")
        writer.writeheader()
        writer.writerows([*rows, rows[0] | {"Unique Key": "nowhere", "Latitude": ""}])
    return path


@pytest.mark.timeout(
    600
)  # 6,650 reports: three minutes are too few where the machine is slow and has other work
@pytest.mark.skipif(not EXPORT.exists(), reason="the city's day is not here")
async def test_a_citys_day_lands_in_the_right_grids_and_towns(stack: Stack) -> None:
    await import_directory(stack, directory_of(CITY))
    accepted, rejected = read_export(EXPORT, "nyc_311")
    assert (len(accepted), len(rejected)) == (6650, 115)
    outcome, seen, cases = await _play(stack, _of_this_run(reports_of(accepted)))
    _each_landed_once(outcome, seen, cases)
    grids = {grid["properties"]["code"] for grid in _grids(CITY)}
    assert all(case["grid"] in grids for case in cases)
    boards = _boards()
    towns = {case["case_id"]: case["town"] for case in cases}
    told = [
        (towns[case_id], boards[_own_key(key)])
        for key, case_id in outcome.accepted.items()
        if boards[_own_key(key)]
    ]
    same = sum(town == board for town, board in told)
    assert same / len(told) >= 0.985


def _of_this_run(reports: list[Report]) -> list[Report]:
    """Nothing of an earlier run is repeated."""
    return [Report(f"{secrets.token_hex(3)}-{each.key}", each.at, each.body) for each in reports]


def _own_key(key: str) -> str:
    return key.split("-", 1)[1]


def _grids(folder: Path) -> list[dict[str, Any]]:
    files = folder.glob("grid*.geojson")
    return [feature for file in files for feature in orjson.loads(file.read_bytes())["features"]]


def _boards() -> dict[str, str | None]:
    """The town by the record's own Community Board, by reference; None where the record does not say one."""
    with EXPORT.open(encoding="utf-8-sig", newline="") as stream:
        said = {row["Unique Key"]: row["Community Board"].partition(" ") for row in csv.DictReader(stream)}
    return {
        key: f"{BOROUGHS[borough]}{number}" if borough in BOROUGHS and number.isdigit() else None
        for key, (number, _, borough) in said.items()
    }
