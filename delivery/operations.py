"""What a service tells those who run it: whether it lives, what keeps it from being ready, its metrics, its topics."""

import asyncio
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from delivery import outbox
from delivery.asyncapi import asyncapi
from delivery.metrics import LAG, OUTBOX_AGE, OUTBOX_DEPTH, OUTBOX_SENT
from delivery.problems import Problem

if TYPE_CHECKING:
    from delivery.service import Service

_LONGEST_SECONDS = 2  # for each part that is asked
_ASKED_BY = ["GET", "HEAD"]  # load balancers ask for the status alone


def operations(service: "Service") -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.api_route("/health/live", methods=_ASKED_BY)
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.api_route("/health/ready", methods=_ASKED_BY)
    async def ready() -> dict[str, str]:
        if problems := await _problems(service):
            raise Problem(503, "; ".join(problems), problems=problems)
        return {"status": "ready"}

    @router.get("/metrics")
    async def metrics() -> Response:
        for measure in service.measures:
            await measure.take()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @router.get("/asyncapi")
    async def asyncapi_document() -> dict[str, Any]:
        reads = {consumer.topic: consumer.types for consumer in service.consumers}
        return asyncapi(service.name, kafka=service.settings.kafka, reads=reads, writes=service.writes)

    return router


async def _problems(service: "Service") -> list[str]:
    problems = service.problems() if service.joined else [service.away]
    try:
        async with asyncio.timeout(_LONGEST_SECONDS), service.database.connection() as connection:
            await connection.fetchval("select 1")
    except Exception as error:  # whatever keeps us from the database, it is the answer
        problems.append(f"database: {type(error).__name__}")
    if service.consumers and not await service.broker.ping(timeout=_LONGEST_SECONDS):
        problems.append("kafka does not answer")
    elif service.joined:
        problems += [stall for consumer in service.consumers if (stall := await consumer.stall())]
    return problems


async def measure_delivery(service: "Service") -> None:
    for consumer in service.consumers:
        LAG.labels(consumer.name, consumer.topic.name).set(await consumer.lag())
    OUTBOX_SENT.labels(service.name).set(service.relay.sent)
    async with service.database.connection() as connection:
        depth, age = await outbox.waiting(connection, service.relay.low_water.at)
    OUTBOX_DEPTH.labels(service.name).set(depth)
    OUTBOX_AGE.labels(service.name).set(age)
