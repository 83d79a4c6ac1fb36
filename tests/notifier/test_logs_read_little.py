"""Whoever looks at a log reads what he is shown, however long the log is and however rare what he looks for."""

from typing import Any

import pytest

from contracts.vocabulary import DeliveryStatus, NoticeStatus
from delivery.database import Connection, Database
from services.notifier.people import notices_store
from services.notifier.store import delivery_log
from tests.notifier.kept_rows import TABLES, fill, pages_read

SUBSCRIPTION = "01900000-0000-7000-8000-000000000001"
FEW, RARE = 60, 3
_NOW, _NEVER = "now()", "null::timestamptz"
_OPEN = {"created", "waiting", "sending", "temporary-failure"}
_LONG = {"deliveries": {"subscription_id": f"'{SUBSCRIPTION}'::uuid"}, "notices": {}}


async def a_long_log(connection: Connection, table: str, rare: str | None) -> None:
    """A few of the rare status come first, so that they are shown last."""
    mine = _LONG[table]
    if rare:
        await fill(
            connection,
            table,
            rows=RARE,
            **mine,
            status=f"'{rare}'",
            ended_at=_NEVER if rare in _OPEN else _NOW,
        )
    await fill(connection, table, **mine, ended_at=_NOW)
    await connection.execute(f"vacuum analyze {table}")
    assert TABLES[table]["status"] == "'delivered'"


async def read(connection: Connection, table: str, status: str | None, unit: str | None) -> list[Any]:
    found: list[list[Any]] = []

    async def look(on: Connection) -> None:
        if table == "deliveries":
            word = DeliveryStatus(status) if status else None
            found.append(await delivery_log.page(on, SUBSCRIPTION, status=word, after=None, limit=RARE))  # type: ignore[arg-type]
        else:
            said = NoticeStatus(status) if status else None
            units = [unit] if unit else None
            page = notices_store.page(on, units=units, reader=unit, status=said, after=None, limit=RARE)
            found.append(await page)

    await look(connection)  # planned
    assert await pages_read(connection, look) < FEW
    return found[-1]


@pytest.mark.parametrize(
    "status", [None, "delivered", "created", "temporary-failure", "permanent-failure", "expired"]
)
async def test_of_deliveries(database: Database, status: str | None) -> None:
    async with database.connection() as connection:
        await a_long_log(connection, "deliveries", status)
        rows = await read(connection, "deliveries", status, None)
    assert [row["status"] for row in rows] == [status or "delivered"] * RARE


@pytest.mark.parametrize("unit", [None, "LIGHTS"])
@pytest.mark.parametrize(
    "status", [None, "delivered", "waiting", "permanent-failure", "expired", "no-contact"]
)
async def test_of_notices(database: Database, status: str | None, unit: str | None) -> None:
    async with database.connection() as connection:
        await a_long_log(connection, "notices", status)
        rows = await read(connection, "notices", status, unit)
    assert [row["status"] for row in rows] == [status or "delivered"] * RARE


_MANY_UNITS = "'U' || n % 100"
_INVOLVED = """insert into involved (case_id, lead, co_handlers, copies, units_version, privacy_version)
    select case_id, unit, '[]', '[]', 1, 0 from notices"""
BELOW = ["U2", "U3", "U5", "U7"]


@pytest.mark.parametrize("reader", [None, "U1"])
@pytest.mark.parametrize("status", [None, "delivered", "waiting", "expired"])
async def test_of_the_units_below_a_supervisor(
    database: Database, status: str | None, reader: str | None
) -> None:
    """Not all that they were ever told, to show the newest few of it."""
    wanted = NoticeStatus(status) if status else None

    async def look(on: Connection) -> None:
        nonlocal shown
        shown = await notices_store.page(
            on, units=BELOW, reader=reader, status=wanted, after=None, limit=RARE
        )

    shown: list[Any] = []
    async with database.connection() as connection:
        await fill(connection, "notices", unit=_MANY_UNITS, ended_at=_NOW)
        if status in _OPEN:
            await fill(
                connection, "notices", rows=2 * RARE, unit="'U3'", status=f"'{status}'", ended_at=_NEVER
            )
        await connection.execute(_INVOLVED)
        await connection.execute("vacuum analyze notices, involved")
        newest = await connection.fetch(
            "select id from notices where unit = any($1) and ($2::text is null or status = $2) order by id desc limit $3",
            *(BELOW, status, RARE),
        )
        await look(connection)  # planned
        assert await pages_read(connection, look) < FEW
    assert [row["id"] for row in shown] == [row["id"] for row in newest]
    assert len(shown) == (0 if status == "expired" else RARE)
