"""After the router's database was restored: its cases are again what their events on cases.v1 made of them, and what
was never decided is decided once it runs. Without this it would decide everything since the backup a second time, and
forget what units have done since.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import typer

from contracts.facts.report import ReportSubmitted
from contracts.topics import CASES, REPORTS
from delivery import inbox
from delivery.command_line import end_with
from delivery.database import Connection
from delivery.reading import events_since
from delivery.rewind import To, rewind, said_plainly, while_stopped
from delivery.settings import as_told
from services.router.cases.saving_store import Change, keep_published
from services.router.cases.store import find_cases
from services.router.current_rules import CurrentRules
from services.router.recall.recall_store import versions_of, worked_among
from services.router.recall.recalling import HistoryLacking, recalled
from services.router.settings import Settings
from services.router.workflow.lifecycle import CaseEvent

_ROUTER = "router"
cli = typer.Typer()


class Recalled(NamedTuple):
    cases: int
    events: int
    decided: int
    """Of the reports, and of what was said about them later, those that need not come again."""
    undecided: int


async def recall(settings: Settings, since: datetime | None = None) -> Recalled:
    """Afterwards the group stands at `since`. Changes nothing when it raises: HistoryLacking, or what `while_stopped`
    does."""
    async with while_stopped(settings, _ROUTER) as connection:
        done = await _recall(connection, settings, since)
    await rewind(settings, _ROUTER, since)
    return done


async def _recall(connection: Connection, settings: Settings, since: datetime | None) -> Recalled:
    current = CurrentRules(settings)
    rules = await current.get(connection)
    heard = await _heard_since(connection, settings, since)
    published = await _published_since(connection, settings, since)
    reports = {event.case_id: event for event in heard.values() if isinstance(event.data, ReportSubmitted)}
    known = await find_cases(connection, [*published])
    changes = [Change(*each) for each in recalled(known, reports, published, rules, current.moment())]
    await keep_published(connection, changes, rules)
    decided = {reports[case_id].event_id for case_id in published.keys() & reports.keys()}
    decided |= {event.causation_id for events in published.values() for event in events} & heard.keys()
    await inbox.claim(connection, _ROUTER, decided)
    said = sum(len(change.events) for change in changes)
    return Recalled(len(changes), said, len(decided), len(heard) - len(decided))


async def _heard_since(connection: Connection, settings: Settings, since: datetime | None) -> dict[UUID, Any]:
    """What the database has not worked."""
    heard: dict[UUID, Any] = {}
    async for events in events_since(settings, REPORTS, since):
        worked = await worked_among(connection, _ROUTER, {event.event_id for event in events})
        heard |= {event.event_id: event for event in events if event.event_id not in worked}
    return heard


async def _published_since(
    connection: Connection, settings: Settings, since: datetime | None
) -> dict[UUID, list[CaseEvent]]:
    """What the database has not written, each once: the relay may have sent it twice."""
    found: dict[UUID, dict[int, CaseEvent]] = defaultdict(dict)
    async for events in events_since(settings, CASES, since):
        known = await versions_of(connection, {event.case_id for event in events})
        for event in events:
            if event.case_version > known.get(event.case_id, 0):
                found[event.case_id].setdefault(event.case_version, event)
    return {case_id: [said[version] for version in sorted(said)] for case_id, said in found.items()}


@contextmanager
def _told_what_lacks() -> Iterator[None]:
    try:
        yield
    except HistoryLacking as lacking:
        end_with(f"{lacking}: give an earlier --to, or none. Nothing was changed")


@cli.command(help=__doc__)
def command(to: To = None) -> None:
    settings = as_told(Settings)
    with said_plainly(settings), _told_what_lacks():
        done = asyncio.run(recall(settings, to))
    typer.echo(f"{done.cases} cases are again as {done.events} events on {CASES.name} made them")
    typer.echo(
        f"of what was reported since the backup {done.decided} were decided, {done.undecided} are once it runs"
    )


if __name__ == "__main__":
    cli()
