"""How far a delivery, a notice or a line of mail has come, as the logs are asked for it."""

from contracts.vocabulary import DeliveryStatus, NoticeStatus

OPEN = frozenset({"created", "waiting", "sending", "temporary-failure"})
"""In all others it has ended."""


def narrowed(status: DeliveryStatus | NoticeStatus | None) -> str:
    """As a word in the statement: one plan must do for all values, and that of a parameter would walk the log."""
    if status is None:
        return ""
    return f"and status = '{status}'" + (" and ended_at is null" if status in OPEN else "")
