"""`python -m benchmarks.timers`: stages fired a second at 100,000 due clocks, and how late each is, whatever rests beside.

With 0, 1 and 10 million closed cases in the table; beside it a bare loop that locks, updates and writes the same number
of rows without a rule. Time is injected: the moments lie in the past, the seconds are real.
"""

import asyncio
import json
import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import structlog
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.queued import messages
from benchmarks.stand import Stand, execute, machine, median, stand, within
from contracts.envelope import ReportEnvelope
from contracts.facts.report import ReportSubmitted
from contracts.topics import REPORTS
from delivery.service import Service
from deploy.local.quantiles import quantile
from services.router.app import create_service
from services.router.cases.timers import run_timers, wake_due
from services.router.current_rules import CurrentRules
from services.router.handlers import on_reports
from services.router.settings import Settings

FOLDER = Path(__file__).parent
_MORNING = datetime(2026, 11, 23, 2, tzinfo=UTC)  # a Monday, 10:00 in Shanghai
_SIGN_AT_80_PERCENT = timedelta(hours=5, minutes=12)  # of 4 work_hour, the pause at noon included
_SUBMITTED = ReportEnvelope[ReportSubmitted]
_BATCH = 200
_CLOSED_AT_ONCE = 500_000
console = Console()

_CLOSED = """
    insert into cases (case_id, report_id, state, version, involved, grid, category, urgency, urgency_level, reported_at, body)
    select gen_random_uuid(), gen_random_uuid(), 'archived', 15, '{}', 'YQ010101', 'P01-04', 'general', 0,
           now() - random() * interval '700 days', '{}'
    from generate_series(1, $1)"""
_SUPERVISED = "select case_id from case_events where type = 'case.supervised'"
_BARE_TABLES = """
    create table bare_cases (case_id uuid primary key, wake_at timestamptz, body jsonb);
    create index on bare_cases (wake_at) where wake_at is not null;
    create table bare_events (case_id uuid, case_version int, body text, primary key (case_id, case_version));
    create table bare_outbox (id bigint generated always as identity primary key, topic text, key bytea, value bytea);"""


class Time:
    """A clock of our own that goes on with the real seconds."""

    def __init__(self, now: datetime) -> None:
        self.set(now)

    def set(self, now: datetime) -> None:
        self._now, self._since = now, time.monotonic()

    def __call__(self) -> datetime:
        return self._now + timedelta(seconds=time.monotonic() - self._since)


