"""What must hold between the parts of a ruleset: each rule looks at a draft and gives its findings."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contracts.vocabulary import CATEGORY_CODE, GENERAL_KIND, Clock, Procedure, Tier, Urgency
from services.router.rulesets.finding import Finding, pointer_to
from services.router.rulesets.ruleset import ABOUT_STAFF, UNCLASSIFIED, Category, Ruleset

_ONLY_IN_DANGER = (Clock.CONTROL, Clock.INTERIM)
_HELD_BY_THE_ROW = (Clock.HANDLE,)
_LEVEL = {tier: level for level, tier in enumerate(Tier)}
_KIND_LISTS = ("lead", "co_handlers", "on_refusal")


@dataclass(frozen=True)
class Draft:
    """`ruleset` is what could be read of the document `given`; an entry that could not be is missing only in it."""

    ruleset: Ruleset
    given: dict[str, Any]

    def names(self, part: str) -> set[str]:
        """What the document has under a part, readable or not: a faulty row is not a missing one."""
        entries = self.given.get(part)
        return set(entries) if isinstance(entries, dict) else set()


Rule = Callable[[Draft], Iterator[Finding]]


def codes_are_codes(draft: Draft) -> Iterator[Finding]:
    """Class, hyphen, number: they stand in addresses and in events."""
    for code, row in draft.ruleset.categories.items():
        if not re.fullmatch(CATEGORY_CODE, code):
            yield Finding(pointer_to("categories", code), "a code is a class, a hyphen and a number: C01-05")
        if row.code != code:
            yield Finding(pointer_to("categories", code, "code"), "not the code that the row stands under")


def somebody_classifies(draft: Draft) -> Iterator[Finding]:
    """Without it a report that nobody understands would have no category, and so no unit and no limit."""
    if UNCLASSIFIED not in draft.names("categories"):
        yield Finding(
            pointer_to("categories", UNCLASSIFIED), "is missing: the row for what nobody has classified"
        )


def complaints_about_staff_have_their_rows(draft: Draft) -> Iterator[Finding]:
    """Under another code nobody would be kept away from complaints about himself."""
    for code in sorted(ABOUT_STAFF.keys() - draft.names("categories")):
        yield Finding(
            pointer_to("categories", code), "is missing: complaints about staff stand under this code"
        )


def classes_are_known(draft: Draft) -> Iterator[Finding]:
    for code, row in draft.ruleset.categories.items():
        if row.class_code not in draft.names("classes"):
            yield Finding(pointer_to("categories", code), f"no class {row.class_code}")


def general_units_stand_at_their_tier(draft: Draft) -> Iterator[Finding]:
    """The units that answer when nobody more competent does."""
    for tier, kind in GENERAL_KIND.items():
        said = draft.ruleset.unit_kinds.get(kind)
        if kind not in draft.names("unit_kinds"):
            yield Finding(pointer_to("unit_kinds", kind), f"is missing: the general unit of the {tier}")
        elif said is not None and said.tier is not tier:
            yield Finding(
                pointer_to("unit_kinds", kind, "tier"), f"the general unit of the {tier} stands there"
            )


def kinds_are_known(draft: Draft) -> Iterator[Finding]:
    for where, entry, _ in _entries(draft):
        for name in _KIND_LISTS:
            for index, kind in enumerate(getattr(entry, name) or ()):
                if kind not in draft.names("unit_kinds"):
                    yield Finding(f"{where}/{name}/{index}", f"no unit kind {kind}")


def nobody_leads_below_the_tier(draft: Draft) -> Iterator[Finding]:
    """Work goes up freely; down only what the lists of grid and community allow, the rows of those tiers (§11.4)."""
    for where, entry, row in _entries(draft):
        for index, kind in enumerate(entry.lead or ()):
            said = draft.ruleset.unit_kinds.get(kind)
            if said is not None and _LEVEL[said.tier] < _LEVEL[row.tier]:
                detail = f"a unit of the {said.tier} does not lead what is the {row.tier}'s"
                yield Finding(f"{where}/lead/{index}", detail)


def somebody_leads_at_the_tier(draft: Draft) -> Iterator[Finding]:
    kinds = draft.ruleset.unit_kinds
    for code, row in draft.ruleset.categories.items():
        tiers = {kinds[kind].tier for kind in row.lead if kind in kinds}
        if row.tier not in tiers and all(kind in kinds for kind in row.lead):
            yield Finding(pointer_to("categories", code, "lead"), f"no unit of the {row.tier} leads")


def rows_have_their_limits(draft: Draft) -> Iterator[Finding]:
    """An emergency is first brought under control; everything else is handled."""
    for code, row in draft.ruleset.categories.items():
        if row.procedure is Procedure.EMERGENCY and row.control_limit is None:
            yield Finding(pointer_to("categories", code, "control_limit"), "an emergency has a control limit")
        elif row.control_limit is None and row.handle_limit is None:
            yield Finding(pointer_to("categories", code, "handle_limit"), "no limit")


def clocks_have_a_limit_for_every_urgency(draft: Draft) -> Iterator[Finding]:
    """A clock without a limit would never be late. Control and interim report are for urgent and critical cases, and
    handling has the row's own limit."""
    given = draft.given.get("clocks")
    for clock in Clock:
        if clock in _HELD_BY_THE_ROW:
            continue
        limits = given.get(clock, {}) if isinstance(given, dict) else {}
        needed = (Urgency.URGENT, Urgency.CRITICAL) if clock in _ONLY_IN_DANGER else Urgency
        for urgency in needed:
            if isinstance(limits, dict) and urgency not in limits:
                yield Finding(pointer_to("clocks", clock, urgency), "is missing")


