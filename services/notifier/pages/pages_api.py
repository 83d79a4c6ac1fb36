"""The pages of subscriptions: the list, one with its deliveries, one delivery, and what can be done with them.

Each does what the endpoint of the API does, by calling it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from contracts.vocabulary import DeliveryStatus
from delivery.auth import Principal
from delivery.idempotency import Call
from delivery.pages.site import form_of
from delivery.pages.times import in_zone, on_the_wall
from delivery.problems import Problem
from services.notifier import api, deliveries_api, shapes
from services.notifier.pages import forms, view
from services.notifier.pages.site import SITE, Body, Me, done, refusal, settings_of, valid, zone_of

router = APIRouter(route_class=SITE.route_class, include_in_schema=False)
_SUBSCRIPTIONS_A_PAGE = 50
_DELIVERIES_A_PAGE = 20


class _ListWanted(BaseModel):
    after: UUID | None = None


class _LogWanted(BaseModel):
    status: DeliveryStatus | None = None
    after: Annotated[int, Field(ge=1, lt=2**63)] | None = None


@router.get("/")
async def show_subscriptions(request: Request, me: Me) -> Response:
    wanted = _asked(request, _ListWanted)
    found = await api.list_subscriptions(request, me, wanted.after, _SUBSCRIPTIONS_A_PAGE)
    return SITE.page(
        request,
        "subscriptions.html",
        me=me,
        rows=view.rows_of(found.items, SITE.voice_of(request)),
        everybodys=me.is_admin,
        is_first=wanted.after is None,
        following=found.next,
        done=done(request.query_params),
    )


@router.get("/subscriptions/{subscription_id}")
async def show_subscription(request: Request, subscription_id: UUID, me: Me) -> Response:
    return await _subscription_page(request, subscription_id, me)


@router.post("/subscriptions/{subscription_id}/commands/{command}")
async def give_command(request: Request, subscription_id: UUID, command: str, me: Me) -> Response:
    given = await form_of(request)
    if command not in _COMMANDS:
        raise Problem(404, "no such command")
    try:
        return await _COMMANDS[command](request, me, subscription_id, given)
    except Problem as problem:
        refused = refusal(request, problem)
        return await _subscription_page(
            request, subscription_id, me, refused=(command, refused), given=given, status=problem.status
        )


@router.get("/subscriptions/{subscription_id}/deliveries/{delivery_id}")
async def show_delivery(request: Request, subscription_id: UUID, delivery_id: UUID, me: Me) -> Response:
    return await _delivery_page(request, subscription_id, delivery_id, me)


@router.post("/subscriptions/{subscription_id}/deliveries/{delivery_id}/commands/retry")
async def retry_delivery(request: Request, subscription_id: UUID, delivery_id: UUID, me: Me) -> Response:
    try:
        await deliveries_api.retry_delivery(
            request, Response(), me, subscription_id, delivery_id, Call(me.sub)
        )
    except Problem as problem:
        refused = refusal(request, problem)
        return await _delivery_page(request, subscription_id, delivery_id, me, refused, problem.status)
    return _to(f"/subscriptions/{subscription_id}/deliveries/{delivery_id}", "retry")


def secret_page(
    request: Request, me: Principal, one: shapes.Subscription, secret: str, *, former_until: str | None = None
) -> Response:
    """The only page that ever shows a secret; no browser keeps it. `former_until`: it was rotated."""
    return SITE.page(
        request,
        "secret.html",
        me=me,
        path=f"/subscriptions/{one.id}",
        one=one,
        secret=secret,
        former_until=former_until,
        done="rotate" if former_until else "create",
    )


async def _pause(request: Request, me: Principal, one: UUID, given: Mapping[str, str]) -> Response:
    await api.change_subscription(request, me, one, shapes.SubscriptionChange(status="paused"))
    return _to(f"/subscriptions/{one}", "pause")


async def _resume(request: Request, me: Principal, one: UUID, given: Mapping[str, str]) -> Response:
    change = shapes.SubscriptionChange(status="active", skip_missed=given.get("skip_missed") == "true")
    await api.change_subscription(request, me, one, change)
    return _to(f"/subscriptions/{one}", "resume")


async def _probe(request: Request, me: Principal, one: UUID, given: Mapping[str, str]) -> Response:
    """Any change has an open circuit tried at once; this one changes nothing else."""
    name = (await api.show_subscription(request, me, one)).name
    await api.change_subscription(request, me, one, shapes.SubscriptionChange(name=name))
    return _to(f"/subscriptions/{one}", "probe")


async def _test(request: Request, me: Principal, one: UUID, given: Mapping[str, str]) -> Response:
    sent = await deliveries_api.send_test(request, Response(), me, one, Call(me.sub))
    return _to(f"/subscriptions/{one}/deliveries/{sent.delivery_id}", "test")


async def _replay(request: Request, me: Principal, one: UUID, given: Mapping[str, str]) -> Response:
    since = in_zone(given.get("from", ""), zone_of(request))
    wanted = valid(shapes.ReplayWanted, {"from": since})
    await deliveries_api.replay(request, Response(), me, one, wanted, Call(me.sub))
    return _to(f"/subscriptions/{one}", "replay")


async def _rotate(request: Request, me: Principal, one: UUID, given: Mapping[str, str]) -> Response:
    """The form's key makes of a button that is pressed twice one rotation."""
    fresh = await api.rotate_secret(request, me, one, forms.key_of(given))
    until = on_the_wall(fresh.former_valid_until, zone_of(request))
    shown = await api.show_subscription(request, me, one)
    return secret_page(request, me, shown, fresh.secret, former_until=until)


