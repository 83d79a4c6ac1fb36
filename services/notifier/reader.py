"""Who reads a stream, and so which lines of the feed are for him, and how much of each."""

from dataclasses import dataclass

from services.notifier.filter import Filter, matches
from services.notifier.message import stream_frame
from services.notifier.privacy import view_of
from services.notifier.scope import Relations, relation_of
from services.notifier.store.feed import Line


@dataclass(frozen=True)
class Reader:
    """For which unit he listens (None: an administrator), and to what: every filter must let a line through."""

    owner: str | None
    filters: tuple[Filter, ...]

    def frame(self, line: Line, related: Relations) -> bytes | None:
        """None: not for him, or not wanted."""
        entry = line.entry
        relation = relation_of(self.owner, related)
        view = view_of(entry.privacy, relation) if relation else None
        if view is None or not all(matches(one, entry) for one in self.filters):
            return None
        return stream_frame(entry, str(line.cursor), view)
