"""A directory that is imported over the one in force."""

from dataclasses import replace

import httpx

from services.router.directory.directory import Directory
from tests.router.builders import a_directory, an_import


def renumbered(directory: Directory | None = None) -> Directory:
    """The same ground and tree, every area and unit under another code."""
    old = directory or a_directory()
    areas = [
        replace(area, code=f"N{area.code}", parent=area.parent and f"N{area.parent}")
        for area in old.areas.values()
    ]
    units = [
        replace(unit, code=f"N{unit.code}", area=f"N{unit.area}", parent=unit.parent and f"N{unit.parent}")
        for unit in old.units.values()
    ]
    return replace(old, areas={area.code: area for area in areas}, units={unit.code: unit for unit in units})


async def import_alone(http: httpx.AsyncClient, directory: Directory) -> None:
    answer = await http.post("/v1/directory/imports", json=an_import(directory))
    assert answer.status_code == 201, answer.text
