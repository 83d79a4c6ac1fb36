"""What an answer means for a message: done, again later, or never."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.vocabulary import NoticeStatus
from delivery.channels.channel import Answer, Outcome

# seconds before the 2nd, 3rd, … attempt, as for webhooks: quick at first for a restart, a day in all for an outage
PAUSES = (1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 28_800)
JITTER = 0.2
LONGEST_RETRY_AFTER = 3600.0
HORIZON = timedelta(days=2)


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
    if age >= horizon or attempts > len(PAUSES):
        return Verdict(NoticeStatus.EXPIRED)
    usual = PAUSES[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)
    # never sooner than usual: who asks for no pause at all would be met by all attempts at once
    asked = min(answer.retry_after or 0.0, LONGEST_RETRY_AFTER) * (1 + JITTER * chance)
    return Verdict(NoticeStatus.TEMPORARY_FAILURE, min(max(usual, asked), (horizon - age).total_seconds()))
