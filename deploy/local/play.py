"""Plays reports through the front door, and follows them to the units that get them."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local.landing import Landing, find_landing, known_cases, waiting_at_desk
from deploy.local.observer import Seen, reading, receiving
from deploy.local.stack import Stack

_AT_ONCE = 32
_REST_SECONDS = 2.0
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
    heard_late: int = 0
    """Of the accepted ones those whose first answer was lost, so that a second one told it."""
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    """From the first report sent to the last answer."""

    @property
    def answered(self) -> int:
        return len(self.accepted) + len(self.repeated) + len(self.refused)


@asynccontextmanager
async def observed(running: Stack, seen: Seen) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(reading(running.servers.kafka_bootstrap, seen))
        await stack.enter_async_context(receiving(running.url("notifier"), running.token("admin"), seen))
        yield


async def play(
    running: Stack,
    reports: Iterable[Report],
    total: int,
    console: Console,
    *,
    speed: float | None = None,
    outcome: Outcome | None = None,
) -> tuple[Outcome, Seen]:
    """Submit every report, `speed` times as fast as its day or as fast as it goes, and wait until each has landed
    or nothing more comes; what is missing then, `landing` says. Whoever gives an `outcome` sees it grow."""
    seen, outcome = Seen(), outcome or Outcome()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with observed(running, seen):
        with Progress(*columns, console=console) as progress:
            sending = progress.add_task("reports in", total=total)
            landing = progress.add_task("dispatched", total=total)
            noticing = progress.add_task("notified", total=total)
            watcher = asyncio.create_task(_watch(progress, landing, noticing, seen))
            outcome.began = time.monotonic()
            await submit_all(running, reports, outcome, speed, lambda: progress.advance(sending))
            outcome.seconds = time.monotonic() - outcome.began
            await _until_landed(running, outcome, seen)
            watcher.cancel()
            progress.update(landing, completed=len(seen.dispatched), total=len(seen.dispatched))
            progress.update(noticing, completed=len(seen.notified), total=len(seen.notified))
    return outcome, seen


async def landing_after(running: Stack, outcome: Outcome, seen: Seen) -> Landing:
    return await find_landing(
        running, set(outcome.accepted.values()), seen, repeated=set(outcome.repeated.values())
    )


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
    began = datetime.now(UTC)
    try:
        while (answer := await _post(http, report)) is None:  # noqa: ASYNC110  # waits for a service to come back
            await asyncio.sleep(0.3)
        status, body = answer
        # the answer to an earlier try may have been lost: then it was accepted by that one, and is new all the same
        heard_late = status == 200 and datetime.fromisoformat(body["accepted_at"]) >= began
        if status == 201 or heard_late:
            outcome.accepted[report.key] = body["case_id"]
            outcome.heard_late += heard_late
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
    """Each accepted report is dispatched and its notice delivered, or has joined an open case, or its case waits at
    the intake desk; of one that had been accepted before, whose dispatch nobody may have seen, the router has the
    case."""
    expected, unknown = set(outcome.accepted.values()), set(outcome.repeated.values())
    seen.last_at = time.monotonic()
    while True:
        untold = expected - (seen.dispatched.keys() & seen.notified) - seen.joined
        quiet = time.monotonic() - seen.last_at
        # neither the desk nor the cases are read for a whole day at a time
        if len(untold) <= 50 or quiet > _REST_SECONDS:
            unknown -= await known_cases(running, unknown)
            if not unknown and untold <= await waiting_at_desk(running) - seen.dispatched.keys():
                return
        if quiet > _QUIET_SECONDS:
            return
        await asyncio.sleep(0.2)
