"""What the four databases say of the same cases."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg

Course: TypeAlias = Mapping[str, list[tuple[int, str]]]
"""By case: (version, event id) of its events in order."""

_DISPATCHED = "type = 'case.dispatched' and body::jsonb->'data'->>'round' = '1'"


@dataclass(frozen=True)
class Books:
    """Lists are of case ids, one for each row."""

    grids: Mapping[str, str]
    """By case."""
    reports: list[str]
    cases: list[str]
    dispatched: list[str]
    signed: list[str]
    noted: list[str]
    reminded: list[str]
    assignments: list[str]
    history: Course
    unsent: dict[str, int]


@dataclass(frozen=True)
class Amounts:
    cases: int
    events: int
    assignments: int
    unsent: int


async def read_books(postgres: str) -> Books:
    async def ids(service: str, rows: str) -> list[str]:
        return [str(row[0]) for row in await _rows(postgres, service, f"select case_id from {rows}")]

    placed = await _rows(postgres, "router", "select case_id, grid from cases")
    return Books(
        grids={str(row["case_id"]): row["grid"] for row in placed},
        reports=await ids("intake", "reports"),
        cases=await ids("router", "cases"),
        dispatched=await ids("router", f"case_events where {_DISPATCHED}"),
        signed=await ids("router", "case_events where type = 'case.signed'"),
        noted=await ids("router", "case_events where type = 'case.progress'"),
        reminded=await ids("router", "case_events where type = 'case.reminded'"),
        assignments=await ids("assessment", "assignments"),
        history=await read_history(postgres),
        unsent=await _unsent(postgres),
    )


async def read_amounts(postgres: str) -> Amounts:
    async def count(service: str, table: str) -> int:
        return int((await _rows(postgres, service, f"select count(*) from {table}"))[0][0])

    return Amounts(
        cases=await count("router", "cases"),
        events=await count("router", "case_events"),
        assignments=await count("assessment", "assignments"),
        unsent=sum((await _unsent(postgres)).values()),
    )


async def _unsent(postgres: str) -> dict[str, int]:
    services = ("intake", "router", "notifier", "assessment")
    return {name: len(await _rows(postgres, name, "select id from outbox")) for name in services}


async def read_history(postgres: str) -> Course:
    rows = await _rows(
        postgres, "router", "select case_id, case_version, event_id from case_events order by case_version"
    )
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        found[str(row["case_id"])].append((row["case_version"], str(row["event_id"])))
    return found


async def _rows(postgres: str, service: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(f"{postgres}/casegrid_{service}")
    try:
        rows: list[asyncpg.Record] = await connection.fetch(statement)
        return rows
    finally:
        await connection.close()
