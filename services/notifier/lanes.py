"""How many requests each subscription may have under way, so that targets that hang never fill all places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

SLOW_SECONDS = 1.0
_NEWCOMERS = 2


@dataclass
class _Lane:
    window: int
    began: list[float] = field(default_factory=list)
    is_suspect: bool = True

    def is_slow(self, now: float) -> bool:
        return bool(self.began) and now - self.began[0] > SLOW_SECONDS


@dataclass(frozen=True)
class Places:
    """How many more requests may begin: to each known subscription; to each newcomer, and to all newcomers together."""

    known: Mapping[UUID, int]
    each_newcomer: int
    newcomers: int


class Lanes:
    """A lane begins narrow, doubles with each quick yes and halves with each failure.

    Whoever has not said yes yet, failed last, or lets us wait just now, is a suspect; all suspects together get half of
    the places.
    """

    def __init__(self, *, each: int, all_together: int) -> None:
        self._each = each
        self._all = all_together
        self._lanes: dict[UUID, _Lane] = {}

    @property
    def start(self) -> int:
        """The width of a lane that is not known yet."""
        return min(_NEWCOMERS, self._each)

    @property
    def under_way(self) -> int:
        return sum(len(lane.began) for lane in self._lanes.values())

    @property
    def free(self) -> int:
        return max(0, self._all - self.under_way)

    def begin(self, subscription_id: UUID, at: float) -> None:
        self._lanes.setdefault(subscription_id, _Lane(self.start)).began.append(at)

    def end(self, subscription_id: UUID, began: float, *, now: float, well: bool) -> None:
        lane = self._lanes[subscription_id]
        lane.began.remove(began)
        quick = now - began <= SLOW_SECONDS
        lane.is_suspect = not (well and quick)
        if well:
            lane.window = min(self._each, lane.window * 2) if quick else max(1, self._each // 2)
        else:
            lane.window = max(1, lane.window // 2)

    def forget_idle(self) -> None:
        """A lane as it began says no more than one that is not there."""
        idle = [
            key
            for key, lane in self._lanes.items()
            if not lane.began and not lane.is_suspect and lane.window >= self.start
        ]
        for key in idle if len(self._lanes) > 1000 else ():
            del self._lanes[key]

    def places(self, now: float) -> Places:
        suspects = {key for key, lane in self._lanes.items() if lane.is_suspect or lane.is_slow(now)}
        left = max(0, self._all // 2 - sum(len(self._lanes[key].began) for key in suspects))
        newcomers = (left + 1) // 2
        left -= newcomers
        known: dict[UUID, int] = {}
        # those with the fewest first: a place that comes free goes round
        for key, lane in sorted(self._lanes.items(), key=lambda item: len(item[1].began)):
            more = max(0, lane.window - len(lane.began))
            if key in suspects:
                more = min(more, left)
                left -= more
            known[key] = more
        return Places(known, self.start, newcomers)
