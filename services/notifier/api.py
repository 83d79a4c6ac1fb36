"""Subscriptions: who wants to be told of what, and where."""

import hashlib
import secrets
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Request, Response
from uuid_utils.compat import uuid7

from contracts.vocabulary import Role
from delivery.auth import Principal, require
from delivery.cursors import Limit
from delivery.database import Connection
from delivery.idempotency import KEY_REUSED, Key
from delivery.problems import Problem, invalid_field
from delivery.service import service_of
from services.notifier import shapes
from services.notifier.mail import api as mail
from services.notifier.message import new_secret
from services.notifier.settings import Settings
from services.notifier.store import delivery_log, subscriptions
from services.notifier.webhook import refused

router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions"])
SUBSCRIBERS = (Role.AGENCY, Role.SUPERVISOR)
Subscriber = Annotated[Principal, Depends(require(*SUBSCRIBERS))]


@router.post("", status_code=201, response_model=shapes.SubscriptionMade)
async def subscribe(
    wanted: shapes.NewSubscription,
    request: Request,
    response: Response,
    caller: Subscriber,
    idempotency_key: Key = None,
) -> shapes.SubscriptionMade:
    if wanted.channel == "email":
        mail.demand_mail(request)
    row = _row(wanted, owner_of(caller), caller.sub)
    await _check_target(request, row["target"] if wanted.channel == "webhook" else None)
    async with service_of(request).database.transaction() as connection:
        made = await _made_before(connection, caller.sub, idempotency_key, wanted, row["id"])
        response.status_code = 201 if made is None else 200
        if made is None:
            await _check_count(request, connection, row["owner"])
            made = await _make(connection, row, wanted)
        return shapes.made_from(made)


async def _make(
    connection: Connection, row: dict[str, Any], wanted: shapes.NewSubscription
) -> asyncpg.Record:
    made = await subscriptions.insert(connection, row)
    if wanted.channel != "email" or wanted.target is None:
        return made
    await mail.begin(connection, made["id"], wanted.target)
    with_its_mail = await subscriptions.find(connection, made["id"])
    assert with_its_mail is not None, "just made"
    return with_its_mail


async def _check_count(request: Request, connection: Connection, owner: str | None) -> None:
    settings = service_of(request).settings
    assert isinstance(settings, Settings)
    if await subscriptions.count_of(connection, owner) >= (most := settings.subscriptions_per_owner):
        whose = f"unit {owner}" if owner else "the administrators"
        raise Problem(
            409, f"{whose} may have {most} subscriptions and has them: delete one, or widen a filter"
        )


def _row(wanted: shapes.NewSubscription, owner: str | None, caller: str) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "owner": owner,
        "name": wanted.name,
        "channel": wanted.channel,
        "target": _where(wanted.channel, wanted.target) if wanted.target else None,
        "filter": wanted.filter.model_dump(mode="json"),
        "secret": _fresh_secret() if wanted.channel == "webhook" else None,
        "created_by": caller,
    }


def _where(channel: str, target: shapes.Target) -> str | None:
    return {"webhook": target.url, "email": target.address}.get(channel)


def _fresh_secret() -> str:
    return new_secret(secrets.token_bytes(32))


async def _made_before(
    connection: Connection, caller: str, key: str | None, wanted: shapes.NewSubscription, made: UUID
) -> asyncpg.Record | None:
    """What the same key made; a caller who lost the answer, and the secret with it, gets both again."""
    digest = _digest(wanted.model_dump_json())
    before = await _claimed_before(connection, caller, key, digest, made)
    if before is None:
        return None
    if before["body_sha256"] != digest:
        raise Problem(409, KEY_REUSED)
    row = await subscriptions.find(connection, before["subscription_id"])
    if row is None:
        raise Problem(409, "what this Idempotency-Key made has been deleted")
    return row


async def _claimed_before(
    connection: Connection, caller: str, key: str | None, body_sha256: bytes, made: UUID
) -> asyncpg.Record | None:
    """What the caller has used the key for; None without a key, and for one that is new, which is now used."""
    if key is None or await subscriptions.claim_key(
        connection, caller=caller, key=key, body_sha256=body_sha256, made=made
    ):
        return None
    return await subscriptions.made_with(connection, caller, key)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


async def _check_target(request: Request, url: str | None) -> None:
    settings = service_of(request).settings
    assert isinstance(settings, Settings)
    if url is not None and (why := await refused(url, allow_private=settings.allow_private_targets)):
        raise invalid_field("/target/url", why)


@router.get("")
async def list_subscriptions(
    request: Request, caller: Subscriber, after: UUID | None = None, limit: Limit = 50
) -> shapes.Subscriptions:
    async with service_of(request).database.connection() as connection:
        rows = await subscriptions.page(
            connection,
            owner=owner_of(caller),
            everybodys=caller.is_admin,
            after=after,
            limit=limit + 1,
        )
    items = [shapes.subscription_from(row) for row in rows[:limit]]
    return shapes.Subscriptions(items=items, next=items[-1].id if len(rows) > limit else None)


