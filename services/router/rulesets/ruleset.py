"""The rules as data: categories with their limits, and the clocks of each urgency. A version never changes."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from contracts.vocabulary import Check, Clock, Privacy, Procedure, Tier, Urgency
from services.router.clocks.limits import Limit, parse_limit
from services.router.rulesets.urgency_rules import UrgencyRules

UNCLASSIFIED = "X01-01"
_FOLDER = Path(__file__).parent


def _limit(value: Any) -> Any:
    return parse_limit(value) if isinstance(value, str) else value


LimitText = Annotated[Limit, BeforeValidator(_limit), PlainSerializer(str)]


class Category(BaseModel):
    """A row of domain §11.1; `lead` are the kinds of unit that may lead at the row's tier, in the order to try."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    zh: str
    en: str
    urgency: Urgency
    procedure: Procedure
    tier: Tier
    lead: tuple[str, ...] = ()
    co_handlers: tuple[str, ...] = ()
    control_limit: LimitText | None = None
    handle_limit: LimitText | None = None
    check: Check
    visit: bool
    privacy: Privacy
    weather_sensitive: bool = False
    night_sensitive: bool = False

    def __hash__(self) -> int:  # for the caches of the rules; pydantic's would take every field
        return hash(self.code)


class UnitKind(BaseModel):
    """What sort of unit, and at which tier it usually stands."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    zh: str
    en: str
    tier: Tier


class Ruleset(BaseModel):
    """`clocks` holds the limit of a clock by urgency (domain §11.5); a clock without a limit there does not run."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: str
    unit_kinds: dict[str, UnitKind]
    categories: dict[str, Category]
    clocks: dict[Clock, dict[Urgency, LimitText]]
    urgency: UrgencyRules
    least_confidence: float = Field(0.6, ge=0, le=1)
    """Of a classifier's proposal; below it a person classifies."""

    def __hash__(self) -> int:
        return hash(self.version)

    def category(self, code: str | None) -> Category:
        """The row of a code; the row for what nobody has classified when there is none."""
        return self.categories.get(code or "") or self.categories[UNCLASSIFIED]


@lru_cache
def load_ruleset(version: str) -> Ruleset:
    """Of the rulesets that come with the program; raises FileNotFoundError."""
    rules = orjson.loads((_FOLDER / f"{version}.json").read_bytes())
    urgency = orjson.loads((_FOLDER / version / "urgency.json").read_bytes())
    return Ruleset.model_validate(rules | {"urgency": urgency})
