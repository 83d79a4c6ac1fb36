"""Who goes on meanwhile: those who report, at a steady rate, units that work on some of their cases, and who asks
again."""

import asyncio
import itertools
import random
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from shapely.geometry import Point, shape

from deploy.local.day import SAMPLES, sample_reports
from deploy.local.play import Report
from tests.chaos.agency import Agency
from tests.chaos.victims import Victims

_WORKED_ON = 0.1
_UNITS = 8


def endless_reports(chance: random.Random, *, rate: float) -> Iterator[Report]:
    """The sample day's reports over and over, each in some grid, so that each case must be dispatched: one names it,
    the next says a point in it. The key ends with the grid."""
    run, texts, grids = (
        secrets.token_hex(4),
        [each for each in sample_reports("") if _is_dispatched(each)],
        _grids(),
    )
    for number in itertools.count():
        body, (grid, inside) = chance.choice(texts).body, chance.choice(grids)
        placed = _at(inside, body) if number % 2 else body | {"place": {"grid": grid}}
        yield Report(f"chaos-{run}-{number}-{grid}", number / rate, placed)


def grid_of(key: str) -> str:
    return key.rpartition("-")[2]


def _at(point: Point, body: dict[str, Any]) -> dict[str, Any]:
    """Whoever reports a place a second time would ask again and not report, so nobody says who he is."""
    anonymous = {name: said for name, said in body.items() if name != "reporter"}
    return anonymous | {"place": {"lon": point.x, "lat": point.y}}


def _is_dispatched(report: Report) -> bool:
    """Applications (V03) go from tier to tier instead, and what nobody has classified may be one."""
    category = report.body.get("category")
    return category is not None and not category.startswith("V03")


def _grids() -> list[tuple[str, Point]]:
    """Each with a point in it."""
    features = orjson.loads((SAMPLES / "grids.geojson").read_bytes())["features"]
    return [
        (feature["properties"]["code"], shape(feature["geometry"]).representative_point())
        for feature in features
    ]


@dataclass
class Work:
    """By case, how often each was done, as those who did it were answered; and what they were refused."""

    signed: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    reminded: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)


@asynccontextmanager
async def working(victims: Victims, agency: Agency, done: Work) -> AsyncIterator[None]:
    """Units, and reporters who ask again, for as long as the block runs."""
    units = [asyncio.create_task(_work_on_some(victims, agency, done)) for _ in range(_UNITS)]
    try:
        yield
    finally:
        for unit in units:
            unit.cancel()
        ends = await asyncio.gather(*units, return_exceptions=True)
    if failed := [end for end in ends if isinstance(end, Exception)]:
        raise ExceptionGroup("who works meanwhile does so to the end", failed)


async def _work_on_some(victims: Victims, agency: Agency, done: Work) -> None:
    async with aiohttp.ClientSession() as http:
        while True:
            dispatched = await agency.dispatched.get()
            names_its_report = "data" in dispatched  # a sealed one has none
            if names_its_report and agency.chance.random() < _WORKED_ON:
                await _work_on(_Caller(victims, agency.chance, http), dispatched, done)
            agency.dispatched.task_done()


async def _work_on(caller: "_Caller", dispatched: dict[str, Any], done: Work) -> None:
    case_id, report_id = dispatched["case_id"], dispatched["data"]["report_id"]
    commands = f"/v1/cases/{case_id}/commands"
    for kind, service, path, body in (
        (done.signed, "router", f"{commands}/sign", {}),
        (done.noted, "router", f"{commands}/progress", {"data": {"note": "在路上"}}),
        (done.reminded, "intake", f"/v1/reports/{report_id}/reminders", {}),
    ):
        if refused := await caller.insists(service, path, body):
            done.refused.append(f"{path}: {refused}")
        else:
            kind[case_id] += 1


@dataclass(frozen=True)
class _Caller:
    victims: Victims
    chance: random.Random
    http: aiohttp.ClientSession

    async def insists(self, service: str, path: str, body: dict[str, Any]) -> str:
        """Says it under one key until it is answered; why, when it is refused. What one router has begun, another may
        be asked to carry on."""
        key = secrets.token_hex(8)
        while True:
            status, said = await self._answer(service, path, body, key)
            if status in (200, 201):
                return ""
            if 400 <= status < 500:
                return said
            await asyncio.sleep(0.3)

    async def _answer(self, service: str, path: str, body: dict[str, Any], key: str) -> tuple[int, str]:
        token = self.victims.running.token("unit" if service == "router" else "operator")
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        try:
            async with self.http.post(self._one_of(service) + path, json=body, headers=headers) as answer:
                return answer.status, await answer.text()
        except (aiohttp.ClientError, OSError, TimeoutError):
            return 0, ""

    def _one_of(self, service: str) -> str:
        routers = [router.url for router in self.victims.routers.values()]
        return self.chance.choice(routers) if service == "router" else self.victims.services[service].url
