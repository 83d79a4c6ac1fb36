"""A subscriber on Kafka: `KAFKA=host:9092 python kafka_subscriber.py dispatch.town.v1 my-agency`. Needs aiokafka."""

import asyncio
import json
import os
import sys

from aiokafka import AIOKafkaConsumer

UNITS = set(filter(None, os.environ.get("UNITS", "").split(",")))  # empty: every unit of the tier


async def main(topic: str, group: str) -> None:
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=os.environ.get("KAFKA", "127.0.0.1:9092"),
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    seen: set[str] = set()  # yours lives in a database, and is written with the work
    async with consumer:
        async for record in consumer:
            order = json.loads(record.value)
            if order["event_id"] not in seen and concerns_us(order["data"]):
                print(
                    order["type"], order["case_id"], order["urgency"], order["data"].get("lead"), flush=True
                )
            seen.add(order["event_id"])
            await consumer.commit()  # after the work: a crash brings the record again, and `seen` knows it


def concerns_us(data: dict) -> bool:
    named = {data.get("lead"), data.get("unit"), *data.get("co_handlers", ()), *data.get("copies", ())}
    return not UNITS or bool(UNITS & named)


asyncio.run(main(*sys.argv[1:3]))
