"""What an address that was subscribed does: confirm, and leave; by the secret in the link, without a token of ours."""

import secrets
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from uuid_utils.compat import uuid7

from delivery.database import Connection, once_committed
from delivery.field_types import shaped
from delivery.problems import Problem, invalid_field
from delivery.service import Running, service_of
from services.notifier import shapes
from services.notifier.mail import mail_store
from services.notifier.mail.lines import PACES
from services.notifier.mail.words import page
from services.notifier.metrics import count_mails
from services.notifier.settings import Settings
from services.notifier.store import subscriptions

router = APIRouter(tags=["subscriptions by e-mail"])
Secret = Annotated[
    str, Path(min_length=20, max_length=100), shaped(r"^[A-Za-z0-9_-]+$", "letters, digits and _ -")
]


@router.get("/v1/mail/confirm/{token}")
async def ask_to_confirm(service: Running, token: Secret) -> Response:
    async with service.database.connection() as connection:
        await _found(connection, "confirm", token)
    return _html("confirm")


@router.post("/v1/mail/confirm/{token}")
async def confirm(service: Running, token: Secret) -> Response:
    """From now on the subscription is sent to; again, it changes nothing."""
    async with service.database.transaction() as connection:
        await mail_store.confirm(connection, await _found(connection, "confirm", token, to_change=True))
    return _html("confirmed")


@router.get("/v1/mail/leave/{token}")
async def ask_to_leave(service: Running, token: Secret) -> Response:
    async with service.database.connection() as connection:
        await _found(connection, "leave", token)
    return _html("leave")


@router.post("/v1/mail/leave/{token}")
async def leave(service: Running, token: Secret) -> Response:
    """One click (RFC 8058): nothing more is sent, whatever the body holds."""
    async with service.database.transaction() as connection:
        subscription_id = await _found(connection, "leave", token, to_change=True)
        await end(connection, subscription_id)
        await subscriptions.disable(connection, [subscription_id])
    return _html("left")


def demand_mail(request: Request) -> None:
    """422 where no e-mail can leave, or no letter could say how to confirm it."""
    settings = service_of(request).settings
    assert isinstance(settings, Settings)
    if not settings.smtp_host or not settings.mail_url:
        raise invalid_field("/channel", "e-mail is not set up here")


async def begin(connection: Connection, subscription_id: UUID, target: shapes.Target) -> None:
    await mail_store.begin(
        connection,
        subscription_id,
        language=target.language,
        paces=PACES | target.paces,
        tokens=_tokens(),
        line_id=uuid7(),
    )


async def change(
    connection: Connection, subscription_id: UUID, target: shapes.Target, *, is_new: bool
) -> None:
    """What is present of language and paces; a new address is asked, and the links of the former end."""
    language = target.language if "language" in target.model_fields_set else None
    await mail_store.change(connection, subscription_id, language=language, paces=target.paces)
    if is_new:
        stopped = await mail_store.begin_anew(connection, subscription_id, tokens=_tokens(), line_id=uuid7())
        once_committed(partial(count_mails, stopped))


async def resume(connection: Connection, subscription_id: UUID) -> None:
    """After a pause."""
    await mail_store.resume(connection, subscription_id)


async def end(connection: Connection, subscription_id: UUID) -> None:
    """Nobody is to read any more: what waits is stopped."""
    stopped = await mail_store.leave(connection, subscription_id)
    once_committed(partial(count_mails, stopped))


async def demand_reader(connection: Connection, subscription_id: UUID) -> None:
    """409 where somebody at the address has ended it: only he, or another address, begins it anew."""
    if await mail_store.has_left(connection, subscription_id):
        raise Problem(409, "the address has unsubscribed: give another, or subscribe anew")


def _tokens() -> tuple[str, str]:
    return secrets.token_urlsafe(32), secrets.token_urlsafe(32)


async def _found(
    connection: Connection, which: Literal["confirm", "leave"], token: str, *, to_change: bool = False
) -> UUID:
    """`to_change`: whoever changes the subscription has done so, and a link that he has ended is none any more."""
    row = await mail_store.by_token(connection, which, token)
    if row is not None and to_change:
        # the subscription before its mail, as whoever changes it does: so nobody waits in a circle
        await subscriptions.find(connection, row["subscription_id"], to_change=True)
        row = await mail_store.by_token(connection, which, token)
    if row is None:
        raise Problem(404, "no such subscription, or the link is too old")
    found: UUID = row["subscription_id"]
    return found


def _html(which: str) -> Response:
    headers = {"referrer-policy": "no-referrer", "cache-control": "no-store"}
    return Response(page(which), headers=headers, media_type="text/html")
