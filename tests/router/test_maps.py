"""Where a point lies, and the areas as GeoJSON for those who draw maps."""

from dataclasses import replace
from time import thread_time
from typing import Any
from unittest.mock import AsyncMock

import httpx
import pytest
import shapely

from contracts.vocabulary import Tier
from services.router.current_rules import CurrentRules
from services.router.directory.directory import Directory
from tests.router.builders import a_directory, some_rules


async def test_the_map_answers(http: httpx.AsyncClient) -> None:
    at = (await http.get("/v1/grids/at", params={"lon": 3, "lat": 1})).json()
    assert at == {"grid": "D121", "community": "D12", "town": "D1", "district": "D"}
    assert (await http.get("/v1/grids/at", params={"lon": 30, "lat": 1})).status_code == 404


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({}, {"D111", "D112", "D121", "D122"}),
        ({"tier": "town"}, {"D1"}),
        ({"tier": ["grid", "community"]}, {"D111", "D112", "D121", "D122", "D11", "D12"}),
    ],
)
async def test_the_map_of_grids_holds_other_areas_when_they_are_asked_for(
    http: httpx.AsyncClient, asked: dict[str, Any], codes: set[str]
) -> None:
    features = (await http.get("/v1/directory/grids", params=asked)).json()["features"]
    assert {feature["properties"]["code"] for feature in features} == codes


async def test_the_map_is_not_drawn_while_everybody_else_waits(
    http: httpx.AsyncClient, current: CurrentRules, monkeypatch: pytest.MonkeyPatch
) -> None:
    winding = {
        code: replace(area, boundary=shapely.segmentize(area.boundary, 0.0002))
        for code, area in a_directory().areas.items()
    }
    rules = some_rules(Directory(1, winding, {}))  # as many points as there are in 1,500 areas
    monkeypatch.setattr(current, "get", AsyncMock(return_value=rules))
    before = thread_time()
    answer = await http.get("/v1/directory/grids", params={"tier": list(Tier)})
    assert thread_time() - before < 0.5, "the event loop drew the map"
    assert len(answer.json()["features"]) == len(winding)


async def test_the_map_knows_no_other_tiers(http: httpx.AsyncClient) -> None:
    assert (await http.get("/v1/directory/grids", params={"tier": "street"})).status_code == 422
