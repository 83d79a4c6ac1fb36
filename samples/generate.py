"""Makes the files of this folder, the same ones each time: `python -m samples.generate`."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shapely.geometry import Point, mapping

from samples.district import SampleArea, draw
from samples.phrases import PERSONAL, PHRASES, PLACES, PLACES_EN
from samples.places import places_of
from samples.units import duty_of, units_of

SEED = 20261123
REPORTS = 500
ECHOES = 6  # of each kind
_FILES = {"district": "district", "town": "towns", "community": "communities", "grid": "grids"}
_CHANNELS = (
    "hotline",
    "wechat",
    "app",
    "phone",
    "web",
    "patrol",
    "sms",
    "visit",
    "email",
    "open311",
    "forum",
)
_CHANNEL_WEIGHTS = (30, 20, 15, 8, 6, 10, 3, 2, 2, 3, 1)
# a day's curve: reports an hour, midnight to midnight
_HOURS = (3, 2, 1, 1, 1, 3, 8, 18, 34, 40, 38, 30, 22, 24, 32, 34, 32, 30, 28, 30, 32, 26, 14, 7)


def write(folder: Path) -> None:
    areas = draw(SEED)
    for tier, name in _FILES.items():
        features = [_feature(area) for area in areas if area.tier == tier]
        _write_lines(
            folder / f"{name}.geojson", features, '{"type": "FeatureCollection", "features": [', "]}"
        )
    places = list(places_of(areas, random.Random(SEED + 2)))
    _write_lines(folder / "places.geojson", places, '{"type": "FeatureCollection", "features": [', "]}")
    units = units_of(areas)
    _write_lines(folder / "units.json", units, "[", "]")
    _write_lines(folder / "duty.json", duty_of(units), "[", "]")
    day = with_echoes(list(reports(areas, random.Random(SEED))), random.Random(SEED + 1))
    lines = [json.dumps(report, ensure_ascii=False) for report in day]
    (folder / "reports.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def reports(areas: list[SampleArea], chance: random.Random) -> Iterator[dict[str, Any]]:
    """The day in the order of its minutes."""
    grids = [area for area in areas if area.tier == "grid"]
    seconds = sorted(
        chance.choices(range(24), _HOURS)[0] * 3600 + chance.randrange(3600) for _ in range(REPORTS)
    )
    for number, second in enumerate(seconds, 1):
        yield {
            "at": _clock(second),
            "idempotency_key": f"sample-{number:04d}",
            "report": _report(number, grids, chance),
        }


def with_echoes(day: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """The same day with those who ask again, and with others who report the same lamp, tree or lid."""
    known = [each for each in day if each["at"] < "20" and {"lon", "category"} <= _fields(each["report"])]
    insistent = [
        each
        for each in known
        if each["report"]["category"][0] in "CE"  # in other matters a person decides whether they are one
        and not each["report"].get("reporter", {"confidential": True})["confidential"]
    ]
    components = [each for each in known if each["report"]["category"].startswith("C")]
    urged = chance.sample(insistent, ECHOES)
    # of three that are one matter, what joins what depends on who comes first: each has one echo
    shared = chance.sample([each for each in components if each not in urged], ECHOES)
    echoes = [_asked_again(each, chance) for each in urged]
    echoes += [_by_another(each, number, chance) for number, each in enumerate(shared, 1)]
    return sorted([*day, *echoes], key=lambda each: each["at"])


def _fields(report: dict[str, Any]) -> set[str]:
    return {*report, *report["place"]}


def _asked_again(first: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    said = first["report"]["text"]
    text = f"{said} Nobody has come yet." if said.isascii() else f"{said}，怎么还没人来"
    return _echo(first, first["report"] | {"text": text}, "again", chance)


def _by_another(first: dict[str, Any], number: int, chance: random.Random) -> dict[str, Any]:
    """Both have read the plate on it."""
    first["report"]["place"]["component_id"] = f"YX-{number:04d}"
    reporter = {"phone": f"199000{chance.randrange(100_000):05d}", "confidential": False}
    return _echo(first, first["report"] | {"reporter": reporter, "channel": "app"}, "too", chance)


def _echo(first: dict[str, Any], report: dict[str, Any], how: str, chance: random.Random) -> dict[str, Any]:
    hours, minutes, seconds = map(int, first["at"].split(":"))
    second = hours * 3600 + minutes * 60 + seconds + chance.randrange(3600, 3 * 3600)
    return {
        "at": _clock(second),
        "idempotency_key": f"{first['idempotency_key']}-{how}",
        "report": report | {"place": dict(first["report"]["place"])},
    }


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def _report(number: int, grids: list[SampleArea], chance: random.Random) -> dict[str, Any]:
    category, said = _said(number, chance)
    report: dict[str, Any] = {"channel": chance.choices(_CHANNELS, _CHANNEL_WEIGHTS)[0], "text": said}
    if chance.random() < 0.75:  # operators and grid workers classify, others do not
        report["category"] = category
    report["place"] = _place(number, chance.choice(grids), chance)
    if chance.random() < 0.3:
        report["reporter"] = {
            "phone": f"199000{chance.randrange(100_000):05d}",
            "confidential": chance.random() < 0.1,
        }
    facts = _facts(category, chance)
    return report | ({"facts": facts} if facts else {})


def _said(number: int, chance: random.Random) -> tuple[str, str]:
    """Every category comes up at least once."""
    category = (
        list(PHRASES)[number % len(PHRASES)] if number <= len(PHRASES) else chance.choice(list(PHRASES))
    )
    chinese = [phrase for phrase in PHRASES[category] if not phrase.isascii()]
    english = [phrase for phrase in PHRASES[category] if phrase.isascii()]
    in_english = bool(english) and (chance.random() < 0.45 or not chinese)
    phrase = chance.choice(english if in_english else chinese)
    text = phrase.format(place=chance.choice(PLACES_EN if in_english else PLACES))
    if chance.random() < 0.06:
        text += chance.choice(PERSONAL[-1:] if in_english else PERSONAL[:-1])
    return category, text


def _place(number: int, grid: SampleArea, chance: random.Random) -> dict[str, Any]:
    if number % 125 == 0:
        return {"address": "云栖区老街口"}  # a person has to find it
    if number % 240 == 0:
        return {"lon": 121.9, "lat": 31.9}  # outside the district
    if number % 25 == 0:
        return {"grid": grid.code}
    point = _point_in(grid, chance)
    return {"lon": round(point.x, 6), "lat": round(point.y, 6)}


def _point_in(grid: SampleArea, chance: random.Random) -> Point:
    west, south, east, north = grid.boundary.bounds
    while True:
        point = Point(chance.uniform(west, east), chance.uniform(south, north))
        if grid.boundary.contains(point):
            return point


def _facts(category: str, chance: random.Random) -> dict[str, Any]:
    if category == "P01-01":
        return {"trapped": chance.randint(1, 3)}
    if category in ("E05-10", "C01-01", "C04-01") and chance.random() < 0.4:
        return {"injured": 1}
    return {"vulnerable": chance.choice(("some", "high"))} if chance.random() < 0.05 else {}


def _feature(area: SampleArea) -> dict[str, Any]:
    named = {name: getattr(area, name) for name in ("tier", "code", "name", "name_en", "parent")}
    return {"type": "Feature", "properties": named, "geometry": mapping(area.boundary)}


def _write_lines(path: Path, rows: list[dict[str, Any]], head: str, tail: str) -> None:
    """A row a line, so that a change of one row is a change of one line."""
    text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"{head}\n{text}\n{tail}\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).parent)
