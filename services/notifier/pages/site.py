"""Who may see the pages of subscriptions, and what all of them need."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from delivery.auth import Principal, demand
from delivery.pages.site import Site
from delivery.problems import Problem, findings
from delivery.service import service_of
from services.notifier.api import SUBSCRIBERS, owner_of
from services.notifier.pages import forms
from services.notifier.pages.words import COMMANDS, Voice
from services.notifier.settings import Settings

Body = TypeVar("Body", bound=BaseModel)
SITE = Site(Path(__file__).parent, cookie="casegrid_subscriptions", voice=Voice)


async def _subscriber(me: Annotated[Principal, Depends(SITE.signed_in)]) -> Principal:
    """As the API asks: by role, and of a unit."""
    demand(me, *SUBSCRIBERS)
    owner_of(me)
    return me


Me = Annotated[Principal, Depends(_subscriber)]


def settings_of(request: Request) -> Settings:
    settings = service_of(request).settings
    assert isinstance(settings, Settings)
    return settings


def zone_of(request: Request) -> ZoneInfo:
    return ZoneInfo(settings_of(request).time_zone)


def refusal(request: Request, problem: Problem) -> forms.Refused:
    """What the API refuses, for the page that was filled in; any other problem has a page of its own."""
    if problem.status not in (409, 422):
        raise problem
    errors = problem.more.get("errors", ())
    return forms.refused(problem.detail, errors, SITE.voice_of(request))


def valid(kind: type[Body], given: Mapping[str, Any]) -> Body:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise findings(error) from None


def done(query: Mapping[str, str]) -> str | None:
    command = query.get("done")
    return command if command in COMMANDS else None
