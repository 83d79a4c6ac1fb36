"""The sample district and its day."""

import hashlib
import secrets
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from rich.console import Console

from deploy.local.closing import show
from deploy.local.play import Report, landing_after, play
from deploy.local.stack import Stack

SAMPLES = Path(__file__).parents[2] / "samples"


async def play_sample_day(running: Stack, console: Console) -> bool:
    """Whether reports were accepted, and each of them has landed."""
    await import_directory(running, sample_directory())
    reports = sample_reports(secrets.token_hex(4))
    outcome, seen = await play(running, reports, len(reports), console, speed=24 * 3600 / 20)
    landing = await landing_after(running, outcome, seen)
    show(console, outcome, seen, landing)
    if not outcome.accepted:
        console.print("[red]not one report was accepted")
    return landing.complete and bool(outcome.accepted)


def sample_directory() -> dict[str, Any]:
    """The body of POST /v1/directory/imports."""
    files = [SAMPLES / f"{name}.geojson" for name in ("district", "towns", "communities", "grids")]
    features = [feature for file in files for feature in orjson.loads(file.read_bytes())["features"]]
    units, duty = (orjson.loads((SAMPLES / name).read_bytes()) for name in ("units.json", "duty.json"))
    areas = {"type": "FeatureCollection", "features": features}
    places = orjson.loads((SAMPLES / "places.geojson").read_bytes())
    return {"areas": areas, "units": units, "duty": duty, "places": places}


def sample_reports(run: str) -> list[Report]:
    """The day's reports; `run` goes into their keys and telephone numbers, so that a second day is neither taken for
    a repeat of the first nor for people who ask again."""
    lines = [orjson.loads(line) for line in (SAMPLES / "reports.jsonl").read_bytes().splitlines()]
    return [
        Report(f"{run}-{line['idempotency_key']}", _seconds(line["at"]), _by_others(line["report"], run))
        for line in lines
    ]


def _by_others(report: dict[str, Any], run: str) -> dict[str, Any]:
    reporter = report.get("reporter", {})
    if "phone" not in reporter:
        return report
    number = int.from_bytes(hashlib.sha256(f"{run}{reporter['phone']}".encode()).digest()[:4], "big") % 10**5
    return report | {"reporter": reporter | {"phone": f"199000{number:05d}"}}


async def import_directory(running: Stack, body: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {running.token('admin')}"}
    address = f"{running.url('router')}/v1/directory/imports"
    async with aiohttp.ClientSession(headers=headers) as http, http.post(address, json=body) as answer:
        if answer.status != 201:
            raise SystemExit(f"the directory was refused: {(await answer.text())[:2000]}")


def _seconds(clock: str) -> float:
    hours, minutes, seconds = map(int, clock.split(":"))
    return hours * 3600.0 + minutes * 60 + seconds
