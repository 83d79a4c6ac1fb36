"""After Kafka lost its data: each report accepted since is stated again, under the same ids; who has it drops it."""

import typer

from delivery.restate import Since, restate_from_command_line
from delivery.settings import as_told
from services.intake.restate.restate_store import reports_since
from services.intake.settings import Settings

cli = typer.Typer()


@cli.command(help=__doc__)
def command(since: Since) -> None:
    restate_from_command_line(as_told(Settings), "intake", reports_since, since)


if __name__ == "__main__":
    cli()
