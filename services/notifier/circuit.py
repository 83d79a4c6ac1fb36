"""Whether a target is asked at all: after many failures in a row only a probe now and then."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.notifier.attempt import Ended
from services.notifier.retry import passes

OPENS_AFTER = 10
# seconds to the first probe, the second, … and then always the last
PROBE_PAUSES = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0)


@dataclass(frozen=True)
class Course:
    """How a subscription's target did of late: whether it answered, how often it failed since, also as a probe."""

    subscription_id: UUID
    is_alive: bool
    failures: int
    error: str | None
    was_probed: bool = False


def courses(ended: Iterable[Ended]) -> list[Course]:
    """One for each subscription, of what came back in this order; sorted, so that two replicas never deadlock.

    A lasting refusal of one event is an answer too: the target is there. Our own refusal to send is none.
    """
    found: dict[UUID, Course] = {}
    for one in ended:
        subscription_id = one.claimed.subscription_id
        before = found.get(subscription_id, Course(subscription_id, False, 0, None))
        if passes(one.answer):
            said = one.answer.error or f"status {one.answer.code}"
            was_probed = before.was_probed or one.claimed.is_probe
            failures = before.failures + 1
            found[subscription_id] = Course(
                subscription_id, before.is_alive, failures, said[:200], was_probed
            )
        elif one.answer.code is not None:
            found[subscription_id] = Course(subscription_id, True, 0, None)
    return [found[key] for key in sorted(found)]


def state(failures: int, *, is_due: bool) -> str:
    """In the words that circuit breakers have: `closed` sends, `open` waits, `half-open` probes."""
    if failures < OPENS_AFTER:
        return "closed"
    return "half-open" if is_due else "open"
