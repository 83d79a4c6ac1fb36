"""The result is told by who leads, by who has answered to the reporter from the first, or by the desk (T31)."""

import httpx
import pytest

from delivery.service import Service
from tests.databases import As
from tests.router.desk_visits import file_report


@pytest.mark.parametrize(
    ("roles", "unit", "status"),
    [
        (("grid_worker",), "UD111", 403),  # tracks it and reads it
        (("unit_lead", "checker"), "UD11", 403),  # is told of it
        (("unit_lead",), "UD", 200),  # leads
        (("operator",), "UD11", 200),
        (("dispatcher",), None, 200),
    ],
    ids=str,
)
async def test_who_is_only_told_of_a_case_does_not_say_that_the_reporter_was_told(
    http: httpx.AsyncClient, router: Service, as_: As, roles: tuple[str, ...], unit: str | None, status: int
) -> None:
    case = await file_report(router, category="C01-05")
    done = {"result": "已修复", "evidence_method": "photo", "evidence": 1}
    worker, checker = as_("admin", sub="p-1"), as_("admin", sub="p-2")
    for who, command, data in (
        (worker, "sign", {}),
        (worker, "finish", done),
        (checker, "check_pass", {"evidence": 1}),
    ):
        path = f"/v1/cases/{case}/commands/{command}"
        answer = await http.post(path, json={"data": data}, headers=who)
        assert answer.status_code == 200, answer.text
    headers = as_(*roles, unit=unit)
    assert (await http.get(f"/v1/cases/{case}", headers=headers)).status_code == 200
    answer = await http.post(f"/v1/cases/{case}/commands/record_feedback", headers=headers)
    assert answer.status_code == status, answer.text
