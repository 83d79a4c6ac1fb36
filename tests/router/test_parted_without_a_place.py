"""A report whose place nobody knows is merged at the desk; taken out again, it needs one, as when it is accepted."""

import httpx

from contracts.vocabulary import CaseState
from delivery.service import Service
from tests.router.several_reports import a_report_by, merge, work

REASON = {"reason": "不是同一处"}
OUTSIDE, INSIDE = 80.0, 1.2


async def _merged(router: Service, http: httpx.AsyncClient, *, lat: float) -> str:
    master, joined = a_report_by("anna"), a_report_by("bert", lat=lat)
    await work(router, master, joined)
    await merge(http, joined.case_id, master.case_id)
    return f"/v1/cases/{joined.case_id}/commands/unmerge"


async def test_it_comes_back_with_the_place_that_a_person_found(
    router: Service, http: httpx.AsyncClient
) -> None:
    unmerge = await _merged(router, http, lat=OUTSIDE)
    refused = await http.post(unmerge, json={"data": REASON})
    assert refused.status_code == 422, refused.text
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/data/place"]
    parted = await http.post(unmerge, json={"data": REASON | {"place": {"lon": 0.2, "lat": INSIDE}}})
    assert parted.status_code == 200, parted.text
    said = parted.json()
    assert (said["state"], said["grid"], said["place"]["lat"]) == (CaseState.DISPATCHED, "D111", INSIDE)


async def test_what_has_its_place_keeps_it(router: Service, http: httpx.AsyncClient) -> None:
    unmerge = await _merged(router, http, lat=INSIDE)
    refused = await http.post(unmerge, json={"data": REASON | {"place": {"lon": 0.2, "lat": 0.2}}})
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/data/place"]
    assert (await http.post(unmerge, json={"data": REASON})).status_code == 200
