"""The units of the made-up district and who is on duty in them."""

from typing import Any

from contracts.vocabulary import GENERAL_KIND
from samples.district import SampleArea
from services.router.rulesets.ruleset import load_ruleset

CENTRE = "YQ-CENTRE"
_SELF_MANAGED = {"YQ0103"}  # a village without a property company
_TIERS = ("社区（村）", "社区", "镇街", "区")
_TIERS_EN = ("community ", "town ", "district ")
_TOWN_OFFICE = "镇政府（街道办事处）"
_TOWN_OFFICES = {"镇": "政府", "街道": "办事处"}
_SHIFTS = (("day", "08:00", "20:00"), ("night", "20:00", "08:00"))


def units_of(areas: list[SampleArea]) -> list[dict[str, Any]]:
    """The general unit of each area, in a tree like the areas', and under it the professional units of its tier."""
    return [unit for area in areas for unit in (_general(area), *_professional(area))]


def duty_of(units: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Opaque references only: whoever wants a name asks the unit."""
    return [
        {"person": f"p-{number:04d}-{shift}", "unit": unit["code"], "post": f"{shift} duty {start}-{end}"}
        for number, unit in enumerate(units, 1)
        for shift, start, end in _SHIFTS
    ]


def _general(area: SampleArea) -> dict[str, Any]:
    kind = GENERAL_KIND[area.tier]  # type: ignore[index]  # a tier is its own text
    parent = _general_code(area.parent) if area.parent else None
    return _unit(_general_code(area.code), kind, area, parent)


def _professional(area: SampleArea) -> list[dict[str, Any]]:
    kinds = [kind for kind, said in load_ruleset().unit_kinds.items() if said.tier == area.tier]
    return [
        _unit(f"{area.code}-{kind}", kind, area, _general_code(area.code))
        for kind in kinds
        if kind not in GENERAL_KIND.values()
        and not (kind == "property_company" and area.code in _SELF_MANAGED)
    ]


def _unit(code: str, kind: str, area: SampleArea, parent: str | None) -> dict[str, Any]:
    words = load_ruleset().unit_kinds[kind]
    names = {"name": _name(area.name, words.zh), "name_en": f"{area.name_en} {_without(words.en, _TIERS_EN)}"}
    return {"code": code, **names, "kind": kind, "tier": area.tier, "area": area.code, "parent": parent}


def _name(area: str, kind: str) -> str:
    """The area's own name says what the kind's repeats: 梅园社区受理中心, not 梅园社区社区（村）受理中心."""
    town = next((office for ending, office in _TOWN_OFFICES.items() if area.endswith(ending)), "")
    return area + (town if kind == _TOWN_OFFICE else _without(kind, _TIERS))


def _without(words: str, beginnings: tuple[str, ...]) -> str:
    return next((words.removeprefix(each) for each in beginnings if words.startswith(each)), words)


def _general_code(area: str) -> str:
    return CENTRE if area == "YQ" else f"{area}-OFFICE" if len(area) < 8 else f"{area}-WORKER"
