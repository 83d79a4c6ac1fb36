"""A unit's cases are for those who work in it: a token that names the unit alone, or a resident's, reads none."""

from typing import Any

import httpx
import pytest

from contracts.vocabulary import Role, Tier
from delivery.service import Service
from services.router.directory.directory import Unit
from tests.databases import As
from tests.router.builders import a_directory, an_import
from tests.router.desk_visits import file_report

READS = sorted(set(Role) - {Role.RESIDENT, Role.SYSTEM})
READS_NOT: list[tuple[str, ...]] = [(), ("resident",), ("system",), ("resident", "no such role")]


@pytest.mark.parametrize("roles", READS_NOT, ids=str)
async def test_a_unit_without_a_role_in_it_reads_nothing(
    http: httpx.AsyncClient, router: Service, as_: As, roles: tuple[str, ...]
) -> None:
    status = {
        await file_report(router, category="E01-01"): 403,
        await file_report(router, category="E01-01", confidential=True): 404,
    }
    for unit in ("UD111", "UD", None):
        headers = as_(*roles, unit=unit)
        assert (await http.get("/v1/cases", headers=headers)).json()["items"] == []
        for case, refusal in status.items():
            for path in (f"/v1/cases/{case}", f"/v1/cases/{case}/history"):
                assert (await http.get(path, headers=headers)).status_code == refusal, (unit, path)


@pytest.mark.parametrize("role", READS)
async def test_whoever_works_in_a_unit_reads_its_cases(
    http: httpx.AsyncClient, router: Service, as_: As, role: str
) -> None:
    case = await file_report(router, category="E01-01")
    assert (await http.get(f"/v1/cases/{case}", headers=as_(role, unit="UD111"))).status_code == 200


async def test_the_desk_shows_a_resident_no_queue(
    router: Service, http: httpx.AsyncClient, signed_in: Any
) -> None:
    case = await file_report(router, category="E01-01")
    visitor = await signed_in("resident", unit="UD111")
    page = await visitor.get("/")
    assert (page.status_code, case in page.text) == (200, False)
    assert (await visitor.get(f"/cases/{case}")).status_code == 403


@pytest.mark.parametrize(
    ("roles", "seen"), [(("assessor",), False), (("assessor", "handler"), True)], ids=str
)
async def test_an_assessor_reads_nothing_sealed_in_his_own_unit_either(
    http: httpx.AsyncClient, router: Service, as_: As, roles: tuple[str, ...], seen: bool
) -> None:
    directory = a_directory(Unit("U-assessors", "assessors", "assessment_office", Tier.TOWN, "D1", "UD1"))
    assert (await http.post("/v1/directory/imports", json=an_import(directory))).status_code == 201
    case = await file_report(router, category="V05-01")
    headers = as_(*roles, unit="U-assessors")
    listed = (await http.get("/v1/cases", headers=headers)).json()["items"]
    assert [each["case_id"] for each in listed] == ([case] if seen else [])
    assert (await http.get(f"/v1/cases/{case}", headers=headers)).status_code == (200 if seen else 404)