def escalation_climbs(draft: Draft) -> Iterator[Finding]:
    """Each stage after the one before it, whenever the limit passes and whatever the calendar."""
    for urgency in Urgency:
        if urgency not in draft.names("escalation"):
            yield Finding(pointer_to("escalation", urgency), "is missing")
    for urgency, stages in draft.ruleset.escalation.items():
        shares = [reminder.share for reminder in stages.reminders]
        for index in range(1, len(shares)):
            if shares[index] <= shares[index - 1]:
                where = pointer_to("escalation", urgency, "reminders", index, "share")
                yield Finding(where, "not above the one before")
        reds = {("red_after",): stages.red_after} | {
            ("red_after_by_clock", clock): limit for clock, limit in stages.red_after_by_clock.items()
        }
        for place, red in reds.items():
            if not red.never_later_than(stages.bulletin_after) or stages.bulletin_after.never_later_than(red):
                where = pointer_to("escalation", urgency, *place)
                yield Finding(
                    where, "red comes before the bulletin: a shorter time that is counted the same way"
                )


def floors_name_emergencies(draft: Draft) -> Iterator[Finding]:
    """What is opened beside an application must not be one again."""
    for name, floor in draft.ruleset.urgency.floors.items():
        where = pointer_to("urgency", "floors", name, "category")
        if floor.category is None:
            continue
        row = draft.ruleset.categories.get(floor.category)
        if row is None and floor.category not in draft.names("categories"):
            yield Finding(where, f"no category {floor.category}")
        elif row is not None and row.procedure is Procedure.APPROVAL:
            yield Finding(where, f"{floor.category} is an application")


def overrides_only_tighten(draft: Draft) -> Iterator[Finding]:
    """An area may be quicker than the ruleset, never slower, and lays down nothing for what does not exist."""
    for area, own in draft.ruleset.overrides.items():
        for code, override in own.categories.items():
            where = pointer_to("overrides", area, "categories", code)
            row = draft.ruleset.categories.get(code)
            if row is None:
                if code not in draft.names("categories"):
                    yield Finding(where, f"no category {code}")
                continue
            for name in ("control_limit", "handle_limit"):
                limit, present = getattr(override, name), getattr(row, name)
                if limit is not None and present is None:
                    yield Finding(f"{where}/{name}", "the row has no such limit")
                elif limit is not None and not limit.never_later_than(present):
                    yield Finding(f"{where}/{name}", f"may be later than the row's {present}")


def words_are_for_floors(draft: Draft) -> Iterator[Finding]:
    for area, own in draft.ruleset.overrides.items():
        for floor in own.words.keys() - draft.ruleset.urgency.floors.keys():
            yield Finding(pointer_to("overrides", area, "words", floor), f"no floor {floor}")


RULES: tuple[Rule, ...] = (
    codes_are_codes,
    somebody_classifies,
    complaints_about_staff_have_their_rows,
    classes_are_known,
    general_units_stand_at_their_tier,
    kinds_are_known,
    nobody_leads_below_the_tier,
    somebody_leads_at_the_tier,
    rows_have_their_limits,
    clocks_have_a_limit_for_every_urgency,
    escalation_climbs,
    floors_name_emergencies,
    overrides_only_tighten,
    words_are_for_floors,
)


def _entries(draft: Draft) -> Iterator[tuple[str, Any, Category]]:
    """Each row, and each override with the row it changes: where it stands, itself, the row."""
    categories = draft.ruleset.categories
    for code, row in categories.items():
        yield pointer_to("categories", code), row, row
    for area, own in draft.ruleset.overrides.items():
        for code, override in own.categories.items():
            if code in categories:
                yield pointer_to("overrides", area, "categories", code), override, categories[code]