async def _delete(request: Request, me: Principal, one: UUID, given: Mapping[str, str]) -> Response:
    await api.unsubscribe(request, me, one)
    return _to("/", "delete")


_COMMANDS: dict[str, Callable[[Request, Principal, UUID, Mapping[str, str]], Awaitable[Response]]] = {
    "pause": _pause,
    "resume": _resume,
    "probe": _probe,
    "test": _test,
    "replay": _replay,
    "rotate": _rotate,
    "delete": _delete,
}


async def _subscription_page(
    request: Request,
    subscription_id: UUID,
    me: Principal,
    *,
    refused: tuple[str, forms.Refused] | None = None,
    given: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    wanted = _asked(request, _LogWanted)
    one = await api.show_subscription(request, me, subscription_id)
    log = await deliveries_api.list_deliveries(
        request, me, subscription_id, status=wanted.status, after=wanted.after, limit=_DELIVERIES_A_PAGE
    )
    voice, zone, state = SITE.voice_of(request), zone_of(request), view.state_of(one)
    return SITE.page(
        request,
        "subscription.html",
        status=status,
        me=me,
        path=f"/subscriptions/{subscription_id}",
        one=one,
        state=view.tag("state", state, voice),
        facts=view.about(one, zone, voice),
        filter=view.filter_said(one.filter, voice),
        commands=view.commands_of(one),
        why_disabled=view.why_disabled(one),
        deliveries=view.delivery_rows(log.items, zone, voice),
        statuses=list(DeliveryStatus),
        wanted_status=wanted.status,
        is_first=wanted.after is None,
        following=log.next,
        refused=refused,
        given=given or {},
        key=forms.new_key(),
        feed_days=settings_of(request).feed_days,
        zone=str(zone),
        done=None if refused else done(request.query_params),
    )


async def _delivery_page(
    request: Request,
    subscription_id: UUID,
    delivery_id: UUID,
    me: Principal,
    refused: forms.Refused = forms.NOTHING,
    status: int = 200,
) -> Response:
    one = await api.show_subscription(request, me, subscription_id)
    delivery = await deliveries_api.show_delivery(request, me, subscription_id, delivery_id)
    desk, zone = settings_of(request).desk_url.rstrip("/"), zone_of(request)
    return SITE.page(
        request,
        "delivery.html",
        status=status,
        me=me,
        path=f"/subscriptions/{subscription_id}/deliveries/{delivery_id}",
        one=one,
        delivery_id=delivery_id,
        case_link=f"{desk}/cases/{delivery.case_id}" if desk and delivery.case_id else None,
        refused=refused,
        zone=str(zone),
        done=None if status != 200 else done(request.query_params),
        **view.delivery_view(delivery, zone, SITE.voice_of(request)),
    )


def _asked(request: Request, wanted: type[Body]) -> Body:
    """What the address asks for; what is left empty is not asked."""
    return valid(wanted, {name: value for name, value in request.query_params.items() if value})


def _to(path: str, command: str) -> Response:
    return RedirectResponse(f"{path}?done={command}", 303)
