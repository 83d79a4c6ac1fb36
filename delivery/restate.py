"""After Kafka lost its data: what a service once said leaves once more, under the same ids.

Whoever had worked it drops it by his inbox; whoever had not gets it. The outbox cannot do it: it has forgotten what was
sent.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import asyncpg
import typer

from contracts.envelope import Message
from contracts.topics import KEPT_DAYS
from delivery import outbox
from delivery.command_line import end_with, moment_of
from delivery.database import Connection, prepare
from delivery.settings import ServiceSettings

_AT_ONCE = 1000
Said = Callable[[Connection, datetime], AsyncIterator[Message]]
"""All that was said since, in the order in which it is to leave."""
Since = Annotated[
    datetime,
    typer.Option(
        parser=moment_of,
        metavar="TIME",
        help="a time with its zone, before the oldest record that somebody had not read when Kafka was lost",
    ),
]


async def restate(settings: ServiceSettings, service: str, said: Said, since: datetime) -> int:
    """All of it or nothing; gives the number of messages, which the service's relay sends."""
    connection = await asyncpg.connect(settings.database_of(service))
    try:
        await prepare(connection)
        async with connection.transaction():
            return await _restate(connection, said, since)
    finally:
        await connection.close()


async def _restate(connection: Connection, said: Said, since: datetime) -> int:
    count, messages = 0, list[Message]()
    async for message in said(connection, since):
        messages.append(message)
        if len(messages) == _AT_ONCE:
            await outbox.add(connection, messages)
            count, messages = count + len(messages), []
    await outbox.add(connection, messages)
    return count + len(messages)


def restate_from_command_line(settings: ServiceSettings, service: str, said: Said, since: datetime) -> None:
    if since < datetime.now(UTC) - timedelta(days=KEPT_DAYS):
        raise typer.BadParameter(f"more than {KEPT_DAYS} days ago", param_hint="--since")
    try:
        count = asyncio.run(restate(settings, service, said, since))
    except (OSError, asyncpg.PostgresError) as error:
        end_with(f"the database of {service} (CASEGRID_POSTGRES): {type(error).__name__}")
    typer.echo(f"{count} messages of {service} leave once more")
