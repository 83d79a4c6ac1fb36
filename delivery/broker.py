"""FastStream's Kafka broker as batches need it: records as they came, read by members of ours, committed when done."""

from functools import partial
from typing import Any

from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from delivery.group_member import GroupMember

GRACE_SECONDS = 20.0
SESSION_MS = 6_000  # the least that Kafka allows


def make_broker(kafka: str) -> KafkaBroker:
    return Broker(
        kafka,
        codec=RecordsCodec(),
        parser=parse_nothing,
        apply_types=False,
        graceful_timeout=GRACE_SECONDS,
        logger=None,
    )


def subscriber_of(broker: KafkaBroker, topic: str, *, group: str, most: int, title: str) -> Any:
    """Reads in batches of `most` records; what its handler raises for comes again."""
    return broker.subscriber(
        topic,
        group_id=group,
        batch=True,
        max_records=most,
        ack_policy=AckPolicy.NACK_ON_ERROR,  # the default commits before the work is done
        auto_offset_reset="earliest",  # the default skips what was sent before the group's first commit
        session_timeout_ms=SESSION_MS,  # how long a member that was killed keeps its partitions from the others
        heartbeat_interval_ms=500,  # how soon a member learns that the group changes: all stand still until then
        title=title,
    )


class RecordsCodec:
    """Hands our handler the records as they came: FastStream would decode headers and bodies before we can object."""

    async def decode(self, message: Any) -> Any:
        return message.raw_message

    async def decode_batch(self, message: Any) -> Any:
        return message.raw_message

    async def encode(self, message: Any, serializer: Any = None) -> Any:
        return message, None

    async def encode_batch(self, messages: Any, serializer: Any = None) -> Any:
        return [(message, None) for message in messages]


async def parse_nothing(raw: Any, original: Any) -> Any:
    """Never touches header bytes: FastStream 0.7.8 decodes them outside its own error handling, and a header that is
    null or not UTF-8 would make it commit past the whole batch unseen."""
    records = raw if isinstance(raw, tuple | list) else (raw,)
    first, parser = records[0], original.__self__
    return parser.msg_class(
        body=b"",
        headers={},
        reply_to="",
        content_type=None,
        message_id=f"{first.topic}:{first.partition}:{first.offset}",
        correlation_id="",
        raw_message=raw,
        path={},
        consumer=getattr(raw, "consumer", parser._consumer),
    )


class Broker(KafkaBroker):
    """FastStream's broker, whose consumers are ours."""

    async def _connect(self) -> Any:
        builder: Any = await super()._connect()
        self.config.broker_config.builder = partial(GroupMember, **builder.keywords)
        return self.config.broker_config.builder
