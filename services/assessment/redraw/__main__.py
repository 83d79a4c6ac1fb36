"""After a release that counts otherwise: the assignments of all cases are drawn up anew from what their events said.

The service may run meanwhile. What a former release did not note of an event stays unsaid.
"""

import asyncio
from uuid import UUID

import asyncpg
import typer

from delivery.command_line import end_with
from delivery.settings import as_told
from services.assessment import store
from services.assessment.handlers import draw_up
from services.assessment.settings import Settings

_AT_ONCE = 500
_SAYS_EVERY = 100 * _AT_ONCE

cli = typer.Typer()


async def redraw(settings: Settings) -> int:
    """The number of cases; who is interrupted has done some of them, and begins again."""
    connection = await asyncpg.connect(settings.database_of("assessment"))
    try:
        count, last = 0, UUID(int=0)
        while cases := await store.cases_after(connection, last, _AT_ONCE):
            async with connection.transaction():
                await draw_up(connection, cases)
            count, last = count + len(cases), cases[-1]
            if count % _SAYS_EVERY == 0:
                typer.echo(f"{count} cases", err=True)
    finally:
        await connection.close()
    return count


@cli.command(help=__doc__)
def command() -> None:
    try:
        count = asyncio.run(redraw(as_told(Settings)))
    except (OSError, asyncpg.PostgresError) as error:
        end_with(f"the database of assessment (CASEGRID_POSTGRES): {type(error).__name__}")
    typer.echo(f"the assignments of {count} cases are drawn up anew")


if __name__ == "__main__":
    cli()
