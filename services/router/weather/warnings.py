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


def weather_points(
    warnings: Iterable[WeatherWarning],
    at: datetime,
    chain: Collection[str],
    points: dict[WarningLevel, Points],
) -> int:
    """Of several warnings the worst counts."""
    return max((points.get(each.level, 0) for each in warnings if each.covers(at, chain)), default=0)
