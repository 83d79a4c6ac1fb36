"""A week in which nobody works, in seconds: what the clocks do by themselves."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import aiohttp
import orjson
from aiokafka import AIOKafkaConsumer
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from contracts.topics import CASES
from contracts.vocabulary import Tier
from deploy.local.service_processes import LocalService
from deploy.local.stack import Stack

_WEEK = 7 * 24 * 3600
_STAGES = {
    "L0": "reminder before the limit",
    "L1": "limit passed: yellow card",
    "L2": "red card, no tier above",
    "L3": "bulletin",
}


@dataclass
class Lived:
    """What was announced meanwhile."""

    stages: Counter[str] = field(default_factory=Counter)
    moved_to: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)

    def hear(self, event: dict[str, object]) -> None:
        said = event["data"]
        assert isinstance(said, dict)
        if event["type"] == "case.supervised":
            self.stages[str(said.get("stage"))] += 1
        elif event["type"] == "case.escalated":
            self.moved_to[str(event["tier"])] += 1
        else:
            self.others[str(event["type"])] += 1


async def live_a_week(running: Stack, seconds: int, console: Console, *, goes_on: bool) -> None:
    """The router's time goes by `604,800 / seconds` times as fast from now on; everybody else's goes on as it is. A
    stack that `goes_on` afterwards has the real time again, however the week ends."""
    lived, router = Lived(), running.services["router"]
    consumer = AIOKafkaConsumer(CASES.name, bootstrap_servers=running.servers.kafka_bootstrap)
    await consumer.start()
    await consumer.seek_to_end()
    listening = asyncio.create_task(_listen(consumer, lived))
    try:
        # not in a thread: one that an interruption leaves behind would start the router after us
        _hurry(router, _WEEK / seconds, console)
        await _wait(seconds, console)
        broken = await _broken_promises(running)
    finally:
        listening.cancel()
        await consumer.stop()
        if goes_on:
            router.stop()
            router.start(console.print)
    show(console, lived, broken)


def _hurry(router: LocalService, speed: float, console: Console) -> None:
    told = {"CASEGRID_TIME_SPEED": str(speed), "CASEGRID_TIME_SINCE": datetime.now(UTC).isoformat()}
    router.stop()
    replace(router, environment={**router.environment, **told}).start(console.print)


async def _listen(consumer: AIOKafkaConsumer, lived: Lived) -> None:
    async for record in consumer:
        lived.hear(orjson.loads(record.value))


async def _wait(seconds: int, console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("day {task.fields[day]}"))
    began = time.monotonic()
    with Progress(*columns, console=console) as progress:
        going_by = progress.add_task("a week in which nobody works", total=seconds, day=1)
        while (gone := time.monotonic() - began) < seconds:
            progress.update(going_by, completed=gone, day=1 + int(7 * gone / seconds))
            await asyncio.sleep(0.1)
        progress.update(going_by, completed=seconds, day=7)


async def _broken_promises(running: Stack) -> dict[str, int]:
    """The router's ledger."""
    async with aiohttp.ClientSession() as http, http.get(f"{running.url('router')}/metrics") as answer:
        text = await answer.text()
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {
        sample.labels["what"]: int(sample.value)
        for sample in samples
        if sample.name == "casegrid_unaccounted"
    }


def show(console: Console, lived: Lived, broken: dict[str, int]) -> None:
    table = Table("what the clocks did", "times", title="a week in which nobody worked")
    for stage, meaning in _STAGES.items():
        table.add_row(f"{stage}, {meaning}", str(lived.stages[stage]))
    for tier in Tier:
        if lived.moved_to[tier]:
            table.add_row(f"L2, red card: the {tier} took the lead", str(lived.moved_to[tier]))
    table.add_section()
    for what, count in sorted(lived.others.items()):
        table.add_row(what, str(count))
    table.add_section()
    for what, count in broken.items():
        table.add_row(f"ledger: cases {what.replace('_', ' ')}", str(count))
    console.print(table)
