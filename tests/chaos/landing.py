"""Waits until everything that was accepted has come to rest everywhere."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiohttp import ClientError, ClientSession

from tests.chaos.agency import Agency
from tests.chaos.books import Amounts, read_amounts
from tests.chaos.victims import Victims


async def seconds_to_land(victims: Victims, agency: Agency, accepted: int, *, limit: float) -> float | None:
    """None when the limit passes first: then the books show what is missing."""
    began = time.monotonic()

    async def heard_of_each() -> bool:
        return agency.cases_dispatched >= accepted

    async def at_rest() -> bool:
        amounts = await read_amounts(victims.running.servers.postgres_url)
        return _at_rest(amounts, agency, accepted) and not await unready(victims)

    try:
        async with asyncio.timeout(limit):
            await _until(heard_of_each)
            await agency.dispatched.join()  # what is worked on is done
            await _until(at_rest)
    except TimeoutError:
        return None
    return time.monotonic() - began


async def unready(victims: Victims) -> dict[str, str]:
    """What the services say of themselves that are not ready."""
    answers = {name: await _health(service.url) for name, service in victims.services.items()}
    return {name: answer for name, answer in answers.items() if answer}


def _at_rest(amounts: Amounts, agency: Agency, accepted: int) -> bool:
    rows = (amounts.cases, amounts.assignments)
    return rows == (accepted, accepted) and len(agency.messages) >= amounts.events and amounts.unsent == 0


async def _until(ask: Callable[[], Awaitable[bool]]) -> None:
    while not await ask():
        await asyncio.sleep(0.2)


async def _health(address: str) -> str:
    try:
        async with ClientSession() as http, http.get(f"{address}/health/ready") as answer:
            return "" if answer.status == 200 else await answer.text()
    except (ClientError, OSError) as error:
        return repr(error)
