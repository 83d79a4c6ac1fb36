"""The rules as data: categories with their limits, the clocks of each urgency, what follows lateness, and what areas
lay down for themselves. A version never changes."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from contracts.vocabulary import Channel, Check, Clock, Privacy, Procedure, Tier, Urgency
from delivery.field_types import shaped
from services.router.rulesets.escalation import Escalation, Reminder
from services.router.rulesets.field_types import Kinds, LimitText, Part, Words
from services.router.rulesets.folder import read_folder
from services.router.rulesets.overrides import AreaOverrides, CategoryOverride
from services.router.rulesets.table_shape import Column, Item, Key, Table, columns_of
from services.router.rulesets.urgency_rules import Before, Floor, Line, SoftPoints, UrgencyRules

UNCLASSIFIED = "X01-01"
# complaints about staff do not say of which unit: until a person knows, it may be anyone of these tiers
ABOUT_STAFF = {
    "V05-01": (Tier.GRID, Tier.COMMUNITY),
    "V05-02": (Tier.GRID, Tier.COMMUNITY, Tier.TOWN),
}
Version = Annotated[
    str,
    shaped(
        r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$", "a version: up to 40 letters, digits and . _ -, no mark first"
    ),
]
_FOLDER = Path(__file__).parent


class Category(Part):
    """A condition of a subclass (domain §3.1, §11.1); `lead` are the kinds of unit that may lead at the row's tier, in
    the order to try. What lies in a `veto` domain the shift leader closes (§11.3). `unit_text`, `source` for people;
    `on_refusal` is kept for the day when a refusal is a command."""

    code: str
    zh: str
    en: str
    subclass_zh: str = ""
    subclass_en: str = ""
    condition_zh: str = ""
    condition_en: str = ""
    urgency: Urgency
    procedure: Procedure
    tier: Tier
    lead: Kinds = ()
    co_handlers: Kinds = ()
    on_refusal: Kinds = ()
    control_limit: LimitText | None = None
    handle_limit: LimitText | None = None
    check: Check
    visit: bool
    privacy: Privacy
    veto: Literal["family_planning", "work_safety", "petitions"] | None = None
    weather_sensitive: bool = False
    night_sensitive: bool = False
    closing_zh: str | None = None
    closing_en: str | None = None
    unit_text: str = ""
    source: str = ""

    def __hash__(self) -> int:  # for the caches of the rules; pydantic's would take every field
        return hash(self.code)

    @property
    def class_code(self) -> str:
        return self.code.partition("-")[0]


class CategoryClass(Words):
    """Fixed facilities are components, what happens is an event."""

    kind: Literal["component", "event"]


class UnitKind(Words):
    """What sort of unit, and at which tier it usually stands."""

    tier: Tier


class Verification(Part):
    """Which reports the nearest grid worker looks at before anybody is sent (domain §11.6, T02): those of `channels`
    that bring no photo and are no more urgent than `at_most`. What is urgent never waits."""

    channels: frozenset[Channel] = frozenset()
    at_most: Literal[Urgency.GENERAL, Urgency.ELEVATED] = Urgency.GENERAL


class Ruleset(Part):
    """`clocks` holds the limit of a clock by urgency (domain §11.5, §11.6); a clock without a limit there does not run.

    `overrides` are by area code; `rulesets/for_area.py` applies them.
    """

    version: Version
    title: Words
    effective_from: Annotated[
        date, Field(gt=date.min, lt=date.max)
    ]  # so that its midnight is one in any zone
    closing_condition: Words = Words(
        zh="所报问题已消除，现场安全、整洁",
        en="The stated fault no longer exists and the place is safe and clean",
    )
    classes: dict[str, CategoryClass] = Field(default_factory=dict)
    unit_kinds: dict[str, UnitKind]
    categories: dict[str, Category]
    clocks: dict[Clock, dict[Urgency, LimitText]]
    urgency: UrgencyRules
    least_confidence: float = Field(0.6, ge=0, le=1)
    """Of a classifier's proposal; below it a person classifies."""
    verification: Verification = Verification()
    escalation: dict[Urgency, Escalation] = Field(default_factory=dict)
    overrides: dict[str, AreaOverrides] = Field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.version)

    @model_validator(mode="before")
    @classmethod
    def _rows_know_their_code(cls, document: Any) -> Any:
        """In a document the code need stand only once, before its row."""
        rows = document.get("categories") if isinstance(document, dict) else None
        if not isinstance(rows, dict):
            return document
        coded = {code: {"code": code} | row if isinstance(row, dict) else row for code, row in rows.items()}
        return document | {"categories": coded}

    def category(self, code: str | None) -> Category:
        """The row of a code; the row for what nobody has classified when there is none."""
        return self.categories.get(code or "") or self.categories[UNCLASSIFIED]

    def closing_condition_of(self, category: Category) -> Words:
        """When such a case may be closed: what the category says, else what holds for all."""
        general = self.closing_condition
        return Words(zh=category.closing_zh or general.zh, en=category.closing_en or general.en)


_BY_URGENCY = {str(urgency): Column((str(urgency),)) for urgency in Urgency}
_PATTERNS = (
    "urgency",
    Key("group", ("floors", "standing")),
    Key("rule"),
    Key("says", ("patterns", "but")),
    Key("language", ("zh", "en")),
    Item(),
)

# all that people edit of a ruleset, as tables
TABLES: dict[str, Table] = {
    "categories": Table(
        ("categories", Key("code")), columns_of(Category, without=("code",), added=("veto",))
    ),
    "classes": Table(("classes", Key("code")), columns_of(CategoryClass)),
    "unit_kinds": Table(("unit_kinds", Key("code")), columns_of(UnitKind)),
    "clocks": Table(("clocks", Key("clock")), _BY_URGENCY),
    "escalation": Table(
        ("escalation", Key("urgency")), columns_of(Escalation, without=("reminders", "red_after_by_clock"))
    ),
    "red_by_clock": Table(
        ("escalation", Key("urgency"), "red_after_by_clock", Key("clock")),
        {"red_after": Column(())},
        may_be_empty=True,
    ),
    "reminders": Table(("escalation", Key("urgency"), "reminders", Item()), columns_of(Reminder)),
    "floors": Table(("urgency", "floors", Key("rule")), columns_of(Floor, without=("patterns", "but"))),
    "patterns": Table(_PATTERNS, {"pattern": Column(())}),
    "standing": Table(
        ("urgency", "standing", Key("rule", ("negation", "risk"))),
        columns_of(Before, without=("patterns", "but")),
    ),
    "points": Table(("urgency", "soft"), columns_of(SoftPoints)),
    "lines": Table(("urgency", "lines", Key("line")), columns_of(Line)),
    "verification": Table(("verification",), columns_of(Verification)),
    "overrides": Table(
        ("overrides", Key("area"), "categories", Key("category")),
        columns_of(CategoryOverride),
        may_be_empty=True,
    ),
    "words": Table(
        ("overrides", Key("area"), "words", Key("rule"), Key("language", ("zh", "en")), Item()),
        {"pattern": Column(())},
        may_be_empty=True,
    ),
}


# put in force where none is; whatever else is in force there stays
SHIPPED = "example-4"


def shipped_versions() -> list[str]:
    return sorted(path.parent.name for path in _FOLDER.glob("*/ruleset.json"))


@lru_cache
def load_ruleset(version: str = SHIPPED) -> Ruleset:
    """A ruleset that is shipped with the program, from its folder."""
    return Ruleset.model_validate(read_folder(_FOLDER / version, TABLES))
