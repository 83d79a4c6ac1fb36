"""Topics are made when a service starts, and what they keep is never more than the inbox knows."""

import time

import pytest
from aiokafka.errors import KafkaError

from contracts.topics import DIRECTORY, KEPT_DAYS, NOTICES, REPORTS, TOPICS
from delivery.service import INBOX_DAYS
from delivery.settings import ServiceSettings
from delivery.topic_creation import create_topics
from tests.delivery.tiny_service import remember, running, tiny_service
from tests.delivery.wire import Wire
from tests.waiting import until


async def test_topics_are_made_with_their_dead_letters_beside_them(
    settings: ServiceSettings, wire: Wire, tiny_url: str
) -> None:
    async with running(tiny_service(settings, remember, writes=(NOTICES, DIRECTORY))):
        for topic in (REPORTS, NOTICES, DIRECTORY):
            await until(lambda topic=topic: _has_partitions(wire, topic.name, topic.partitions))
            await until(lambda topic=topic: _has_partitions(wire, topic.dead, 1))
    await create_topics(settings, [REPORTS, NOTICES])  # a second start changes nothing and does not fail


async def test_no_topic_brings_again_what_the_inbox_has_forgotten(
    settings: ServiceSettings, wire: Wire
) -> None:
    """Given up on at its last hour, replayed at the letter's last, and Kafka deletes a week later than it says."""
    await create_topics(settings, TOPICS)
    for topic in TOPICS:
        letter_days = await _days_kept(wire, topic.dead)
        if topic.compacted:  # the last of each key, for good: worked again it says what stands already
            assert (await wire.settings_of(topic.name))["cleanup.policy"] == "compact"
        else:
            assert (days := await _days_kept(wire, topic.name)) == KEPT_DAYS
            assert days + 7 + letter_days + 7 < INBOX_DAYS


@pytest.mark.parametrize("days", [1, -60])
async def test_kafka_takes_and_keeps_what_a_host_with_a_wrong_clock_writes(
    settings: ServiceSettings, wire: Wire, days: int
) -> None:
    await create_topics(settings, [REPORTS])
    sent_at = int((time.time() + days * 86_400) * 1000)
    for name in (REPORTS.name, REPORTS.dead):
        await wire._producer.send_and_wait(settings.namespace + name, b"said", timestamp_ms=sent_at)
        (record,) = await wire.records(name)
        assert abs(record.timestamp / 1000 - time.time()) < 3600, "kept from now on"


async def test_a_topic_that_is_there_stays_as_it_is(settings: ServiceSettings, wire: Wire) -> None:
    await wire.create(REPORTS.name)
    was = await wire.settings_of(REPORTS.name)
    await create_topics(settings, [REPORTS])
    assert await wire.settings_of(REPORTS.name) == was


async def test_a_topic_that_cannot_be_made_stops_the_start(settings: ServiceSettings) -> None:
    """Otherwise the relay would wait for it for ever, behind a service that calls itself ready."""
    with pytest.raises(KafkaError, match="InvalidReplicationFactor"):
        await create_topics(settings.model_copy(update={"replication": 3}), [REPORTS])


async def test_who_is_away_as_long_as_he_may_hears_what_was_taken_out_of_a_compacted_topic(
    settings: ServiceSettings, wire: Wire
) -> None:
    await create_topics(settings, [DIRECTORY])
    assert await _days_kept(wire, DIRECTORY.name, "delete.retention.ms") == KEPT_DAYS


async def _days_kept(wire: Wire, topic: str, setting: str = "retention.ms") -> int:
    return int((await wire.settings_of(topic))[setting]) // 86_400_000


async def _has_partitions(wire: Wire, topic: str, number: int) -> bool:
    return len(await wire._partitions(topic)) == number
