"""`make run`, `up`, `down`, `status`, `clean`."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.table import Table

from deploy.local.beginning import begin
from deploy.local.cleaning import drop
from deploy.local.day import play_sample_day
from deploy.local.interruptions import wait_for_interruption
from deploy.local.missing import while_all_runs
from deploy.local.service_processes import PORTS
from deploy.local.stack import LOCAL, Stack, stack, start
from deploy.local.telling import console, failures_told, say
from deploy.local.week import live_a_week

cli = typer.Typer(help=__doc__, no_args_is_help=True)


def one_of_the_services(name: str | None) -> str | None:
    if name and name not in PORTS:
        raise typer.BadParameter(f"{name} is none of {', '.join(PORTS)}")
    return name


@cli.command()
def run(
    once: Annotated[bool, typer.Option(help="end after the table instead of staying up")] = False,
    week: Annotated[
        int | None, typer.Option(help="after the day a week goes by in so many seconds", min=5, max=3600)
    ] = None,
) -> None:
    """Start everything, play the sample day, show where the cases went, stay up until Ctrl-C; exits with 1 when an
    accepted report has not landed, or none was accepted. A stack that ran before stays up after it."""
    with failures_told(), _stopped_unless_it_ran_before() as ran_before:
        # whoever is to live a week has to be told everything again
        running = start(LOCAL, say=say, anew=week is not None)
        complete = asyncio.run(while_all_runs(running, play_sample_day(running, console)))
        if week is not None:
            asyncio.run(live_a_week(running, week, console, goes_on=ran_before))
        if ran_before:
            say("the stack ran before and stays up; `make down` stops it")
        elif not once:
            _show(running)
            say("Ctrl-C stops it; `make up` leaves it running in the background")
            wait_for_interruption()
    if not complete:
        raise typer.Exit(1)


@cli.command()
def up() -> None:
    """Start everything and leave it running."""
    with failures_told():
        _show(start(LOCAL, say=say))


@cli.command()
def down(
    only: Annotated[
        str | None, typer.Option(help=", ".join(PORTS), callback=one_of_the_services, metavar="SERVICE")
    ] = None,
) -> None:
    """Stop everything of this directory, or one service: drained, and gone from its group when this returns."""
    with failures_told():
        found = stack(LOCAL, say=say)
        (found.services[only] if only else found).stop()
    say(f"service {only} is stopped, the rest as it was" if only else "stopped")


@cli.command()
def clean() -> None:
    """Stop everything of this directory and drop its data; what lies on servers of others stays there."""
    with failures_told():
        # no addresses of others: a server of our own is stopped also where the shell now names one
        drop(stack(LOCAL, say=say, environment={}))
    say(f"nothing of the stack is left in {LOCAL}")


@cli.command()
def status() -> None:
    """What runs, and where."""
    with failures_told():
        _show(stack(LOCAL, say=say))


@contextmanager
def _stopped_unless_it_ran_before() -> Iterator[bool]:
    found = stack(LOCAL, say=say)
    ran_before = found.runs
    try:
        yield ran_before
    finally:
        if not ran_before:
            found.stop()


def _show(found: Stack) -> None:
    table = Table("part", "address", "state")
    for server in found.servers.ours:
        table.add_row(
            type(server).__name__.removesuffix("Server"),
            f"127.0.0.1:{server.port}",
            "runs" if server.running else "stopped",
        )
    for service in found.services.values():
        table.add_row(service.name, f"{service.url}/docs", service.state())
    console.print(table)
    if found.runs:
        say(f"addresses and demo tokens: {found.directory / 'env'}")


if __name__ == "__main__":
    begin()
    cli()
