"""Where the cases of accepted reports are at the end, and which reports have landed nowhere."""

import asyncio
from collections.abc import Set
from dataclasses import dataclass

import aiohttp

from deploy.local.observer import Seen
from deploy.local.processes import ServerFailed
from deploy.local.stack import Stack

_AT_ONCE = 32


@dataclass(frozen=True)
class Landing:
    """Case ids; who is missing is in the first of the last three that is true of him."""

    waiting: Set[str]
    """At the intake desk, where a person has to find their place."""
    without_case: Set[str]
    without_dispatch: Set[str]
    without_notice: Set[str]

    @property
    def complete(self) -> bool:
        return not (self.without_case or self.without_dispatch or self.without_notice)


async def find_landing(
    running: Stack, accepted: Set[str], seen: Seen, *, repeated: Set[str] = frozenset()
) -> Landing:
    """Asks the router for every case that nobody was told of."""
    waiting = await waiting_at_desk(running)
    told = seen.dispatched.keys() | seen.joined | waiting
    known = await known_cases(running, (accepted | repeated) - told)
    return landing_of(accepted, seen, repeated=repeated, waiting=waiting, known=known)


def landing_of(
    accepted: Set[str], seen: Seen, *, waiting: Set[str], known: Set[str], repeated: Set[str] = frozenset()
) -> Landing:
    """`known` are the cases that the router has, of those that were neither dispatched nor joined another. Those of
    `repeated` reports are dispatched when they do not wait: that was earlier, and nobody has to have seen it."""
    still = ((accepted | repeated) & waiting) - seen.dispatched.keys()
    told = seen.dispatched.keys() | seen.joined | still
    return Landing(
        waiting=still,
        without_case=(accepted | repeated) - told - known,
        without_dispatch=(accepted - told) & known,
        without_notice=(accepted & seen.dispatched.keys()) - seen.notified - seen.joined,
    )


async def waiting_at_desk(running: Stack) -> set[str]:
    """Cases whose place a person has to find."""
    found: set[str] = set()
    async with _asking_router(running) as http:
        after: str | None = ""
        while after is not None:
            query = {"state": "reported", "limit": "500"} | ({"after": after} if after else {})
            async with http.get("/v1/cases", params=query) as answer:
                page = await answer.json()
            found |= {case["case_id"] for case in page["items"]}
            after = page["next"]
    return found


async def known_cases(running: Stack, case_ids: Set[str]) -> set[str]:
    """Those that the router has."""
    async with _asking_router(running) as http:

        async def is_known(case_id: str) -> bool:
            async with http.get(f"/v1/cases/{case_id}") as answer:
                if answer.status not in (200, 404):
                    raise ServerFailed(f"the router answers {answer.status} when asked for case {case_id}")
                return answer.status == 200

        asked = sorted(case_ids)
        answers = await asyncio.gather(*map(is_known, asked))
    return {case_id for case_id, known in zip(asked, answers, strict=True) if known}


def _asking_router(running: Stack) -> aiohttp.ClientSession:
    headers = {"Authorization": f"Bearer {running.token('admin')}"}
    connector = aiohttp.TCPConnector(limit=_AT_ONCE)
    return aiohttp.ClientSession(running.url("router"), headers=headers, connector=connector)
