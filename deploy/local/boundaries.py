"""A directory from boundaries alone: each area gets its general unit, each district and town one of each kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from contracts.vocabulary import GENERAL_KIND, Tier
from services.router.rulesets.ruleset import load_ruleset


class BoundariesUnfit(ValueError):
    """Which file, and what is wrong with it."""


def directory_of(folder: Path) -> dict[str, Any]:
    """The body of POST /v1/directory/imports; raises BoundariesUnfit. What is of no tier is passed over."""
    features = [feature for file in sorted(folder.glob("*.geojson")) for feature in _areas_in(file)]
    if not features:
        raise BoundariesUnfit(f"{folder}: no .geojson in it has a feature whose tier is {', '.join(Tier)}")
    units = [unit for feature in features for unit in _units(feature["properties"])]
    return {"areas": {"type": "FeatureCollection", "features": features}, "units": units, "duty": []}


def _areas_in(file: Path) -> Iterator[dict[str, Any]]:
    try:
        read = orjson.loads(file.read_bytes())
    except ValueError as error:
        raise BoundariesUnfit(f"{file}: not JSON: {error}") from None
    features = read.get("features") if isinstance(read, dict) else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        raise BoundariesUnfit(f"{file}: not a GeoJSON FeatureCollection")
    for number, feature in enumerate(features, 1):
        area = feature.get("properties")
        if isinstance(area, dict) and area.get("tier") in list(Tier):
            _require_words(area, f"{file}: feature {number}, of tier {area['tier']}")
            yield feature


def _require_words(area: dict[str, Any], where: str) -> None:
    wanted = ("code", "name") if area["tier"] == Tier.DISTRICT else ("code", "name", "parent")
    for name in wanted:
        if not isinstance(area.get(name), str) or not area[name]:
            raise BoundariesUnfit(f"{where}: its properties have no {name}")


def _units(area: dict[str, Any]) -> list[dict[str, Any]]:
    """Professional units report to the general unit of their area, and that to the one of the area above."""
    tier = Tier(area["tier"])
    place = {"tier": tier, "area": area["code"]}
    above = f"U-{area['parent']}" if tier is not Tier.DISTRICT else None
    general = {"code": f"U-{area['code']}", "name": area["name"], "kind": GENERAL_KIND[tier], "parent": above}
    kinds = [kind for kind, said in load_ruleset().unit_kinds.items() if said.tier is tier]
    professional = [
        {
            "code": f"U-{area['code']}-{kind}",
            "name": f"{area['name']} {kind}",
            "kind": kind,
            "parent": f"U-{area['code']}",
        }
        for kind in kinds
        if kind != GENERAL_KIND[tier]
    ]
    return [unit | place for unit in [general, *professional]]
