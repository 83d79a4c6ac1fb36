"""Who reads a stream, and so which lines of the feed are for him, and how much of each."""

from dataclasses import dataclass

from services.notifier.filter import Filter, matches
from services.notifier.hearing import heard_by
from services.notifier.message import stream_frame
from services.notifier.scope import Relations
from services.notifier.store.feed import Line


@dataclass(frozen=True)
class Reader:
    """For which unit he listens (None: an administrator), and to what: every filter must let a line through."""

    owner: str | None
    filters: tuple[Filter, ...]

    def frame(self, line: Line, relations: Relations) -> bytes | None:
        """None: not for him, or not wanted."""
        entry = line.entry
        heard = heard_by(self.owner, entry, relations)
        if heard is None or not all(matches(one, entry) for one in self.filters):
            return None
        return stream_frame(entry, str(line.cursor), heard.view)
