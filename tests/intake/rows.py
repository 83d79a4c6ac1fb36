"""What the tests of intake look up in its database."""

from typing import Any

from delivery.service import Service


async def rows_of(intake: Service, table: str) -> list[Any]:
    async with intake.database.connection() as connection:
        return list(await connection.fetch(f"select * from {table}"))
