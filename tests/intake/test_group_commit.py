"""Requests that share a transaction: none fails with another's fault, and none waits for another's outage."""

import asyncio
from collections.abc import Awaitable, Callable

from delivery.database import is_outage
from services.intake.group_commit import GroupCommit

COUNT = 40


async def test_one_at_fault_fails_alone() -> None:
    async def write(items: list[int]) -> list[int]:
        if 7 in items:
            raise ValueError("seven")
        return items

    answers = await _answers(write)
    assert [number for number, answer in enumerate(answers) if answer != number] == [7]


async def test_what_was_committed_though_nobody_heard_is_answered() -> None:
    committed: set[int] = set()

    async def write(items: list[int]) -> list[int]:
        was_known = committed.issuperset(items)
        committed.update(items)
        if not was_known:
            raise ConnectionError
        return items

    assert await _answers(write) == list(range(COUNT))


async def test_a_database_that_hangs_is_waited_for_a_few_times_and_not_once_for_each() -> None:
    waited = 0

    async def write(items: list[int]) -> list[int]:
        nonlocal waited
        waited += 1
        await asyncio.sleep(0)
        raise TimeoutError

    answers = await _answers(write)
    assert {type(answer) for answer in answers} == {TimeoutError}
    assert waited <= 6, "two groups, each together and once more"


async def test_after_an_outage_all_goes_on() -> None:
    is_away = True

    async def write(items: list[int]) -> list[int]:
        if is_away:
            raise ConnectionError
        return items

    commits = GroupCommit(write, is_outage=is_outage)
    refused = await asyncio.gather(*map(commits.submit, range(COUNT)), return_exceptions=True)
    assert {type(answer) for answer in refused} == {ConnectionError}
    is_away = False
    assert await asyncio.gather(*map(commits.submit, range(COUNT))) == list(range(COUNT))


async def _answers(write: Callable[[list[int]], Awaitable[list[int]]]) -> list[int | BaseException]:
    commits = GroupCommit(write, is_outage=is_outage)
    return await asyncio.gather(*map(commits.submit, range(COUNT)), return_exceptions=True)
