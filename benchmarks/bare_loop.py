"""`python -m benchmarks.bare_loop KAFKA POSTGRES TOPIC COUNT`: the router's batches, rows and messages without a rule.

It takes the same batches, writes as many rows of about the same size with `unnest` in one transaction a batch, and
publishes as many messages; what they say is made once, before.
"""

import asyncio
import sys
from uuid import uuid4

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.envelope import Header
from contracts.topics import REPORTS
from delivery.outbox import pack
from delivery.sending import COMPRESSION

SCHEMA = """
    create table inbox (consumer text, event_id uuid, seen_at timestamptz default now(), primary key (consumer, event_id));
    create table cases (case_id uuid primary key, report_id uuid unique, lead text, tier text, reported_at timestamptz default now(), wake_at timestamptz default now(), body jsonb);
    create index on cases (lead); create index on cases (tier); create index on cases (reported_at); create index on cases (wake_at);
    create table case_events (case_id uuid, case_version int, body text, primary key (case_id, case_version));
    create table outbox (id bigint generated always as identity primary key, topic text, key bytea, value bytea, headers bytea);
"""
EVENTS, MESSAGES = 3, 4
_HEADERS: list[Header] = [(f"ce_attribute_{number}", b"x" * 30) for number in range(9)]
_BODY = '{"text": "' + "x" * 880 + '"}'


async def run(kafka: str, postgres: str, topic: str, count: int) -> None:
    database = await asyncpg.connect(postgres)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka,
        enable_idempotence=True,
        acks="all",
        compression_type=COMPRESSION,
        max_batch_size=2**18,
    )
    await consumer.start()
    await producer.start()
    consumer.assign([TopicPartition(topic, number) for number in range(REPORTS.partitions)])
    await consumer.seek_to_beginning()
    while count > 0:
        batches = await consumer.getmany(timeout_ms=10, max_records=500)
        if number := sum(map(len, batches.values())):
            ids = await _write(database, number)
            await _publish(producer, f"{topic}.out", number)
            await database.execute("delete from outbox where id = any($1::bigint[])", ids)
            count -= number
    await consumer.stop()
    await producer.stop()
    await database.close()


async def _write(database: asyncpg.Connection, number: int) -> list[int]:
    cases = [uuid4() for _ in range(number)]
    async with database.transaction():
        await database.execute(
            "insert into inbox (consumer, event_id) select 'bare', unnest($1::uuid[])", cases
        )
        await database.execute(
            "insert into cases (case_id, report_id, lead, tier, body) select a, a, 'unit', 'grid', b::jsonb from unnest($1::uuid[], $2::text[]) as t (a, b)",
            cases, [_BODY] * number,
        )  # fmt: skip
        await database.execute(
            "insert into case_events (case_id, case_version, body) select * from unnest($1::uuid[], $2::int[], $3::text[])",
            cases * EVENTS, [version for version in range(EVENTS) for _ in cases], [_BODY] * (EVENTS * number),
        )  # fmt: skip
        rows = await database.fetch(
            "insert into outbox (topic, key, value, headers) select * from unnest($1::text[], $2::bytea[], $3::bytea[], $4::bytea[]) returning id",
            ["out"] * (MESSAGES * number), [case.bytes for case in cases] * MESSAGES, [_BODY.encode()] * (MESSAGES * number),
            [pack(_HEADERS)] * (MESSAGES * number),
        )  # fmt: skip
    return [row["id"] for row in rows]


async def _publish(producer: AIOKafkaProducer, topic: str, number: int) -> None:
    value = _BODY.encode()
    sent = [
        await producer.send(topic, value, key=str(each).encode(), headers=_HEADERS)
        for each in range(MESSAGES * number)
    ]
    await asyncio.gather(*sent)


if __name__ == "__main__":
    _, kafka, postgres, topic, count = sys.argv
    uvloop.run(run(kafka, postgres, topic, int(count)))
