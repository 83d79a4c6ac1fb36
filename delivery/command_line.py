"""What the commands of delivery and of the services share: a moment that is told, and trouble said in a line."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NoReturn

import typer
from aiokafka.errors import KafkaError

from delivery.settings import ServiceSettings


def moment_of(told: str) -> datetime:
    """As an option's parser; raises BadParameter."""
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter(f"{told} is no time with its zone, such as 2026-11-29T20:00Z")
    return moment


def end_with(trouble: str) -> NoReturn:
    """What an operator can mend is one line, and ends the command."""
    typer.echo(trouble, err=True)
    raise typer.Exit(1) from None


@contextmanager
def kafka_said_plainly(settings: ServiceSettings) -> Iterator[None]:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it would say the same, at length
    try:
        yield
    except (KafkaError, OSError) as error:
        end_with(f"Kafka at {settings.kafka} (CASEGRID_KAFKA): {type(error).__name__}")
