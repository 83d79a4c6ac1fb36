"""A moment by the clocks of a zone."""

from datetime import datetime, tzinfo


def local(moment: datetime, zone: tzinfo) -> datetime:
    """By the clocks of `zone`; within hours of the first and the last year, of which they show nothing, by its own."""
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError):
        return moment
