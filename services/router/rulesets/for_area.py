"""The rules as they hold in one area: what the areas around it have laid down for themselves, the nearest last."""

from functools import lru_cache

from services.router.rulesets.ruleset import Category, Ruleset
from services.router.rulesets.urgency_rules import UrgencyRules


def category_in(ruleset: Ruleset, code: str | None, areas: tuple[str, ...]) -> Category:
    """The row of a code for a place in `areas`, nearest first, as `Directory.chain` gives them: grid to district."""
    return _overridden(ruleset, code, areas) if ruleset.overrides else ruleset.category(code)


@lru_cache(maxsize=65_536)  # categories in use times the grids of a large district
def _overridden(ruleset: Ruleset, code: str | None, areas: tuple[str, ...]) -> Category:
    category = ruleset.category(code)
    for area in reversed(areas):
        own = ruleset.overrides.get(area)
        if own is not None and (override := own.categories.get(category.code)) is not None:
            changes = {name: value for name, value in vars(override).items() if value is not None}
            category = category.model_copy(update=changes)
    return category


def words_of(ruleset: Ruleset, area: str) -> UrgencyRules | None:
    """The floors that an area has words of its own for, with those alone; None where it has none."""
    own = ruleset.overrides.get(area)
    if own is None or not own.words:
        return None
    floors = ruleset.urgency.floors
    spoken = {name: floors[name].model_copy(update={"patterns": said}) for name, said in own.words.items()}
    return ruleset.urgency.model_copy(update={"floors": spoken})
