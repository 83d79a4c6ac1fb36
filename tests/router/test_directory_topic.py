"""What `directory.v1` is told: the directory as it stands, and what has left it."""

import httpx

from delivery.service import Service
from tests.router.builders import a_directory, an_import


async def test_what_an_import_leaves_out_leaves_the_topic(router: Service, http: httpx.AsyncClient) -> None:
    duty = [{"person": "p-1", "unit": "UD111", "post": "lead"}]
    assert (await http.post("/v1/directory/imports", json=an_import() | {"duty": duty})).status_code == 201
    async with router.database.connection() as connection:
        await connection.execute("truncate outbox")
    smaller = an_import(a_directory(without=("UD112",)))
    assert (await http.post("/v1/directory/imports", json=smaller)).status_code == 201
    async with router.database.connection() as connection:
        rows = await connection.fetch("select topic, key, value, headers from outbox order by id")
    assert {row["topic"] for row in rows} == {"directory.v1"}
    gone = [row for row in rows if row["value"] is None]
    assert [row["key"] for row in gone] == [b"UD112", b"duty:UD111:p-1"]
    assert all(b"ce_id" in row["headers"] for row in gone)
    told = {row["key"] for row in rows if row["value"] is not None}
    assert b"UD111" in told
    assert not told & {row["key"] for row in gone}
