"""Reports that wait on a topic, made of the sample day."""

import asyncio
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer
from uuid_utils.compat import uuid7

from benchmarks.placed import placed_reports
from contracts.envelope import SYSTEM, Message, to_message
from contracts.events import event_of
from contracts.facts.report import Place, ReportedFacts, ReportSubmitted
from delivery.sending import COMPRESSION


def messages(topic: str, count: int) -> list[Message]:
    return [_message(topic, body) for body in placed_reports(count)]


async def queue(kafka: str, waiting: list[Message]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=5, compression_type=COMPRESSION)
    await producer.start()
    sent = [
        await producer.send(each.topic, each.value, key=each.key, headers=each.headers) for each in waiting
    ]
    await asyncio.gather(*sent)
    await producer.stop()


def _message(topic: str, body: dict[str, object]) -> Message:
    place = {name: value for name, value in dict(body["place"]).items() if name in ("lon", "lat", "grid")}  # type: ignore[call-overload]  # from JSON
    fact = ReportSubmitted(
        report_id=uuid7(),
        channel=body["channel"],
        text=body["text"],
        category=body.get("category"),
        place=Place(**place),
        facts=ReportedFacts(**body.get("facts", {})),  # type: ignore[arg-type]  # from JSON
    )
    now = datetime.now(UTC)
    moment = {
        "event_id": uuid7(),
        "occurred_at": now,
        "recorded_at": now,
        "correlation_id": uuid7(),
        "case_id": uuid7(),
    }
    return to_message(topic, "intake", event_of(fact, actor=SYSTEM, **moment))
