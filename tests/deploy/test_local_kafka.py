"""The local Apache Kafka: its records, its jars and its Java."""

import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.local import java, kafka_jars
from deploy.local.kafka_jars import LOCK, class_path, locked_jars
from deploy.local.kafka_server import JARS, KafkaServer, cluster_id
from deploy.local.ports import free_port


@pytest.fixture
def kafka(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KafkaServer]:
    """In a folder of any name, on a machine of no locale."""
    monkeypatch.setenv("LC_ALL", "C")
    server = KafkaServer(directory / "a dir 目录é\U0001f600", free_port(), free_port(), short_lived=True)
    server.start()
    yield server
    server.stop()


async def test_kafka_keeps_records_over_stop_sigkill_and_start(kafka: KafkaServer) -> None:
    await _create_topic(kafka, "kept")
    await _send(kafka, "kept", b"before the stop")
    kafka.stop()
    assert not kafka.running
    said: list[str] = []
    kafka.start(say=said.append)
    await _send(kafka, "kept", b"before the kill")
    kafka.kill()
    kafka.start(say=said.append)
    assert await _read(kafka, "kept", 2) == [b"before the stop", b"before the kill"]
    assert not any("formatting" in line or "fetching" in line for line in said)


def test_the_id_of_a_cluster_never_reads_like_an_option() -> None:
    """One of 64 random ids begins with a dash, and `kafka-storage format -t -…` then refuses it."""
    drawn = iter([uuid.UUID(int=0xF8 << 120), uuid.UUID(int=0xFB << 120), uuid.UUID(int=1)])
    assert cluster_id(lambda: next(drawn)) == "AAAAAAAAAAAAAAAAAAAAAQ"


def test_every_jar_of_kafka_is_of_one_release() -> None:
    kafka_versions = {jar.version for jar in locked_jars() if jar.group == "org.apache.kafka"}
    assert kafka_versions == {"4.4.0"}
    assert sum(jar.group == "org.apache.kafka" for jar in locked_jars()) == 14
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in locked_jars())


def test_the_lock_names_no_host_and_no_place_on_a_machine() -> None:
    text = LOCK.read_text()
    assert "://" not in text
    assert not re.search(r'"[^"]*/[^"]*"', text)


def test_a_damaged_jar_is_fetched_again_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in class_path(JARS, say=print).split(os.pathsep):
        (tmp_path / Path(path).name).symlink_to(path)
    damaged = locked_jars()[1]
    (tmp_path / damaged.file_name).unlink()
    (tmp_path / damaged.file_name).write_bytes(b"half of it")
    asked = []
    monkeypatch.setattr(kafka_jars, "_fetch", lambda jars, *_: asked.extend(jars))
    class_path(tmp_path, say=print)
    assert asked == [damaged]


def test_an_old_java_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho '    java.home = /old\n    java.specification.version = 11' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    program, release = java.find_java()
    assert release >= java.OLDEST
    assert program != old


async def _create_topic(server: KafkaServer, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=server.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()


async def _send(server: KafkaServer, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=server.bootstrap, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def _read(server: KafkaServer, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=server.bootstrap, auto_offset_reset="earliest")
    async with consumer:
        consumer.assign([TopicPartition(topic, 0)])
        return [(await consumer.getone()).value for _ in range(count)]
