"""What an area may lay down for itself: other units of the same tier or above, shorter limits, and its own words."""

from pydantic import Field

from services.router.rulesets.field_types import Kinds, LimitText, Part
from services.router.rulesets.patterns import Patterns
from services.router.rulesets.urgency_rules import FloorId


class CategoryOverride(Part):
    """The fields of a category that differ in an area; what is not given stays as it is."""

    lead: Kinds | None = Field(None, min_length=1)
    co_handlers: Kinds | None = None
    on_refusal: Kinds | None = None
    control_limit: LimitText | None = None
    handle_limit: LimitText | None = None


class AreaOverrides(Part):
    """`words` are what people of the area say for a floor beside the words of the ruleset: dialect, names of places."""

    categories: dict[str, CategoryOverride] = Field(default_factory=dict)
    words: dict[FloorId, Patterns] = Field(default_factory=dict)