@router.get("/{subscription_id}")
async def show_subscription(
    request: Request, caller: Subscriber, subscription_id: UUID
) -> shapes.Subscription:
    async with service_of(request).database.connection() as connection:
        return shapes.subscription_from(await own(connection, caller, subscription_id))


@router.patch("/{subscription_id}")
async def change_subscription(
    request: Request, caller: Subscriber, subscription_id: UUID, change: shapes.SubscriptionChange
) -> shapes.Subscription:
    """Paused, it is sent nothing; made active again, all that came meanwhile, unless `skip_missed` is asked for.

    A new address is sent to once it has confirmed.
    """
    changes = change.model_dump(mode="json", exclude_unset=True, exclude={"skip_missed"})
    await _check_target(request, change.target.url)
    async with service_of(request).database.transaction() as connection:
        before = await own(connection, caller, subscription_id, to_change=True)
        if "target" in changes:
            changes["target"] = await _change_target(request, connection, before, change.target)
        if _is_brought_back(before, changes):
            changes.setdefault("status", "active")
        if before["channel"] == "email" and "status" in changes:
            await mail.demand_reader(connection, subscription_id)
        after = await subscriptions.change(connection, subscription_id, dict(before) | changes)
        if change.skip_missed and after["status"] == "active":
            await subscriptions.skip_what_waits(connection, subscription_id)
        elif (before["status"], after["status"]) == ("paused", "active"):
            await delivery_log.resume(connection, subscription_id)
            await mail.resume(connection, subscription_id)
        return shapes.subscription_from(after)


def _is_brought_back(before: asyncpg.Record, changes: dict[str, Any]) -> bool:
    """It was the former address that has unsubscribed."""
    has_left = before["channel"] == "email" and before["status"] == "disabled"
    return bool(has_left and changes.get("target", before["target"]) != before["target"])


async def _change_target(
    request: Request, connection: Connection, before: asyncpg.Record, wanted: shapes.Target
) -> str:
    """Where it goes from now on; of e-mail the address may stay as it is."""
    channel: str = before["channel"]
    if wrong := shapes.misplaced(channel, wanted):
        raise invalid_field(*wrong)
    where = _where(channel, wanted) or (before["target"] if channel == "email" else None)
    if where is None:
        raise invalid_field("/target", "a webhook needs target.url, a stream has no target")
    if channel == "email":
        mail.demand_mail(request)
        await mail.change(connection, before["id"], wanted, is_new=where != before["target"])
    return where


@router.delete("/{subscription_id}", status_code=204)
async def unsubscribe(request: Request, caller: Subscriber, subscription_id: UUID) -> None:
    async with service_of(request).database.transaction() as connection:
        await own(connection, caller, subscription_id, to_change=True)
        await subscriptions.remove(connection, subscription_id)
        await mail.end(connection, subscription_id)


@router.post("/{subscription_id}/secret")
async def rotate_secret(
    request: Request, caller: Subscriber, subscription_id: UUID, idempotency_key: Key = None
) -> shapes.Secret:
    """The new secret, shown once; the former one signs beside it for another 24 hours.

    The same `Idempotency-Key` gives the same secret again, as long as no other has followed it.
    """
    fresh = _fresh_secret()
    async with service_of(request).database.transaction() as connection:
        row = await own_webhook(connection, caller, subscription_id, to_change=True)
        if before := await _claimed_before(
            connection, caller.sub, idempotency_key, _digest(fresh), subscription_id
        ):
            return _rotated_before(row, before)
        until = await subscriptions.rotate(connection, subscription_id, fresh)
    return shapes.Secret(secret=fresh, former_valid_until=until)


def _rotated_before(row: asyncpg.Record, before: asyncpg.Record) -> shapes.Secret:
    if before["body_sha256"] != _digest(row["secret"]):
        raise Problem(409, f"{KEY_REUSED}, or another secret has followed")
    return shapes.Secret(secret=row["secret"], former_valid_until=row["former_until"])


def owner_of(caller: Principal) -> str | None:
    """The unit whose subscriptions these are; an administrator's belong to none, whatever unit he is of."""
    if caller.is_admin:
        return None
    if caller.unit is None:
        raise Problem(403, "the token names no unit, and subscriptions belong to units")
    return caller.unit


async def own(
    connection: Connection, caller: Principal, subscription_id: UUID, *, to_change: bool = False
) -> asyncpg.Record:
    """The caller's subscription; one of another unit does not exist for him."""
    owner = owner_of(caller)
    row = await subscriptions.find(connection, subscription_id, to_change=to_change)
    if row is None or not (caller.is_admin or row["owner"] == owner):
        raise Problem(404, "no such subscription")
    return row


async def own_webhook(
    connection: Connection, caller: Principal, subscription_id: UUID, *, to_change: bool = False
) -> asyncpg.Record:
    row = await own(connection, caller, subscription_id, to_change=to_change)
    if row["channel"] != "webhook" or row["status"] != "active":
        raise Problem(409, f"needs an active webhook; this is a {row['channel']} that is {row['status']}")
    return row
