"""A report that says it happened in the first or the last hour of all time is filed, listed, shown and simulated."""

from datetime import UTC, datetime

import httpx
import pytest

from delivery.service import Service
from services.router.rulesets.ruleset import SHIPPED
from tests.router.desk_visits import SignedIn, file_report

ENDS = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]


@pytest.mark.parametrize("at", ENDS)
@pytest.mark.parametrize("placed", [True, False])
async def test_nothing_fails(
    at: datetime, placed: bool, http: httpx.AsyncClient, router: Service, signed_in: SignedIn
) -> None:
    case = await file_report(router, at=at, **({} if placed else {"lon": None, "lat": None}))
    browser = await signed_in("admin")
    for page in ("/?state=", f"/cases/{case}"):
        answer = await browser.get(page)
        assert (answer.status_code, case in answer.text) == (200, True)
    for asked in ("/v1/cases", f"/v1/cases/{case}", f"/v1/cases/{case}/history"):
        assert (await http.get(asked)).status_code == 200
    if not placed:
        here = {"data": {"place": {"lon": 1.0, "lat": 1.0}}}
        answer = await http.post(f"/v1/cases/{case}/commands/accept", json=here)
        assert answer.status_code == 200, answer.text
    told = (await http.post("/v1/simulations", json={"ruleset": SHIPPED})).json()
    assert (told["reports"], told["changed"]) == (1, 0)
