"""What the commands say: as it stands, since a path or an answer may hold what `rich` takes for markup."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from deploy.local.processes import ServerFailed

console = Console()


def say(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def complain(text: str) -> None:
    console.print(text, style="red", markup=False, soft_wrap=True)


@contextmanager
def failures_told() -> Iterator[None]:
    """What the person at the terminal can mend is told without a traceback, and the command exits with 1."""
    try:
        yield
    except (ServerFailed, OSError) as error:
        complain(str(error) or type(error).__name__)
        raise typer.Exit(1) from None
