"""A loop begins again when it fails; `/health/ready` names one that does nothing else, and one that has stopped."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from delivery import loop
from delivery.consumer import ATTEMPTS
from delivery.service import Service
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import client_of, problems_of, remember, running, tiny_service
from tests.waiting import until


@pytest.fixture
def service(settings: ServiceSettings, tiny_url: str) -> Service:
    return tiny_service(settings, remember)


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as client:
        yield client


async def test_a_loop_that_fails_begins_again(service: Service) -> None:
    rounds: list[int] = []

    async def run() -> None:
        rounds.append(1)
        if len(rounds) == 1:
            raise ValueError("once")
        await asyncio.sleep(60)

    service.run_alongside("clocks", run)
    async with running(service):
        await until(lambda: len(rounds) == 2)
        assert service.problems() == []


async def test_a_loop_that_fails_for_ever_is_named(service: Service, client: httpx.AsyncClient) -> None:
    async def fail() -> None:
        raise ValueError("what somebody said")

    async def fail_together() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(fail())

    service.run_alongside("alarms", fail)
    service.run_alongside("deliveries", fail_together)
    async with running(service):
        await until(lambda: len(service.problems()) == 2)
        assert await problems_of(client) == [
            "alarms keeps failing: ValueError",
            "deliveries keeps failing: ValueError",
        ]
    counted = REGISTRY.get_sample_value("casegrid_loop_failures_total", {"service": "tiny", "loop": "alarms"})
    assert counted is not None
    assert counted >= ATTEMPTS


@pytest.mark.parametrize("goes_on", [True, False])
async def test_a_loop_that_failed_and_is_well_is_not_named(
    service: Service, monkeypatch: pytest.MonkeyPatch, goes_on: bool
) -> None:
    """Whether it returns or lasts; and what was forgiven does not count when it fails again."""
    monkeypatch.setattr(loop, "STEADY_SECONDS", 1.5)
    failing, failures = asyncio.Event(), []
    failing.set()

    async def run() -> None:
        while not failing.is_set():
            await asyncio.sleep(0.01)
            if not goes_on:
                return
        failures.append(1)
        raise ValueError

    service.run_alongside("clocks", run)
    async with running(service):
        await until(service.problems)
        failing.clear()
        await until(lambda: not service.problems())
        failing.set()
        await until(lambda: len(failures) == ATTEMPTS + 2)
        assert service.problems() == []


async def test_a_loop_that_was_killed_is_named(service: Service, client: httpx.AsyncClient) -> None:
    service.run_alongside("clocks", lambda: asyncio.sleep(60))
    async with running(service):
        _task_of("clocks").cancel()
        await until(service.problems)
        assert await problems_of(client) == ["clocks is not running"]


def _task_of(name: str) -> asyncio.Task[Any]:
    (task,) = [task for task in asyncio.all_tasks() if task.get_name() == name]
    return task
