"""How long what was not taken waits for its next attempt."""

from datetime import timedelta

# seconds before the 2nd, 3rd, … attempt: quick at first for a restart, a day in all for an outage
PAUSES = (1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 28_800)
JITTER = 0.2  # so that a target that comes back is not met by all at once
HORIZON = timedelta(days=2)  # news older than this is none


def pause_after(attempts: int, *, asked: float, chance: float) -> float | None:
    """Seconds after attempt number `attempts`; None when there are no more. The other side has `asked` for as many;
    `chance` in [0, 1) spreads them."""
    if attempts > len(PAUSES):
        return None
    usual = PAUSES[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)
    # never sooner than asked, and not all in the same moment after; nor sooner than usual, or "0" uses up all attempts
    return max(usual, asked * (1 + JITTER * chance))
