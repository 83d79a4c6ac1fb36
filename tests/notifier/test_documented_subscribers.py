"""The subscribers that docs/subscribing.md shows, run as anybody would run them."""

import asyncio
import os
import re
import sys
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from uuid_utils.compat import uuid7

from contracts.envelope import to_message
from contracts.vocabulary import Privacy
from delivery.pauses import HORIZON, JITTER, PAUSES
from deploy.local.ports import free_port
from services.notifier.circuit import OPENS_AFTER, PROBE_PAUSES
from services.notifier.message import TEST_TYPE
from services.notifier.privacy import VIEWS
from services.notifier.scope import Relation
from services.notifier.store import deliveries
from tests.architecture_rules import ROOT
from tests.notifier.case_facts import a_dispatch, a_story, an_event
from tests.notifier.delivering import delivering, ended
from tests.notifier.rows import SECRET, a_subscription, happened, make_due
from tests.waiting import until

EXAMPLES = ROOT / "docs" / "examples"
PAGE = (ROOT / "docs" / "subscribing.md").read_text("utf-8")


@asynccontextmanager
async def running(example, *arguments, **environment):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLES / example),
        *arguments,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):  # a test may have ended it
            process.kill()
        await process.wait()


async def test_the_webhook_subscriber_takes_in_each_event_once(database, notifier_settings):
    port = free_port()
    target = f"http://127.0.0.1:{port}/"
    subscription = await a_subscription(database, target=target)
    forged = await a_subscription(database, target=target, secret="whsec_" + "A" * 43 + "=")
    (event,) = a_story(uuid7(), a_dispatch())
    async with running("subscriber.py", str(port), SECRET=SECRET) as process:
        await until(partial(_listens, port))
        await happened(database, [event])
        async with delivering(database, notifier_settings):
            await ended(database, subscription, "delivered")
            await ended(database, forged, "permanent-failure")
            # as when our own books had been lost: it comes again
            async with database.transaction() as connection:
                await connection.execute(
                    "update deliveries set status = 'created', ended_at = null where subscription_id = $1",
                    subscription,
                )
            await make_due(database)
            await ended(database, subscription, "delivered")
        assert process.stdout is not None
        process.kill()
        said = (await process.stdout.read()).decode().splitlines()
    assert said == [f"case.dispatched {event.case_id} elevated LIGHTS"]


async def test_the_webhook_subscriber_takes_in_what_says_less(database, notifier_settings):
    """A test, which is about no case, and a sealed case."""
    port = free_port()
    subscription = await a_subscription(database, target=f"http://127.0.0.1:{port}/")
    (event,) = a_story(uuid7(), a_dispatch(privacy=Privacy.SEALED))
    async with running("subscriber.py", str(port), SECRET=SECRET) as process:
        await until(partial(_listens, port))
        async with database.transaction() as connection:
            await deliveries.add_test(connection, uuid7(), subscription, TEST_TYPE)
        await happened(database, [event])
        async with delivering(database, notifier_settings):
            await ended(database, subscription, "delivered", "delivered")
        assert process.stdout is not None
        process.kill()
        said = (await process.stdout.read()).decode().splitlines()
    assert sorted(said) == [f"case.dispatched {event.case_id} elevated None", "casegrid.test None None None"]


async def _listens(port):
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def test_the_kafka_subscriber_reads_the_orders_of_its_units(settings, kafka_bootstrap):
    topic = f"{settings.namespace}dispatch.town.v1"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 6, 1)])
    await admin.close()
    ours, theirs = an_event(a_dispatch()), an_event(a_dispatch(lead="WATER", co_handlers=(), copies=()))
    last = an_event(a_dispatch(lead="WATER", copies=("LIGHTS",)), case_id=ours.case_id)
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap) as producer:
        for event in (ours, theirs, ours, last):
            message = to_message(topic, "router", event)
            await producer.send_and_wait(topic, message.value, key=message.key, headers=message.headers)
    group = f"{settings.namespace}agency"
    async with running("kafka_subscriber.py", topic, group, KAFKA=kafka_bootstrap, UNITS="LIGHTS") as process:
        assert process.stdout is not None
        lines = [await asyncio.wait_for(process.stdout.readline(), 30) for _ in range(2)]
    said = [line.decode().split() for line in lines]
    assert said == [
        ["case.dispatched", str(ours.case_id), "elevated", "LIGHTS"],
        ["case.dispatched", str(ours.case_id), "elevated", "WATER"],
    ]


@pytest.mark.parametrize("example", ["subscriber.py", "kafka_subscriber.py"])
def test_the_page_shows_the_examples_as_they_are(example):
    assert f"```python\n{(EXAMPLES / example).read_text('utf-8')}```" in PAGE


def test_the_page_tells_the_schedule_as_it_is():
    told = [_seconds(text) for text in re.findall(r"^\| \d{1,2} \| ([^|]+) \|", PAGE, re.M)]
    assert told == list(PAUSES)
    assert f"± {JITTER:.0%}".replace("%", " %") in PAGE
    assert f"{HORIZON.days} days" in PAGE
    assert f"{OPENS_AFTER} failures in a row" in PAGE
    probes = re.search(r"probed after ([^,]+), then ([^:]+):", PAGE)
    assert probes is not None
    assert [_seconds(text) for text in [probes[1], *probes[2].split("·")]] == list(PROBE_PAUSES)


def _seconds(text):
    number, unit = text.split()
    return float(number) * {"s": 1, "min": 60, "h": 3600}[unit]


def test_the_page_tells_what_each_level_shows():
    for privacy in Privacy:
        (row,) = re.findall(rf"^\| `{privacy}` \|(.*)\|$", PAGE, re.M)
        cells = [cell.strip() for cell in row.split("|")]
        told = {relation: cell != "nothing" for relation, cell in zip(Relation, cells, strict=True)}
        assert told == {relation: relation in VIEWS[privacy] for relation in Relation}