def main(
    due: Annotated[int, typer.Option(help="clocks that are due at once")] = 100_000,
    closed: Annotated[
        str, typer.Option(help="closed cases in the table, comma-separated")
    ] = "0,1000000,10000000",
    rounds: Annotated[int, typer.Option()] = 3,
) -> None:
    """Prints a table and writes benchmarks/timers.json."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with stand(rounds=rounds, quick=False) as ready:
        ready.only()
        found = asyncio.run(_measure(ready, due, numbers_of(closed)))
    table = Table("closed cases", "stages/s", "bare/s", "ratio", "delay p50", "delay p99", "longest")
    for row in found:
        delays = row["delay"]
        table.add_row(
            f"{row['closed']:,}",
            f"{row['ours']:,.0f}",
            f"{row['bare']:,.0f}",
            f"{row['ours'] / row['bare']:.2f}",
            *(f"{delays[name]:.2f} s" for name in ("p50", "p99", "longest")),
        )
    console.print(table)
    at = datetime.now(UTC).isoformat(timespec="minutes")
    said = {"at": at, "machine": machine(), "due": due, "rounds": rounds, "found": found}
    (FOLDER / "timers.json").write_text(json.dumps(said, indent=1) + "\n")


def numbers_of(closed: str) -> list[int]:
    """The least first: closed cases are added to the table, and none is taken out."""
    return sorted(int(number) for number in closed.split(","))


async def _measure(ready: Stand, due: int, closed: list[int]) -> list[dict[str, Any]]:
    url = f"{ready.postgres}/casegrid_router"
    service = create_service(Settings(postgres=ready.postgres, kafka=ready.kafka))
    await service.database.open()
    now = Time(_MORNING)
    current = CurrentRules(Settings(postgres=ready.postgres, kafka=ready.kafka), now)
    await execute(url, _BARE_TABLES)
    found, there = [], 0
    for number in closed:
        await add_closed(url, number - there)
        there = number
        ours, bare = [], []
        for _ in range(ready.rounds):
            bare.append(await _bare(url, due))
            ours.append(await _ours(service, current, now, url, due))
        delays = await _delays(service, current, now, url)
        found.append({"closed": number, "ours": median(ours), "bare": median(bare), "delay": delays})
        console.print(found[-1])
    await service.database.close()
    return found


async def add_closed(url: str, number: int) -> None:
    """So many more than there are."""
    connection = await asyncpg.connect(url)
    for at in range(0, number, _CLOSED_AT_ONCE):
        await connection.execute(_CLOSED, min(_CLOSED_AT_ONCE, number - at), timeout=600)
    await connection.execute("vacuum analyze cases", timeout=600)
    await connection.close()


async def _file(
    service: Service, current: CurrentRules, now: Time, count: int, *, apart: float = 0.0
) -> dict[UUID, datetime]:
    """Cases whose sign clock began in the morning, a batch every `apart` seconds; when each stage L0 is due."""
    due: dict[UUID, datetime] = {}
    reports = [_SUBMITTED.model_validate_json(each.value or b"") for each in messages(REPORTS.name, count)]
    reports = [
        each.model_copy(update={"data": each.data.model_copy(update={"category": "P01-04"})})
        for each in reports
    ]
    for number, first in enumerate(range(0, count, _BATCH)):
        now.set(_MORNING + timedelta(seconds=number * apart))
        async with service.database.transaction() as connection:
            await on_reports(connection, reports[first : first + _BATCH], current)
        moment = _MORNING + timedelta(seconds=number * apart) + _SIGN_AT_80_PERCENT
        due |= {each.case_id: moment for each in reports[first : first + _BATCH]}
    return due


async def _ours(service: Service, current: CurrentRules, now: Time, url: str, due: int) -> float:
    await _file(service, current, now, due)
    await execute(url, "truncate outbox")
    await execute(url, "vacuum analyze cases")
    now.set(_MORNING + _SIGN_AT_80_PERCENT + timedelta(minutes=1))
    started = time.monotonic()
    fired = 0
    while done := await wake_due(service, current):
        fired += done
    seconds = time.monotonic() - started
    if fired != due:
        raise RuntimeError(f"{fired} stages fired where {due} were due")
    await _sweep(url)
    return due / seconds


async def _sweep(url: str) -> None:
    """The open cases go; what rests stays."""
    await execute(url, "delete from cases where state <> 'archived'")
    await execute(url, "truncate case_events, outbox")
    await execute(url, "vacuum analyze cases")


async def _bare(url: str, due: int) -> float:
    body, event = '{"text": "' + "x" * 1400 + '"}', '{"text": "' + "x" * 600 + '"}'
    connection = await asyncpg.connect(url)
    await connection.execute(
        "insert into bare_cases select gen_random_uuid(), now(), $2::text::jsonb from generate_series(1, $1)",
        due,
        body,
    )
    await connection.execute("vacuum analyze bare_cases")
    started = time.monotonic()
    while True:
        async with connection.transaction():
            rows = await connection.fetch(
                """select case_id, body::text from bare_cases where wake_at <= now() order by wake_at limit $1
                   for no key update skip locked""",
                _BATCH,
            )
            if not rows:
                break
            ids: list[UUID] = [row["case_id"] for row in rows]
            await connection.execute(
                """with changed as (
                       update bare_cases set wake_at = null, body = new.body::jsonb
                       from unnest($1::uuid[], $2::text[]) as new (case_id, body) where bare_cases.case_id = new.case_id
                   ), said as (insert into bare_events select id, 4, $3 from unnest($1::uuid[]) as id)
                   insert into bare_outbox (topic, key, value) select 'cases.v1', id::text::bytea, $4 from unnest($1::uuid[]) as id""",
                ids, [row["body"] for row in rows], event, event.encode(),
            )  # fmt: skip
    seconds = time.monotonic() - started
    await connection.execute("truncate bare_cases, bare_events, bare_outbox")
    await connection.close()
    return due / seconds


async def _delays(service: Service, current: CurrentRules, now: Time, url: str) -> dict[str, float]:
    """Two hundred cases are due every two seconds; how long after its moment each stage is there to be read."""
    due = await _file(service, current, now, 20 * _BATCH, apart=2.0)
    now.set(_MORNING + _SIGN_AT_80_PERCENT - timedelta(seconds=1))
    connection = await asyncpg.connect(url)
    late: dict[UUID, float] = {}
    # ends with the first error, and not before the timers have ended
    async with asyncio.TaskGroup() as group:
        timers = group.create_task(run_timers(service, current))
        async with within(120, f"{len(due)} stages, each at its moment"):
            while len(late) < len(due):
                for (case_id,) in await connection.fetch(_SUPERVISED):
                    late.setdefault(case_id, (now() - due[case_id]).total_seconds())
                await asyncio.sleep(0.05)
        timers.cancel()
    await connection.close()
    await _sweep(url)
    return {
        "p50": quantile(late.values(), 0.50),
        "p99": quantile(late.values(), 0.99),
        "longest": max(late.values()),
    }


if __name__ == "__main__":
    typer.run(main)
