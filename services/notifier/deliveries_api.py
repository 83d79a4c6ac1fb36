"""Deliveries of a subscription: try it, send again, look how it went."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Query, Request, Response
from uuid_utils.compat import uuid7

from contracts.vocabulary import DeliveryStatus
from delivery.auth import Principal
from delivery.cursors import Limit
from delivery.database import Connection
from delivery.idempotency import Repeatable, once
from delivery.problems import Problem, invalid_field
from delivery.service import service_of
from services.notifier import shapes
from services.notifier.api import Subscriber, own, own_webhook
from services.notifier.message import TEST_TYPE, webhook_id
from services.notifier.settings import Settings
from services.notifier.store import deliveries, delivery_log, replays

router = APIRouter(prefix="/v1/subscriptions/{subscription_id}", tags=["deliveries"])


@router.post("/test", status_code=202, response_model=shapes.TestSent)
async def send_test(
    request: Request, response: Response, caller: Subscriber, subscription_id: UUID, call: Repeatable
) -> Any:
    """Sends one signed event of type `casegrid.test`; its delivery shows how that went."""
    async with service_of(request).database.transaction() as connection:
        work = partial(_tested, connection, caller, subscription_id)
        return await once(connection, call, response, work)


async def _tested(connection: Connection, caller: Principal, subscription_id: UUID) -> shapes.TestSent:
    delivery_id = uuid7()
    await own_webhook(connection, caller, subscription_id)
    await deliveries.add_test(connection, delivery_id, subscription_id, TEST_TYPE)
    return shapes.TestSent(
        delivery_id=delivery_id, webhook_id=webhook_id(delivery_id), deliveries=_log_of(subscription_id)
    )


@router.post("/replay", status_code=202, response_model=shapes.Replay)
async def replay(
    request: Request,
    response: Response,
    caller: Subscriber,
    subscription_id: UUID,
    wanted: shapes.ReplayWanted,
    call: Repeatable,
) -> Any:
    """Sends again what matched since `from`, in order, as new deliveries of the same events."""
    async with service_of(request).database.transaction() as connection:
        work = partial(_begun, request, connection, caller, subscription_id, wanted.since)
        return await once(connection, call, response, work)


async def _begun(
    request: Request, connection: Connection, caller: Principal, subscription_id: UUID, since: datetime
) -> shapes.Replay:
    _check_reach(request, since)
    await own_webhook(connection, caller, subscription_id)
    if not await replays.begin(connection, subscription_id, since):
        raise Problem(409, "a replay of this subscription still runs")
    return shapes.Replay(subscription_id=subscription_id, since=since, deliveries=_log_of(subscription_id))


def _check_reach(request: Request, since: datetime) -> None:
    settings, now = service_of(request).settings, datetime.now(UTC)
    assert isinstance(settings, Settings)
    if since > now:
        raise invalid_field("/from", "lies in the future")
    if since < now - timedelta(days=settings.feed_days):
        raise invalid_field("/from", f"replays reach back {settings.feed_days} days")


@router.get("/deliveries")
async def list_deliveries(
    request: Request,
    caller: Subscriber,
    subscription_id: UUID,
    *,
    status: DeliveryStatus | None = None,
    after: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Limit = 50,
) -> shapes.Deliveries:
    """The delivery log, newest first."""
    async with service_of(request).database.connection() as connection:
        await own(connection, caller, subscription_id)
        rows = await delivery_log.page(
            connection, subscription_id, status=status, after=after, limit=limit + 1
        )
    items = [shapes.delivery_from(row) for row in rows[:limit]]
    following = str(rows[limit - 1]["sequence"]) if len(rows) > limit else None
    return shapes.Deliveries(items=items, next=following)


@router.get("/deliveries/{delivery_id}")
async def show_delivery(
    request: Request, caller: Subscriber, subscription_id: UUID, delivery_id: UUID
) -> shapes.Delivery:
    """One delivery with all its attempts."""
    async with service_of(request).database.connection() as connection:
        await own(connection, caller, subscription_id)
        return shapes.delivery_from(await _found(connection, subscription_id, delivery_id))


@router.post("/deliveries/{delivery_id}/retry", status_code=202, response_model=shapes.Delivery)
async def retry_delivery(
    request: Request,
    response: Response,
    caller: Subscriber,
    subscription_id: UUID,
    delivery_id: UUID,
    call: Repeatable,
) -> Any:
    """Tries a failed or expired delivery again, under the same `webhook-id` and with a schedule of its own."""
    async with service_of(request).database.transaction() as connection:
        work = partial(_renewed, connection, caller, subscription_id, delivery_id)
        return await once(connection, call, response, work)


async def _renewed(
    connection: Connection, caller: Principal, subscription_id: UUID, delivery_id: UUID
) -> shapes.Delivery:
    await own_webhook(connection, caller, subscription_id)
    before = await _found(connection, subscription_id, delivery_id)
    if not before["is_kept"]:
        raise Problem(409, "what it was about is no longer kept")
    renewed = await delivery_log.renew(connection, subscription_id, delivery_id)
    after = await _found(connection, subscription_id, delivery_id)  # somebody else may have been quicker
    if not renewed:
        raise Problem(409, f"only what has failed is tried again; this is {after['status']}")
    return shapes.delivery_from(after)


async def _found(connection: Connection, subscription_id: UUID, delivery_id: UUID) -> asyncpg.Record:
    row = await delivery_log.find(connection, subscription_id, delivery_id)
    if row is None:
        raise Problem(404, "no such delivery of this subscription")
    return row


def _log_of(subscription_id: UUID) -> str:
    return f"/v1/subscriptions/{subscription_id}/deliveries"
