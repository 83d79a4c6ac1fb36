"""A filter tried on what has happened: how many events it would have let through, and the newest of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from services.notifier.entry import Entry
from services.notifier.filter import Filter, matches
from services.notifier.hearing import Heard, heard_by
from services.notifier.scope import Related

NEWEST = 5000
"""Events of the feed that are gone through; what is older is not looked at."""
SHOWN = 20


@dataclass
class Trial:
    """`read` events in all, of which the subscriber may hear `examined`, of which the filter wants `matched`."""

    owner: str | None
    wanted: Filter
    read: int = 0
    examined: int = 0
    matched: int = 0
    since: datetime | None = None
    """When the oldest that was read was recorded."""
    shown: list[tuple[Entry, Heard]] = field(default_factory=list)

    def go_through(self, entries: Iterable[Entry], related: Related) -> None:
        """The newest first."""
        for entry in entries:
            self.read += 1
            self.since = min(self.since or entry.recorded_at, entry.recorded_at)
            heard = heard_by(self.owner, entry, related(*entry.concerns))
            if heard is None:
                continue
            self.examined += 1
            if matches(self.wanted, entry):
                self.matched += 1
                if len(self.shown) < SHOWN:
                    self.shown.append((entry, heard))
