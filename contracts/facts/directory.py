"""Facts about who is responsible where; compacted, so that the topic is the directory."""

from pydantic import AwareDatetime

from contracts.envelope import Fact
from contracts.vocabulary import Tier


class AreaDefined(Fact):
    """A grid, community, town or district as it stands."""

    tier: Tier
    code: str
    name: str
    name_en: str | None = None
    parent: str | None = None
    managed_by: str | None = None
    directory_version: int


class UnitDefined(Fact):
    """A unit as it stands: what it is, which area it serves, and above whom it reports."""

    code: str
    name: str
    name_en: str | None = None
    kind: str
    tier: Tier
    area: str
    parent: str | None = None
    directory_version: int


class DutyDefined(Fact):
    """Who answers for a unit, by opaque reference."""

    person: str
    unit: str
    post: str
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    directory_version: int
