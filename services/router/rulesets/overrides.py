"""What an area may lay down for itself: other units of the same tier or above, and shorter limits."""

from pydantic import Field

from services.router.rulesets.field_types import Kinds, LimitText, Part


class CategoryOverride(Part):
    """The fields of a category that differ in an area; what is not given stays as it is."""

    lead: Kinds | None = Field(None, min_length=1)
    co_handlers: Kinds | None = None
    on_refusal: Kinds | None = None
    control_limit: LimitText | None = None
    handle_limit: LimitText | None = None


class AreaOverrides(Part):
    categories: dict[str, CategoryOverride] = Field(default_factory=dict)
