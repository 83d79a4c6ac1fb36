"""Facts about scores: published, with the day they stand for."""

from pydantic import AwareDatetime

from contracts.envelope import Fact


class ScorePublished(Fact):
    """A subject's indicators of a period, frozen."""

    scorecard: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    as_of: AwareDatetime
    total: float | None = None
    indicators: dict[str, float | None]
