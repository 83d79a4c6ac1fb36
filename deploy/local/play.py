"""Plays reports through the front door, follows them to the units that get them, and says how it went."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from contracts.vocabulary import Procedure, Tier, Urgency
from deploy.local.observer import Seen, reading, receiving
from deploy.local.stack import Stack

_AT_ONCE = 32
_QUIET_SECONDS = 60.0


@dataclass(frozen=True)
class Report:
    """A report to be: its idempotency key, the second of its day at which it is made, and the body."""

    key: str
    at: float
    body: dict[str, Any]


@dataclass
class Outcome:
    """What intake answered; every report is in exactly one of the three."""

    accepted: dict[str, str] = field(default_factory=dict)
    """Case id by key."""
    repeated: dict[str, str] = field(default_factory=dict)
    """Case id by key, of reports that had been accepted before."""
    refused: dict[str, str] = field(default_factory=dict)
    """Reason by key."""
    seconds: float = 0.0


@asynccontextmanager
async def observed(running: Stack, seen: Seen) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(reading(running.servers.kafka_bootstrap, seen))
        await stack.enter_async_context(receiving(running.url("notifier"), running.token("admin"), seen))
        yield


async def play(
    running: Stack, reports: Iterable[Report], total: int, console: Console, *, speed: float | None = None
) -> tuple[Outcome, Seen]:
    """Submit every report, `speed` times as fast as its day or as fast as it goes, and wait until each has landed."""
    seen, outcome = Seen(), Outcome()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with observed(running, seen):
        with Progress(*columns, console=console) as progress:
            sending = progress.add_task("reports in", total=total)
            landing = progress.add_task("dispatched", total=total)
            noticing = progress.add_task("notified", total=total)
            watcher = asyncio.create_task(_watch(progress, landing, noticing, seen))
            began = time.monotonic()
            await submit_all(running, reports, outcome, speed, lambda: progress.advance(sending))
            outcome.seconds = time.monotonic() - began
            await _until_landed(running, outcome, seen)
            watcher.cancel()
            progress.update(landing, completed=len(seen.dispatched), total=len(seen.dispatched))
            progress.update(noticing, completed=len(seen.notified), total=len(seen.notified))
    return outcome, seen


async def submit_all(
    running: Stack, reports: Iterable[Report], outcome: Outcome, speed: float | None, done: Any
) -> None:
    free = asyncio.Semaphore(_AT_ONCE)
    headers = {"Authorization": f"Bearer {running.token('operator')}"}
    connector = aiohttp.TCPConnector(limit=_AT_ONCE)
    async with aiohttp.ClientSession(running.url("intake"), headers=headers, connector=connector) as http:
        began, first = time.monotonic(), None
        async with asyncio.TaskGroup() as group:
            for report in reports:
                first = report.at if first is None else first
                if speed:
                    await asyncio.sleep(max(0.0, (report.at - first) / speed - (time.monotonic() - began)))
                await free.acquire()
                group.create_task(_submit(http, report, outcome, free, done))


async def _submit(
    http: aiohttp.ClientSession, report: Report, outcome: Outcome, free: asyncio.Semaphore, done: Any
) -> None:
    """Try until there is an answer: the idempotency key makes a repeat harmless."""
    try:
        while (answer := await _post(http, report)) is None:  # noqa: ASYNC110  # waits for a service to come back
            await asyncio.sleep(0.3)
        status, body = answer
        if status == 201:
            outcome.accepted[report.key] = body["case_id"]
        elif status == 200:
            outcome.repeated[report.key] = body["case_id"]
        else:
            outcome.refused[report.key] = f"{status} {body.get('detail')}"
    finally:
        free.release()
        done()


async def _post(http: aiohttp.ClientSession, report: Report) -> tuple[int, dict[str, Any]] | None:
    try:
        headers = {"Idempotency-Key": report.key}
        async with http.post("/v1/reports", json=report.body, headers=headers) as answer:
            return None if answer.status >= 500 else (answer.status, await answer.json(content_type=None))
    except (aiohttp.ClientError, OSError, TimeoutError):
        return None


async def _watch(progress: Progress, landing: Any, noticing: Any, seen: Seen) -> None:
    while True:
        progress.update(landing, completed=len(seen.dispatched))
        progress.update(noticing, completed=len(seen.notified))
        await asyncio.sleep(0.1)


async def _until_landed(running: Stack, outcome: Outcome, seen: Seen) -> None:
    """Each accepted report is dispatched and its notice delivered, or its case waits at the intake desk."""
    expected = set(outcome.accepted.values())
    seen.last_at = time.monotonic()
    while not expected <= (landed := seen.dispatched.keys() & (seen.notified | seen.sealed)):
        missing = expected - landed
        if len(missing) <= 50 and missing <= await waiting_at_desk(running) - seen.dispatched.keys():
            return
        if time.monotonic() - seen.last_at > _QUIET_SECONDS:
            return  # the table will show what is missing
        await asyncio.sleep(0.2)


async def waiting_at_desk(running: Stack) -> set[str]:
    """Cases whose place a person has to find."""
    found: set[str] = set()
    headers = {"Authorization": f"Bearer {running.token('admin')}"}
    async with aiohttp.ClientSession(running.url("router"), headers=headers) as http:
        after: str | None = ""
        while after is not None:
            query = {"state": "reported", "limit": "500"} | ({"after": after} if after else {})
            async with http.get("/v1/cases", params=query) as answer:
                page = await answer.json()
            found |= {case["case_id"] for case in page["items"]}
            after = page["next"]
    return found


def show(console: Console, outcome: Outcome, seen: Seen, *, waiting: int) -> None:
    """Where the cases went, and how quickly."""
    _show_cases(console, seen)
    summary = Table(show_header=False, title="the day in numbers")
    latencies = sorted(seen.latencies)
    for name, value in {
        "reports in": f"{len(outcome.accepted) + len(outcome.repeated) + len(outcome.refused)}",
        "accepted": f"{len(outcome.accepted)} ({len(outcome.accepted) / max(outcome.seconds, 1e-9):.0f}/s)",
        "repeats of reports that are known": f"{len(outcome.repeated)}",
        "refused, each with a reason": f"{len(outcome.refused)}",
        "cases dispatched": f"{len(seen.dispatched)}",
        "waiting at the intake desk for a place": f"{waiting}",
        "notices delivered (signature checked)": f"{len(seen.notified)}",
        "report → dispatch seen by an agency, p50": _milliseconds(latencies, 0.50),
        "report → dispatch seen by an agency, p99": _milliseconds(latencies, 0.99),
    }.items():
        summary.add_row(name, value)
    console.print(summary)
    for key, reason in list(outcome.refused.items())[:20]:
        console.print(f"refused {key}: {reason}")


def _show_cases(console: Console, seen: Seen) -> None:
    events = list(seen.dispatched.values())
    _show_shares(console, "tier", list(Tier), [(event["tier"], event["urgency"]) for event in events])
    procedures = [(_procedure(event), event["urgency"]) for event in events]
    _show_shares(console, "procedure", list(Procedure), procedures)


def _procedure(event: dict[str, Any]) -> str:
    return Procedure.APPROVAL if event["type"] == "approval.started" else event["data"]["procedure"]


def _show_shares(console: Console, name: str, kinds: Sequence[str], cases: list[tuple[str, str]]) -> None:
    counts = Counter(cases)
    table = Table(name, *Urgency, "all", "share", title=f"cases dispatched, by {name} and urgency")
    for kind in kinds:
        row = [counts[kind, urgency] for urgency in Urgency]
        table.add_row(kind, *map(str, row), str(sum(row)), _share(sum(row), len(cases)))
    table.add_section()
    columns = [sum(counts[kind, urgency] for kind in kinds) for urgency in Urgency]
    table.add_row("all", *map(str, columns), str(len(cases)), "")
    table.add_row("share", *(_share(number, len(cases)) for number in columns), "", "")
    console.print(table)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _milliseconds(latencies: list[float], share: float) -> str:
    if not latencies:
        return "–"
    return f"{latencies[min(len(latencies) - 1, int(share * len(latencies)))] * 1000:.0f} ms"
