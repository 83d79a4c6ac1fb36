"""Days of reports: every one lands, exactly once, where it belongs; none vanishes."""

import csv
import os
import secrets
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from rich.console import Console

from deploy.local.day import import_directory, sample_directory, sample_reports
from deploy.local.play import Outcome, Report, play
from deploy.local.replay import directory_of, read_export, reports_of
from deploy.local.stack import Stack

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
    dispatched = {case["case_id"] for case in cases if case["dispatches"] == 1}
    assert outcome.refused == {}
    assert {case["case_id"] for case in cases} == accepted
    assert Counter(case["dispatches"] for case in cases) == {1: len(accepted) - waiting} | (
        {0: waiting} if waiting else {}
    )
    assert seen.dispatched.keys() & accepted == dispatched
    assert seen.notified & accepted == dispatched - seen.sealed
    assert (seen.dispatches, seen.forged) == (len(dispatched), 0)


async def test_the_sample_day_lands(stack: Stack) -> None:
    await import_directory(stack, sample_directory())
    reports = sample_reports(secrets.token_hex(4))
    outcome, seen, cases = await _play(stack, reports)
    _each_landed_once(outcome, seen, cases, waiting=6)
    assert {case["state"] for case in cases if not case["dispatches"]} == {"reported"}


async def test_a_day_submitted_twice_is_one_day(stack: Stack) -> None:
    await import_directory(stack, sample_directory())
    reports = sample_reports(secrets.token_hex(4))[:60]
    first, _, _ = await _play(stack, reports)
    again, seen_again, _ = await _play(stack, reports)
    assert again.repeated == first.accepted
    assert (again.accepted, seen_again.dispatches) == ({}, 0)


@pytest.mark.skipif(not EXPORT.exists(), reason="the city's day is not here")
@pytest.mark.parametrize("rows", [300, None], ids=["a slice", "the whole day"])
async def test_a_citys_day_lands_in_the_right_grids_and_towns(stack: Stack, rows: int | None) -> None:
    await import_directory(stack, directory_of(CITY))
    accepted, rejected = read_export(EXPORT, "nyc_311")
    assert (len(accepted), len(rejected)) == (6650, 115)
    reports = [
        Report(f"{secrets.token_hex(3)}-{each.key}", each.at, each.body)
        for each in reports_of(accepted[:rows])
    ]
    outcome, seen, cases = await _play(stack, reports)
    _each_landed_once(outcome, seen, cases)
    grids = {
        feature["properties"]["code"]
        for file in CITY.glob("grid_*.geojson")
        for feature in orjson.loads(file.read_bytes())["features"]
    }
    assert all(case["grid"] in grids for case in cases)
    boards = _boards()
    towns = {case["case_id"]: case["town"] for case in cases}
    told = [
        (towns[case_id], boards[key.split("-", 1)[1]])
        for key, case_id in outcome.accepted.items()
        if boards[key.split("-", 1)[1]]
    ]
    same = sum(town == board for town, board in told)
    assert same / len(told) >= 0.985


def _boards() -> dict[str, str | None]:
    """The town by the record's own Community Board, by reference; None where the record does not say one."""
    with EXPORT.open(encoding="utf-8-sig", newline="") as stream:
        said = {row["Unique Key"]: row["Community Board"].partition(" ") for row in csv.DictReader(stream)}
    return {
        key: f"{BOROUGHS[borough]}{number}" if borough in BOROUGHS and number.isdigit() else None
        for key, (number, _, borough) in said.items()
    }
