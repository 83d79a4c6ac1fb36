"""A report on its way in: what is kept here, what leaves, and the receipt."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.envelope import Actor, Message, to_message
from contracts.events import event_of
from contracts.facts.report import Place, ReportedFacts, ReportSubmitted, SettledOnSpot
from contracts.topics import REPORTS
from delivery.redaction import redact
from services.intake.receipt import receipt_no
from services.intake.report import GivenReport

_DECIMALS = 5  # about a metre
_DIGITS_OF_A_PHONE = 7  # of a subscriber's; shorter ones are services and extensions
_FROM_ABROAD = re.compile(r"^(?:00)?86(?=1[3-9][0-9]{9}$)")  # before a mobile phone's number


@dataclass(frozen=True)
class Idempotency:
    """A caller's own key, and what it was used for."""

    caller: str
    key: str
    body_sha256: bytes


@dataclass(frozen=True)
class Submission:
    """`fact` leaves intake; `given` does not."""

    report_id: UUID
    case_id: UUID
    receipt_no: str
    accepted_at: datetime
    submitted_by: str
    given: GivenReport
    fact: ReportSubmitted
    message: Message
    envelope: str
    """Of the event, as JSON without the fact."""
    event_id: UUID
    correlation_id: UUID
    idempotency: Idempotency | None = None

    @property
    def may_be_told(self) -> bool:
        """The reporter left a contact and did not ask for confidentiality."""
        reporter = self.given.reporter
        return bool(reporter.phone or reporter.email) and not reporter.confidential


@dataclass(frozen=True)
class NewIds:
    """What a submission needs of chance: ids, and the bytes of the receipt."""

    report_id: UUID
    case_id: UUID
    event_id: UUID
    correlation_id: UUID
    randomness: bytes


def submission_of(
    given: GivenReport,
    ids: NewIds,
    *,
    actor: Actor,
    now: datetime,
    reporter_secret: bytes,
    idempotency: Idempotency | None,
) -> Submission:
    fact = _fact(given, ids.report_id, reporter_secret)
    event = event_of(
        fact,
        event_id=ids.event_id,
        occurred_at=now,
        recorded_at=now,
        actor=actor,
        correlation_id=ids.correlation_id,
        case_id=ids.case_id,
    )
    return Submission(
        report_id=ids.report_id,
        case_id=ids.case_id,
        receipt_no=receipt_no(now.date(), ids.randomness),
        accepted_at=now,
        submitted_by=actor.person or "",
        given=given,
        fact=fact,
        message=to_message(REPORTS.name, "intake", event),
        envelope=event.model_dump_json(exclude={"data"}, exclude_none=True),
        event_id=ids.event_id,
        correlation_id=ids.correlation_id,
        idempotency=idempotency,
    )


def _fact(given: GivenReport, report_id: UUID, secret: bytes) -> ReportSubmitted:
    """Without address, reporter, attachments and whatever personal data the text held."""
    place = given.place
    return ReportSubmitted(
        report_id=report_id,
        channel=given.channel,
        kind=given.kind,
        text=redact(given.text).text,
        category=given.category,
        place=Place(
            lon=None if place.lon is None else round(place.lon, _DECIMALS),
            lat=None if place.lat is None else round(place.lat, _DECIMALS),
            grid=place.grid,
            component_id=place.component_id,
            has_address=place.address is not None,
        ),
        facts=ReportedFacts(**given.facts.model_dump()),
        reporter_ref=_reference(given, secret),
        confidential=given.reporter.confidential,
        attachments=len(given.attachments),
        noticed_at=given.occurred_at,
        on_spot=_settled(given),
    )


def _settled(given: GivenReport) -> SettledOnSpot | None:
    done = given.on_spot
    if done is None:
        return None
    return SettledOnSpot(
        result=redact(done.result).text, evidence_method=done.evidence_method, evidence=done.evidence
    )


def _reference(given: GivenReport, secret: bytes) -> str | None:
    """The same reporter has the same reference, from which nobody without the secret gets back to him."""
    contacts = filter(None, (given.reporter.phone, given.reporter.email))
    plain = next((plain for said in contacts if _is_somebodys(plain := _plain(said))), None)
    if plain is None or not secret:
        return None
    return hmac.new(secret, plain.encode(), hashlib.sha256).hexdigest()[:24]


def _plain(said: str) -> str:
    plain = "".join(character for character in said.lower() if character.isalnum() or character == "@")
    return _FROM_ABROAD.sub("", plain)


def _is_somebodys(plain: str) -> bool:
    """And not what stands in where nobody knows the caller's own: `---`, 0000000, the hotline's 12345. All who have
    that would be one reporter, and the report of one would join the case of another."""
    return "@" in plain or (len(plain) >= _DIGITS_OF_A_PHONE and len(set(plain)) > 1)
