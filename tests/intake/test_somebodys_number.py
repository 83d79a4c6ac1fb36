"""A telephone number typed where a code is asked for stays out of the event; no code of a directory is refused."""

from typing import Any

import httpx
import pytest

from contracts.facts.directory import AreaDefined
from delivery.service import Service
from services.intake.somebodys_number import is_somebodys
from tests.intake.builders import a_report
from tests.intake.readers import directory_fact, hear
from tests.intake.rows import rows_of

IDENTITY = "11010519491231002X"
NUMBERS = ("13800138000", "138-0013-8000", "8613800138000", "tel:138.0013.8000", "0571-87654321", "01087654321", IDENTITY)  # fmt: skip
# six to eighteen figures, as administrative divisions and grids have them; a tract of the census in Illinois
CODES = ("330106", "330106005", "330106005001", "330106005001001", "330106005001001002", "YQ010101", "12345",
         "complaint", "0102030405", "2024-03-01", "110105194912310021", "36061000100")  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_of_people_are_known(number: str) -> None:
    assert is_somebodys(number)


@pytest.mark.parametrize("code", CODES)
def test_codes_are_nobodys(code: str) -> None:
    assert not is_somebodys(code)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(("pointer", "more"), [("/kind", "kind"), ("/place/grid", "grid")])
async def test_a_number_in_place_of_a_code_is_refused_and_stays(
    pointer: str, more: str, number: str, http: httpx.AsyncClient, intake: Service
) -> None:
    await hear(intake, [], [])
    answer = await _sent(http, **{more: number})
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])
    assert number not in answer.text
    for table in ("reports", "vault", "outbox"):
        assert await rows_of(intake, table) == []


@pytest.mark.parametrize("code", [*CODES[:6], "17031010100", IDENTITY])
async def test_no_code_of_the_directory_is_refused(
    code: str, http: httpx.AsyncClient, intake: Service
) -> None:
    await hear(intake, [directory_fact(AreaDefined, code=code, tier="grid", parent=None)], [])
    assert (await _sent(http, grid=code)).status_code == 201


@pytest.mark.parametrize("grid", ["330106005001001", "330106005001001002", "17031010100"])
async def test_what_looks_like_none_and_what_nobody_can_tell_is_taken(
    grid: str, http: httpx.AsyncClient, intake: Service
) -> None:
    """The first two while the directory has no such grid, the last as none was imported yet."""
    if grid != "17031010100":
        await hear(intake, [], [])
    assert (await _sent(http, grid=grid, kind="complaint")).status_code == 201


async def _sent(http: httpx.AsyncClient, grid: str = "grid", **more: Any) -> httpx.Response:
    return await http.post("/v1/reports", json=a_report(place={"grid": grid}, **more))
