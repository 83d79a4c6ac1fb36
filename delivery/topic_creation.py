"""Makes the topics that a service writes or reads, and the dead-letter topic of each."""

from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import NoError, TopicAlreadyExistsError, for_code

from contracts.topics import KEPT_DAYS, Topic
from delivery.outbox import LARGEST
from delivery.settings import ServiceSettings

LETTER_DAYS = 30
# by a writer's, Kafka refuses what is stamped an hour ahead and deletes within minutes what is stamped a month ago
_BY_ITS_OWN_CLOCK = {"message.timestamp.type": "LogAppendTime"}


async def create_topics(settings: ServiceSettings, wanted: Sequence[Topic]) -> None:
    """Kafka makes no topic by itself here: a name misspelt must not become a topic. What is there stays as it is."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await admin.start()
    try:
        present = await admin.list_topics()
        topics = [new for topic in wanted for new in _new_topics(topic, settings)]
        for missing in (new for new in topics if new.name not in present):
            made = await admin.create_topics([missing])  # it answers errors instead of raising them
            for error in (for_code(code) for _, code, *_ in made.topic_errors):
                if error not in (NoError, TopicAlreadyExistsError):  # the latter: another service was quicker
                    raise error(missing.name)
    finally:
        await admin.close()


def _new_topics(topic: Topic, settings: ServiceSettings) -> list[NewTopic]:
    kept = _last_of_each_key() if topic.compacted else _for_days(KEPT_DAYS)
    letters = _for_days(LETTER_DAYS) | {"max.message.bytes": str(LARGEST)}
    durable = {"min.insync.replicas": "2"} if settings.replication > 2 else {}
    copies, every = settings.replication, _BY_ITS_OWN_CLOCK | durable
    return [
        NewTopic(settings.namespace + topic.name, topic.partitions, copies, topic_configs=kept | every),
        NewTopic(settings.namespace + topic.dead, 1, copies, topic_configs=letters | every),
    ]


def _last_of_each_key() -> dict[str, str]:
    """And that there is none any more: who is away longer than Kafka's usual day after a compaction, or restored from
    an older backup, would keep what was taken out."""
    return {"cleanup.policy": "compact", "delete.retention.ms": _for_days(KEPT_DAYS)["retention.ms"]}


def _for_days(days: int) -> dict[str, str]:
    return {"retention.ms": str(days * 86_400_000)}
