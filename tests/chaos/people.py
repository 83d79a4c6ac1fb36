"""Who goes on working meanwhile: those who report, at a steady rate, and units that sign for some of their cases."""

import asyncio
import itertools
import random
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
from shapely.geometry import Point, shape

from deploy.local.day import SAMPLES, sample_reports
from deploy.local.play import Report
from deploy.local.service_processes import LocalService
from tests.chaos.agency import Agency
from tests.chaos.victims import Victims

_SIGNED = 0.1
_UNITS = 4


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


@asynccontextmanager
async def signing(victims: Victims, agency: Agency, signed: set[str]) -> AsyncIterator[None]:
    """Units at work for as long as the block runs; `signed` is what they have signed for."""
    units = [asyncio.create_task(_sign_some(victims, agency, signed)) for _ in range(_UNITS)]
    try:
        yield
    finally:
        for unit in units:
            unit.cancel()


async def _sign_some(victims: Victims, agency: Agency, signed: set[str]) -> None:
    """What one router opened, another one may well be asked to carry on."""
    chance, routers = agency.chance, list(victims.routers.values())
    headers = {"Authorization": f"Bearer {victims.running.token('unit')}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        while True:
            case_id = await agency.dispatched.get()
            if chance.random() < _SIGNED:
                while not await _sign(http, chance.choice(routers), case_id):
                    await asyncio.sleep(0.3)
                signed.add(case_id)
            agency.dispatched.task_done()


async def _sign(http: aiohttp.ClientSession, router: LocalService, case_id: str) -> bool:
    """Whether it is signed for; 409 says that an attempt whose answer was lost had been worked."""
    try:
        async with http.post(f"{router.url}/v1/cases/{case_id}/commands/sign", json={}) as answer:
            return answer.status in (200, 409)
    except (aiohttp.ClientError, OSError, TimeoutError):
        return False
