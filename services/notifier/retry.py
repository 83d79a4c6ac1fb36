"""What a subscriber's answer means for a delivery: done, again later, or never."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from contracts.vocabulary import DeliveryStatus
from delivery.pauses import HORIZON, pause_after

LONGEST_RETRY_AFTER = HORIZON.total_seconds()  # whoever asks for more is not tried again
REFUSED = "target-refused"  # our own refusal to send there
FORGOTTEN = "event-forgotten"  # the feed no longer holds what was to be sent
FORBIDDEN = "privacy-forbids"  # the case was closed to this subscriber since
UNREADABLE = "event-unreadable"  # what the feed holds cannot be shown
_OURS = {REFUSED, FORGOTTEN, FORBIDDEN, UNREADABLE}
_PASSING_CODES = {408, 429}
GONE = 410


@dataclass(frozen=True)
class Answer:
    """What came back: a status code, or the kind of error that kept it from coming."""

    code: int | None = None
    error: str | None = None
    retry_after: str | None = None


@dataclass(frozen=True)
class Verdict:
    status: DeliveryStatus
    pause: float = 0.0
    disables: bool = False


def judge(answer: Answer, *, attempts: int, age: timedelta, now: datetime, chance: float) -> Verdict:
    """What follows from the answer to attempt number `attempts`; `chance` in [0, 1) spreads the pauses.

    Codes as in Standard Webhooks: 2xx is yes, 410 ends the subscription, 408, 429 and 5xx pass, all others last.
    Redirects are not followed, so 3xx lasts too.
    """
    if answer.code is not None and 200 <= answer.code < 300:
        return Verdict(DeliveryStatus.DELIVERED)
    if not passes(answer):
        return Verdict(DeliveryStatus.PERMANENT_FAILURE, disables=answer.code == GONE)
    if age >= HORIZON:
        return Verdict(DeliveryStatus.EXPIRED)
    pause = pause_after(attempts, asked=retry_after(answer.retry_after, now), chance=chance)
    if pause is None:
        return Verdict(DeliveryStatus.PERMANENT_FAILURE)
    return Verdict(DeliveryStatus.TEMPORARY_FAILURE, pause)


def retry_after(value: str | None, now: datetime) -> float:
    """Seconds that the header asks for, as a number or an HTTP date; 0 when it says neither."""
    text = (value or "").strip()
    seconds = float(text) if text.isascii() and text.isdigit() else _seconds_until(text, now)
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _seconds_until(date: str, now: datetime) -> float:
    try:
        at = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()


def passes(answer: Answer) -> bool:
    """Whether it may be otherwise later: no word about the event, but about the state of the target."""
    if answer.code is None:
        return answer.error not in _OURS
    return answer.code in _PASSING_CODES or answer.code >= 500
