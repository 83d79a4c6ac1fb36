"""What units and categories are called in one language, with the code that people know them by."""

from collections.abc import Sequence

from services.router.desk.words import Voice
from services.router.workflow.case import Case
from services.router.workflow.situation import Rules


def category_name(case: Case, rules: Rules, voice: Voice) -> str:
    return category_named(case.category or case.wanted_category, rules, voice)


def category_named(code: str | None, rules: Rules, voice: Voice) -> str:
    row = rules.ruleset.category(code)
    return f"{row.code} {voice.one((row.zh, row.en))}"


def unit_name(code: str | None, rules: Rules, voice: Voice) -> str:
    unit = rules.directory.units.get(code or "")
    if unit is None:
        return code or voice("nobody")
    name = voice.name(unit.name, unit.name_en)
    return (
        name
        if name == unit.code
        else f"{name}（{unit.code}）"
        if voice.lang == "zh"
        else f"{name} ({unit.code})"
    )


def unit_names(codes: Sequence[str], rules: Rules, voice: Voice) -> list[str]:
    return [unit_name(code, rules, voice) for code in codes]
