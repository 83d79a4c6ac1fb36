"""Promise 1: what is in the outbox is sent whole, in order per key, by one relay at a time, again after a crash."""

import os
from collections import defaultdict
from collections.abc import Sequence

import pytest
from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker, KafkaPublishMessage

from contracts.envelope import Message
from contracts.topics import NOTICES, REPORTS
from delivery import outbox
from delivery.database import Database
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import a_reminder, relaying, remember, running, tiny_service
from tests.delivery.wire import Wire
from tests.waiting import until

KEYS = 30


async def test_keys_and_headers_arrive_as_they_were_written(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    odd_headers = [("null", None), ("bytes", bytes(range(256))), ("twice", b"1"), ("twice", b"2")]
    odd = Message(NOTICES.name, None, b"no key", odd_headers)
    written = [odd, *(_numbered(number) for number in range(300))]
    await wire.create(NOTICES.name, partitions=4)
    await _write(database, written)
    async with relaying(settings, database.url):
        await until(lambda: _is_empty(database))
    arrived = await wire.records(NOTICES.name)
    assert _shape(arrived) == sorted(((m.key, m.value, tuple(m.headers)) for m in written), key=repr)
    assert _partitions_of_each_key(arrived) == [1] * KEYS


LARGE = os.urandom(1_200_000)


@pytest.mark.parametrize(
    ("key", "value", "arrives"),
    [(None, None, b""), (b"key", None, None), (b"key", LARGE, LARGE), (b"", b"", b"")],
)
async def test_nothing_in_the_outbox_blocks_what_stands_behind_it(
    settings: ServiceSettings,
    wire: Wire,
    database: Database,
    key: bytes | None,
    value: bytes | None,
    arrives: bytes | None,
) -> None:
    """A dead letter may have neither key nor value, which aiokafka refuses, and may be larger than a usual request.
    Null with a key is a tombstone, and stays one."""
    async with running(tiny_service(settings, remember)) as service:
        await _write(database, [Message(REPORTS.dead, key, value, []), a_reminder("behind")])
        await until(lambda: service.relay.sent == 2)
    (letter,) = await wire.records(REPORTS.dead)
    assert (letter.key, letter.value) == (key, arrives)


async def test_by_default_a_published_batch_loses_keys_and_headers(
    settings: ServiceSettings, wire: Wire
) -> None:
    await wire.create(NOTICES.name, partitions=4)
    async with KafkaBroker(settings.kafka, logger=None) as broker:
        for start in range(0, 300, 20):
            batch = [_numbered(number) for number in range(start, start + 20)]
            await broker.publish_batch(
                *[KafkaPublishMessage(m.value, key=m.key, headers={"ce_type": "x"}) for m in batch],
                topic=settings.namespace + NOTICES.name,
            )
    arrived = await wire.records(NOTICES.name)
    assert len(arrived) == 300
    assert max(_partitions_of_each_key(arrived)) > 1, "a key on several partitions has no order"
    assert not any("ce_type" in dict(record.headers) for record in arrived)


async def test_order_is_kept_over_batches_and_over_a_restart(
    settings: ServiceSettings, wire: Wire, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH", 100)
    await wire.create(NOTICES.name, partitions=4)
    for start in range(0, 1000, 250):
        await _write(database, [_numbered(number) for number in range(start, start + 250)])
    async with relaying(settings, database.url) as first:
        await until(lambda: first.sent >= 300)
    async with relaying(settings, database.url) as second:
        await _write(database, [_numbered(number) for number in range(1000, 1200)])
        await until(lambda: _is_empty(database))
    assert first.sent
    assert second.sent
    _assert_each_key_in_order(await wire.records(NOTICES.name), 1200)


async def test_a_crash_between_send_and_delete_repeats_and_the_consumer_does_not(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    async with running(tiny_service(settings, remember)) as service:
        await service.relay.stop()
        await _refuse_deletes(database)
        await _write(database, [a_reminder(number) for number in range(20)])
        async with relaying(settings, database.url) as relay:
            await until(lambda: relay.trouble == "RaiseError")
        async with relaying(settings, database.url) as relay:
            await until(lambda: relay.trouble == "RaiseError")
            await _allow_deletes(database)
            await until(lambda: _is_empty(database))
        sent = len(await wire.records(REPORTS.name))
        assert sent >= 60, "each of the three attempts sent everything"
        await until(lambda: wire.has_committed(sent))
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from worked") == 20


async def test_one_relay_sends_and_the_other_takes_over_when_its_connection_dies(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    await wire.create(NOTICES.name, partitions=4)
    async with relaying(settings, database.url) as first:
        await _write(database, [_numbered(number) for number in range(100)])
        await until(lambda: first.sent == 100)
        async with relaying(settings, database.url) as second:
            await _write(database, [_numbered(number) for number in range(100, 200)])
            await until(lambda: _is_empty(database))  # what is sent but not yet forgotten would be sent again
            assert (first.sent, second.sent) == (200, 0), "the second waits for the lock"
            await _kill_holder_of_the_lock(database)
            await _write(database, [_numbered(number) for number in range(200, 300)])
            await until(lambda: second.sent == 100)
            assert first.sent == 200
            assert first.problem() is None
    _assert_each_key_in_order(await wire.records(NOTICES.name), 300)


async def test_a_commit_wakes_the_relay(
    settings: ServiceSettings, wire: Wire, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "POLL_SECONDS", 60.0)
    await wire.create(NOTICES.name)
    async with relaying(settings, database.url) as relay:
        database.after_commit = relay.wake
        await _write(database, [_numbered(0)])
        await until(lambda: relay.sent == 1)
        async with database.connection() as connection:  # another process's commit, which nobody tells us of
            await outbox.add(connection, [_numbered(1)])
        relay.wake()
        await until(lambda: relay.sent == 2)


def _numbered(number: int) -> Message:
    return a_reminder(number, topic=NOTICES)._replace(key=b"key-%d" % (number % KEYS), value=b"%d" % number)


async def _write(database: Database, messages: Sequence[Message]) -> None:
    async with database.transaction() as connection:
        await outbox.add(connection, messages)


async def _is_empty(database: Database) -> bool:
    async with database.connection() as connection:
        return await connection.fetchval("select count(*) from outbox") == 0


async def _refuse_deletes(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("""
            create function refuse() returns trigger language plpgsql as $$ begin raise 'crash'; end $$;
            create trigger refuse before delete on outbox for each row execute function refuse()""")


async def _allow_deletes(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("drop trigger refuse on outbox")


async def _kill_holder_of_the_lock(database: Database) -> None:
    async with database.connection() as connection:
        killed = await connection.fetch("""
            select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
            and database = (select oid from pg_database where datname = current_database())""")
    assert len(killed) == 1, "one relay holds the lock"


def _shape(records: Sequence[ConsumerRecord]) -> list[tuple[bytes | None, bytes | None, tuple[object, ...]]]:
    return sorted(((record.key, record.value, tuple(record.headers)) for record in records), key=repr)


def _partitions_of_each_key(records: Sequence[ConsumerRecord]) -> list[int]:
    partitions = defaultdict(set)
    for record in records:
        if record.key is not None:
            partitions[record.key].add(record.partition)
    return [len(numbers) for numbers in partitions.values()]


def _assert_each_key_in_order(records: Sequence[ConsumerRecord], count: int) -> None:
    """By first appearance: a restart may repeat."""
    seen: dict[bytes | None, list[int]] = defaultdict(list)
    for record in records:
        if (number := int(record.value or b"")) not in seen[record.key]:
            seen[record.key].append(number)
    assert sum(map(len, seen.values())) == count
    assert all(numbers == sorted(numbers) for numbers in seen.values())
    assert _partitions_of_each_key(records) == [1] * KEYS
