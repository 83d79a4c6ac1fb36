"""The forms of a subscription, new and changed, on which its filter can be tried before anything is saved."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from contracts import topics
from contracts.events import HOME
from contracts.vocabulary import Language, Tier, Urgency
from delivery.auth import Principal
from delivery.pages.site import form_of
from delivery.problems import Problem
from services.notifier import api, shapes, trial_api
from services.notifier.mail.lines import PACES, Pace
from services.notifier.pages import forms, view
from services.notifier.pages.pages_api import secret_page
from services.notifier.pages.site import SITE, Me, refusal, valid, zone_of
from services.notifier.pages.words import CHANNELS

router = APIRouter(route_class=SITE.route_class, include_in_schema=False)
_EVENTS = [name for name, topic in HOME.items() if topic == topics.CASES]


@router.get("/new")
async def begin(request: Request, me: Me) -> Response:
    return _form(request, me, forms.EMPTY)


@router.post("/new")
async def create(request: Request, me: Me) -> Response:
    """Pressed twice it makes one subscription, by the form's key, and shows its secret again."""
    given = await form_of(request)
    try:
        if "try" in given:
            return _form(request, me, given, trial=await _tried(request, me, given))
        wanted = valid(shapes.NewSubscription, forms.body_of(given))
        made = await api.subscribe(wanted, request, Response(), me, forms.key_of(given))
    except Problem as problem:
        return _form(request, me, given, refused=refusal(request, problem), status=problem.status)
    if made.secret is None:
        return RedirectResponse(f"/subscriptions/{made.id}?done=create", 303)
    return secret_page(request, me, made, made.secret)


@router.get("/subscriptions/{subscription_id}/change")
async def begin_change(request: Request, subscription_id: UUID, me: Me) -> Response:
    one = await api.show_subscription(request, me, subscription_id)
    url = one.target.url if one.target else None
    return _form(request, me, forms.given_of(one.name, one.channel, url, one.filter), one=one)


@router.post("/subscriptions/{subscription_id}/change")
async def change(request: Request, subscription_id: UUID, me: Me) -> Response:
    one = await api.show_subscription(request, me, subscription_id)
    given = await form_of(request) | {"channel": one.channel}
    try:
        if "try" in given:
            return _form(request, me, given, one=one, trial=await _tried(request, me, given))
        wanted = valid(shapes.SubscriptionChange, _changed(one, given))
        await api.change_subscription(request, me, subscription_id, wanted)
    except Problem as problem:
        return _form(request, me, given, one=one, refused=refusal(request, problem), status=problem.status)
    return RedirectResponse(f"/subscriptions/{subscription_id}?done=change", 303)


def _changed(one: shapes.Subscription, given: Mapping[str, str]) -> dict[str, Any]:
    """The form changes the target of a webhook alone; a pause stays one."""
    target = {"target": {"url": given.get("url", "").strip()}} if one.channel == "webhook" else {}
    return {"name": given.get("name", ""), "filter": forms.filter_of(given)} | target


async def _tried(request: Request, me: Principal, given: Mapping[str, str]) -> shapes.Trial:
    wanted = valid(shapes.FilterWanted, {"filter": forms.filter_of(given)})
    return await trial_api.try_filter(request, me, wanted)


def _form(
    request: Request,
    me: Principal,
    given: Mapping[str, str],
    *,
    one: shapes.Subscription | None = None,
    trial: shapes.Trial | None = None,
    refused: forms.Refused = forms.NOTHING,
    status: int = 200,
) -> Response:
    voice, zone = SITE.voice_of(request), zone_of(request)
    # a key that was refused is spent: whoever sends the form once more means it
    key = forms.key_of(given) if status != 409 else None
    return SITE.page(
        request,
        "form.html",
        status=status,
        me=me,
        one=one,
        given=given,
        refused=refused,
        trial=view.trial_view(trial, zone, voice) if trial else None,
        key=key or forms.new_key(),
        channels=list(CHANNELS),
        tiers=list(Tier),
        urgencies=list(Urgency),
        events=_EVENTS,
        names_types=any(name.startswith("event_types.") for name in given),
        languages=list(Language),
        usual_paces=PACES,
        paces=list(Pace),
        zone=str(zone),
    )
