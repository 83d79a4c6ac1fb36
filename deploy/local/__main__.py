"""`make run`, `up`, `down`, `status`."""

import asyncio
import os
import urllib.request
from contextlib import suppress
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.local.day import play_sample_day
from deploy.local.interruptions import heed_interruptions, wait_for_interruption
from deploy.local.processes import ServerFailed
from deploy.local.stack import LOCAL, Stack, stack, start
from deploy.local.week import live_a_week

console = Console()
cli = typer.Typer(help=__doc__, no_args_is_help=True)


@cli.command()
def run(
    once: Annotated[bool, typer.Option(help="end after the table instead of staying up")] = False,
    week: Annotated[
        int | None, typer.Option(help="after the day a week goes by in so many seconds", min=5, max=3600)
    ] = None,
) -> None:
    """Start everything, play the sample day, show where the cases went, stay up until Ctrl-C; exits with 1 when an
    accepted report has not landed."""
    try:
        running = _started()
        complete = asyncio.run(play_sample_day(running, console))
        if week is not None:
            asyncio.run(live_a_week(running, week, console))
        if not once:
            _show(running)
            console.print("Ctrl-C stops it; `make up` leaves it running in the background")
            wait_for_interruption()
    finally:
        stack(LOCAL, say=console.print).stop()
    if not complete:
        raise typer.Exit(1)


@cli.command()
def up() -> None:
    """Start everything and leave it running."""
    _show(_started())


@cli.command()
def down() -> None:
    """Stop everything of this directory."""
    stack(LOCAL, say=console.print).stop()
    console.print("stopped")


@cli.command()
def status() -> None:
    """What runs, and where."""
    _show(stack(LOCAL, say=console.print))


def _started() -> Stack:
    try:
        return start(LOCAL, say=console.print)
    except ServerFailed as error:
        console.print(f"[red]{error}")
        raise typer.Exit(1) from None


def _show(found: Stack) -> None:
    table = Table("part", "address", "state")
    for server in found.servers.ours:
        table.add_row(
            type(server).__name__.removesuffix("Server"),
            f"127.0.0.1:{server.port}",
            "runs" if server.running else "stopped",
        )
    for service in found.services.values():
        table.add_row(service.name, f"{service.url}/docs", _state(service.url))
    console.print(table)
    console.print(f"addresses and demo tokens: {found.directory / 'env'}", soft_wrap=True)


def _state(url: str) -> str:
    with suppress(OSError), urllib.request.urlopen(f"{url}/health/ready", timeout=3) as answer:  # noqa: S310  # our own
        return "ready" if answer.status == 200 else "not ready"
    return "not ready"


if __name__ == "__main__":
    os.umask(0o077)
    heed_interruptions()
    cli()
