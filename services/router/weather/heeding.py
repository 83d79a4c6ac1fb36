"""A warning that has begun counts for what is open already; what is reported later counts it by itself."""

import asyncio
from uuid import UUID

from delivery.database import Connection
from delivery.logs import log
from delivery.service import Service
from services.router.cases.commanding import open_beside
from services.router.cases.saving_store import Change, update_cases
from services.router.cases.store import lock_cases, open_under, reports_joined_to
from services.router.current_rules import CurrentRules
from services.router.weather import store
from services.router.workflow.raising import raised
from services.router.workflow.situation import Around

_LOOKS_EVERY = 2.0
_AT_ONCE = 200


async def heed_warnings(service: Service, current: CurrentRules) -> None:
    """For as long as the service lives."""
    while True:
        if not await heed_next(service, current):
            await asyncio.sleep(_LOOKS_EVERY)


async def heed_next(service: Service, current: CurrentRules) -> bool:
    """Raises what the next warning makes more urgent; False when all that have begun are heeded. Begun again after a
    failure it changes nothing twice: what is raised is not raised to where it stands."""
    async with service.database.connection() as connection:
        warning = await store.find_unheeded(connection, current.moment().at)
        if warning is None:
            return False
    async with service.database.transaction() as connection:  # ends at once: nobody waits for what follows
        await current.wait_for_decisions(connection)
    async with service.database.connection() as connection:
        rules = (await current.get(connection)).ruleset
        sensitive = [code for code, category in rules.categories.items() if category.weather_sensitive]
        beneath = await open_under(connection, warning.areas, sensitive, rules.urgency.soft.at_most)
    count = 0
    for first in range(0, len(beneath), _AT_ONCE):
        async with service.database.transaction() as connection:
            count += await _raise(connection, beneath[first : first + _AT_ONCE], current)
    async with service.database.transaction() as connection:
        await store.heeded(connection, warning.id, current.moment().at)
    log.info("weather warning heeded", warning_id=warning.id, open_cases=len(beneath), raised=count)
    return True


async def _raise(connection: Connection, case_ids: list[UUID], current: CurrentRules) -> int:
    rules, moment = await current.to_decide(connection), current.moment()
    cases, joined = await lock_cases(connection, case_ids), await reports_joined_to(connection, case_ids)
    changes = (
        raised(case, case.urgency, "weather warning", Around(joined=joined.get(case_id, ())), rules, moment)
        for case_id, case in cases.items()
    )
    raising = [Change(*change) for change in changes if change is not None]
    await update_cases(connection, raising, rules)
    await open_beside(connection, cases.values(), raising, rules, moment)
    return len(raising)
