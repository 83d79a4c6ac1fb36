"""What a weather warning adds to the urgency of a matter that the weather worsens (soft point S5)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.router.rulesets.urgency_rules import Points, WarningLevel


@dataclass(frozen=True)
class WeatherWarning:
    """From `starts_at` until before `ends_at`, in the areas of those codes and all within them; none: everywhere."""

    id: UUID
    level: WarningLevel
    starts_at: datetime
    ends_at: datetime
    areas: frozenset[str] = frozenset()
    kind: str | None = None

    def covers(self, at: datetime, chain: Collection[str]) -> bool:
        """`chain` are the codes of a grid and of the areas above it."""
        return self.starts_at <= at < self.ends_at and (not self.areas or not self.areas.isdisjoint(chain))


def the_worst(
    warnings: Iterable[WeatherWarning],
    at: datetime,
    chain: Collection[str],
    points: dict[WarningLevel, Points],
) -> WeatherWarning | None:
    """Of those that hold there and then: the one with the most points, then with the highest level."""
    held = (each for each in warnings if each.covers(at, chain))
    return max(held, key=lambda each: (points.get(each.level, 0), _LEVELS.index(each.level)), default=None)


_LEVELS = list(WarningLevel)
