"""What an answer means for a message: done, again later, or never."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.vocabulary import NoticeStatus
from delivery.channels.channel import Answer, Outcome
from delivery.pauses import HORIZON, pause_after

LONGEST_RETRY_AFTER = 3600.0


@dataclass(frozen=True)
class Verdict:
    status: NoticeStatus
    pause: float = 0.0


_AT_ONCE = {
    Outcome.TAKEN: NoticeStatus.DELIVERED,
    Outcome.LASTING: NoticeStatus.PERMANENT_FAILURE,
    Outcome.NOT_CONFIGURED: NoticeStatus.NOT_CONFIGURED,
}


def judge(
    answer: Answer, *, attempts: int, age: timedelta, chance: float, horizon: timedelta = HORIZON
) -> Verdict:
    """What follows from the answer to attempt number `attempts`; `chance` in [0, 1) spreads the pauses.

    What is older than `horizon` is news no more, so nobody can ask for a pause beyond it.
    """
    if answer.outcome in _AT_ONCE:
        return Verdict(_AT_ONCE[answer.outcome])
    asked = min(answer.retry_after or 0.0, LONGEST_RETRY_AFTER)
    pause = pause_after(attempts, asked=asked, chance=chance)
    if age >= horizon or pause is None:
        return Verdict(NoticeStatus.EXPIRED)
    return Verdict(NoticeStatus.TEMPORARY_FAILURE, min(pause, (horizon - age).total_seconds()))
