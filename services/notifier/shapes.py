"""What the notifier's API takes and gives."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.vocabulary import DeliveryStatus, Language, Urgency
from delivery.field_types import ONE_LINE, OrNull, Plain, shaped
from delivery.problems import below
from services.notifier import circuit
from services.notifier.filter import Filter
from services.notifier.mail.lines import Pace
from services.notifier.message import webhook_id
from services.notifier.scope import Relation

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    ONE_LINE,
]

Address = Annotated[
    str,
    Field(max_length=254),
    shaped(r"^[^@\s<>,;\x00-\x1f]{1,64}@[A-Za-z0-9.-]+$", "an e-mail address"),
]


class Taken(BaseModel):
    """A misspelt field is named, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(Taken):
    """Where a webhook goes (`url`), or e-mail (`address`), which is sent to once the address has confirmed."""

    url: Plain | None = Field(None, max_length=2000)
    address: Address | None = None
    language: Language = Field(Language.ZH, description="of e-mail")
    paces: dict[Urgency, Pace] = Field(
        {},
        description="of e-mail, by urgency: immediate, hourly or daily; what is left out keeps the default",
    )


def misplaced(channel: str, target: Target) -> tuple[str, str] | None:
    """Pointer and reason of what another channel goes to: it is refused, not dropped."""
    if channel == "webhook" and target.address is not None:
        return "/target/address", "a webhook goes to target.url alone"
    if channel == "email" and target.url is not None:
        return "/target/url", "e-mail goes to target.address alone"
    return None


class NewSubscription(Taken):
    name: Name
    filter: OrNull[Filter] = Filter()
    channel: Literal["webhook", "email", "stream"]
    target: Target | None = None

    @model_validator(mode="after")
    def _target_fits(self) -> "NewSubscription":
        if self.channel == "webhook" and (self.target is None or self.target.url is None):
            raise below("/target/url", "a webhook needs target.url")
        if self.channel == "email" and (self.target is None or self.target.address is None):
            raise below("/target/address", "e-mail needs target.address")
        if self.channel == "stream" and self.target is not None:
            raise below("/target", "a stream has no target: it is fetched from /v1/stream?subscription=…")
        if self.target is not None and (wrong := misplaced(self.channel, self.target)):
            raise below(*wrong)
        return self


class SubscriptionChange(Taken):
    """Only what is present changes; `active` also brings back a subscription that a 410 had disabled."""

    name: Name = ""
    filter: Filter = Filter()
    target: Target = Target()
    status: Literal["active", "paused"] = "active"
    skip_missed: bool = Field(
        False, description="with `active`: what waits unsent is dropped, and shows as expired in the log"
    )


class TargetState(BaseModel):
    """How the target does of late."""

    circuit: Literal["closed", "open", "half-open"] = Field(
        description="open: after many failures in a row it is only probed now and then; nothing is dropped meanwhile"
    )
    failures: int = Field(
        description="in a row, over all deliveries; while the circuit is open, only of probes"
    )
    failing_since: datetime | None = Field(description="or, of a disabled one, when the target answered 410")
    probe_at: datetime | None = Field(description="when it is tried next, while the circuit is open")
    last_error: str | None = Field(description="the last one, however the target does since")


class Subscription(BaseModel):
    id: UUID
    owner: str | None = Field(description="the unit it belongs to")
    name: str
    channel: Literal["webhook", "email", "stream"]
    target: Target | None
    filter: Filter
    status: Literal["active", "paused", "disabled"] = Field(
        description="disabled: the target answered 410, or the address has unsubscribed"
    )
    target_state: TargetState | None = Field(description="of a webhook")
    confirmed_at: datetime | None = Field(
        description="of e-mail: when its address confirmed; nothing is sent before"
    )
    created_at: datetime
    updated_at: datetime


class SubscriptionMade(Subscription):
    secret: str | None = Field(description="shown here and never again; null for a stream")


class Subscriptions(BaseModel):
    items: list[Subscription]
    next: UUID | None


class Secret(BaseModel):
    secret: str
    former_valid_until: datetime = Field(description="until then each request bears both signatures")


class ReplayWanted(Taken):
    since: AwareDatetime = Field(alias="from")


class Replay(BaseModel):
    subscription_id: UUID
    since: datetime = Field(serialization_alias="from")
    deliveries: str = Field(description="where to look how it goes")


class TestSent(BaseModel):
    delivery_id: UUID
    webhook_id: str
    deliveries: str


class FilterWanted(Taken):
    filter: Filter


class TrialItem(BaseModel):
    relation: Relation = Field(description="why you would have been told")
    event: dict[str, Any] = Field(description="the CloudEvent, as much of it as you would have been sent")


class Trial(BaseModel):
    read: int = Field(description="events of the feed gone through, newest first")
    examined: int = Field(description="of these, those that you may hear of")
    matched: int = Field(description="of these, those that the filter wants")
    since: datetime | None = Field(description="when the oldest of what was read was recorded")
    items: list[TrialItem] = Field(description="the newest that match, newest first")


class Attempt(BaseModel):
    number: int
    ended_at: datetime
    seconds: float
    status_code: int | None
    error: str | None


class Delivery(BaseModel):
    id: UUID
    webhook_id: str
    cause: Literal["event", "replay", "test"]
    event_id: UUID | None
    event_type: str
    case_id: UUID | None
    relation: Relation | None = Field(description="why you are told: what your unit has to do with the case")
    status: DeliveryStatus
    created_at: datetime
    due_at: datetime | None = Field(description="next attempt, at the earliest; null when it has ended")
    ended_at: datetime | None
    attempts: list[Attempt]


class Deliveries(BaseModel):
    items: list[Delivery]
    next: str | None


def subscription_from(row: Mapping[str, Any]) -> Subscription:
    return Subscription.model_validate(_shown(row))


def made_from(row: Mapping[str, Any]) -> SubscriptionMade:
    return SubscriptionMade.model_validate(_shown(row))


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    state = _state_of(row) if row["channel"] == "webhook" else None
    return {**row, "target": _target_of(row), "target_state": state}


def _target_of(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """As much as a change may send back: what is left out here would be taken for the default."""
    if not row["target"]:
        return None
    if row["channel"] != "email":
        return {"url": row["target"]}
    return {"address": row["target"]} | {
        name: row[name] for name in ("language", "paces") if row[name] is not None
    }


def _state_of(row: Mapping[str, Any]) -> TargetState:
    is_due = row["probe_at"] is not None and row["probe_at"] <= datetime.now(UTC)
    told = {name: row[name] for name in ("failures", "failing_since", "probe_at", "last_error")}
    return TargetState.model_validate({"circuit": circuit.state(row["failures"], is_due=is_due)} | told)


def delivery_from(row: Mapping[str, Any]) -> Delivery:
    return Delivery.model_validate({**row, "webhook_id": webhook_id(row["id"])})
