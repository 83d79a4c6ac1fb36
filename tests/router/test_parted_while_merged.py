"""A case is parted from its master in the moment in which the master is merged into another: one waits for the other."""

import asyncio

import httpx
import pytest
from uuid_utils.compat import uuid7

from contracts.vocabulary import CaseState
from delivery.service import Service
from tests.router.several_reports import a_report_by, case_of, merge, rows_of, work
from tests.waiting import until

WAITING = "select from pg_locks where locktype in ('tuple', 'transactionid') and not granted"


@pytest.mark.parametrize("joined_number", [0, 2], ids=["the joined is older", "the joined is newer"])
async def test_neither_is_answered_with_a_failure(
    router: Service, http: httpx.AsyncClient, joined_number: int
) -> None:
    ids = sorted(uuid7() for _ in range(3))
    joined = a_report_by("bert", lat=1.2, case_id=ids.pop(joined_number))
    master, other = (a_report_by(who, case_id=case_id) for who, case_id in zip("ac", ids, strict=True))
    await work(router, master, other, joined)
    await merge(http, joined.case_id, master.case_id)

    def give(case: object, command: str, **data: object) -> "asyncio.Task[httpx.Response]":
        return asyncio.create_task(http.post(f"/v1/cases/{case}/commands/{command}", json={"data": data}))

    async with router.database.transaction() as somebody:
        await somebody.execute("select from cases where case_id = $1 for update", other.case_id)
        merging = give(master.case_id, "merge", master_case_id=str(other.case_id))
        await until(lambda: _waiting(router, 1))
        parting = give(joined.case_id, "unmerge", reason="不是同一处")
        await until(lambda: _waiting(router, 2))
    merged, parted = await asyncio.gather(merging, parting)
    assert (merged.status_code, parted.status_code) == (200, 200), merged.text + parted.text
    assert (await case_of(router, master.case_id)).master == other.case_id
    assert (await case_of(router, joined.case_id)).state is CaseState.DISPATCHED
    history = (await http.get(f"/v1/cases/{joined.case_id}/history")).json()["items"]
    unmerged = next(each["data"] for each in history if each["type"] == "case.unmerged")
    assert unmerged["master_case_id"] == str(other.case_id), "it had moved with its master"


async def _waiting(router: Service, count: int) -> bool:
    return len(await rows_of(router, WAITING)) >= count
