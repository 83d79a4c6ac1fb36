"""A case is merged by those who may see both (domain §11.6 T07: same jurisdiction)."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.vocabulary import CaseState
from delivery.service import Service
from tests.databases import As
from tests.router.candidates import METRE
from tests.router.desk_visits import SignedIn
from tests.router.several_reports import a_report_by, case_of, work

HERE = {"unit": "UD11"}
ELSEWHERE = 3.0


async def _merge(http: httpx.AsyncClient, case: Any, master: Any, headers: Any) -> httpx.Response:
    return await http.post(
        f"/v1/cases/{case}/commands/merge", json={"data": {"master_case_id": str(master)}}, headers=headers
    )


@pytest.mark.parametrize("privacy", ["open", "sealed"])
async def test_a_master_that_he_may_not_see_is_answered_as_one_that_is_not_there(
    router: Service, http: httpx.AsyncClient, as_: As, privacy: str
) -> None:
    """The community's dispatcher; the other case lies in another one, or is sealed."""
    own = a_report_by("anna")
    other = a_report_by("bert", category="V05-01" if privacy == "sealed" else "C01-05", lon=ELSEWHERE)
    await work(router, own, other)
    headers = as_("dispatcher", **HERE)
    assert (await http.get(f"/v1/cases/{own.case_id}", headers=headers)).status_code == 200
    seen = (await http.get(f"/v1/cases/{other.case_id}", headers=headers)).status_code
    assert seen == (404 if privacy == "sealed" else 403)
    unseen, unknown = [
        await _merge(http, own.case_id, master, headers) for master in (other.case_id, uuid4())
    ]
    assert (unseen.status_code, unknown.status_code) == (422, 422)
    assert unseen.json() == unknown.json()
    assert (await case_of(router, own.case_id)).state is CaseState.DISPATCHED


async def test_what_may_be_the_same_is_shown_as_far_as_it_may_be_seen(
    router: Service, http: httpx.AsyncClient, as_: As, signed_in: SignedIn
) -> None:
    """Over HTTP and at the desk, and only of a case that may be seen itself."""
    one, other = a_report_by("anna"), a_report_by("bert", lat=1.0 + 5 * METRE)
    await work(router, one)
    await work(router, other)
    path = f"/v1/cases/{one.case_id}/similar"
    headers = as_("dispatcher", **HERE)
    assert len((await http.get(path, headers=headers)).json()["items"]) == 1
    sealing = {"data": {"privacy": "sealed"}}
    await http.post(f"/v1/cases/{other.case_id}/commands/set_privacy", json=sealing)
    await _led_by_the_district(router, other.case_id)
    assert (await http.get(path, headers=headers)).json()["items"] == []
    assert len((await http.get(path, headers=as_("dispatcher"))).json()["items"]) == 1
    page = (await (await signed_in("dispatcher", **HERE)).get(f"/cases/{one.case_id}?lang=en")).text
    assert "What was reported" in page
    assert str(other.case_id) not in page
    answer = await http.get(f"/v1/cases/{other.case_id}/similar", headers=headers)
    assert answer.status_code == 404


async def _led_by_the_district(router: Service, case_id: Any) -> None:
    """As the workflow leaves it, without the way there."""
    led = '{"lead": "UD", "co_handlers": [], "copies": [], "tracker": null}'
    async with router.database.transaction() as connection:
        await connection.execute(
            "update cases set lead = 'UD', body = body || $2::text::jsonb where case_id = $1", case_id, led
        )
