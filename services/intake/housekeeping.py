"""Personal data are kept as long as a closed case may need them (domain §8.2): what is left then is the report as it
was dispatched."""

import asyncio
from datetime import UTC, datetime, timedelta

from delivery.database import Database
from delivery.logs import log
from services.intake import retention_store as store
from services.intake.metrics import ERASED

_SOME = 500  # closings a transaction
_EVERY_SECONDS = 3600.0


async def clear_vault(database: Database, days: int) -> None:
    """All that is due; then it is looked again after a while."""
    while await clear_some(database, datetime.now(UTC) - timedelta(days=days)):
        pass
    await asyncio.sleep(_EVERY_SECONDS)


async def clear_some(database: Database, closed_before: datetime, *, limit: int = _SOME) -> bool:
    """What was closed first; True when there may be more. One replica at a time."""
    async with database.transaction() as connection:
        since = await store.lock_cleared(connection)
        if since is None:
            return False
        cleared = await store.clear(connection, since, closed_before, limit=limit)
        if cleared.until is not None:
            await store.keep_cleared(connection, cleared.until)
    if cleared.reports:
        ERASED.inc(cleared.reports)
        log.info("personal data erased", reports=cleared.reports)
    return cleared.closings >= limit
