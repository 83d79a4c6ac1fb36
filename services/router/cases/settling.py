"""What a new directory changes for the cases there are: each is found anew, a few at a time, so that nobody waits for
all of them."""

import asyncio

from delivery.logs import log
from delivery.service import Service
from services.router.cases import settling_store as store
from services.router.current_rules import CurrentRules

_LOOKS_EVERY = 1.0
_AT_ONCE = 100


async def settle_cases(service: Service, current: CurrentRules) -> None:
    """For as long as the service lives."""
    while True:
        if not await settle_next(service, current):
            await asyncio.sleep(_LOOKS_EVERY)


async def settle_next(service: Service, current: CurrentRules) -> bool:
    """The next few cases, in a transaction of their own; who begins again goes on where it was left. False when none
    are left, or another replica is at it."""
    async with service.database.transaction() as connection:
        unsettled = await store.lock_unsettled(connection)
        if unsettled is None:
            return False
        if unsettled.settled_to is None:  # by itself: who decides meanwhile waits for no case
            await current.wait_for_decisions(connection)
            await store.settled(connection, unsettled.version, store.NONE_YET)
            return True
        directory = (await current.get(connection)).directory
        last = await store.settle_after(connection, unsettled.settled_to, directory, limit=_AT_ONCE)
        if last is not None:
            await store.settled(connection, unsettled.version, last)
            return True
        await store.all_settled(connection, unsettled.version, current.moment().at)
    log.info("cases settled", directory=unsettled.version)
    return False
