"""After the database of intake was restored: the reports accepted since are known again, as far as they left it.

The steps of their cases are read again. Who reported them, and under which receipt number, is lost.
"""

import asyncio
from datetime import datetime

import typer

from contracts.facts.report import ReportSubmitted
from contracts.topics import REPORTS
from delivery.reading import events_since
from delivery.rewind import To, rewind, said_plainly, while_stopped
from delivery.settings import as_told
from services.intake.recall.recall_store import keep_published
from services.intake.settings import Settings

cli = typer.Typer()


async def recall(settings: Settings, since: datetime | None = None) -> int:
    """The number of reports; afterwards the group stands at `since`. Raises what `while_stopped` does."""
    known_again = 0
    async with while_stopped(settings, "intake") as connection:
        async for events in events_since(settings, REPORTS, since):
            submitted = [event for event in events if isinstance(event.data, ReportSubmitted)]
            known_again += await keep_published(connection, submitted)
    await rewind(settings, "intake", since)
    return known_again


@cli.command(help=__doc__)
def command(to: To = None) -> None:
    settings = as_told(Settings)
    with said_plainly(settings):
        count = asyncio.run(recall(settings, to))
    typer.echo(f"{count} reports are known again, without their reporters, each under a new receipt number")


if __name__ == "__main__":
    cli()
