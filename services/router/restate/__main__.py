"""After Kafka lost its data: every event of a case since is stated again under the same id; who has it drops it."""

import typer

from delivery.restate import Since, restate_from_command_line
from delivery.settings import as_told
from services.router.restate.restate_store import events_since
from services.router.settings import Settings

cli = typer.Typer()


@cli.command(help=__doc__)
def command(since: Since) -> None:
    restate_from_command_line(as_told(Settings), "router", events_since, since)


if __name__ == "__main__":
    cli()
