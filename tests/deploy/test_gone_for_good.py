"""A part of the stack that is gone for good ends a command, with its name and its log; nobody waits for it for ever."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from deploy.local import missing
from deploy.local.missing import while_all_runs
from deploy.local.play import Outcome, Report, submit_all
from deploy.local.ports import free_port
from deploy.local.processes import ServerFailed, ServerProcess, silent
from deploy.local.service_processes import PORTS, port_setting
from deploy.local.stack import Stack, stack
from tests.waiting import until

LASTS = "import time; print('[why] it ends', flush=True); time.sleep(600)"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Stack]:
    """Its services have processes, and nobody answers."""
    own = {port_setting(name): str(free_port()) for name in PORTS}
    others = {"CASEGRID_POSTGRES": "postgresql://a:b@127.0.0.1:1", "CASEGRID_KAFKA": "127.0.0.1:1"}
    found = stack(tmp_path, environment=own | others)
    processes = [service.process for service in found.services.values()]
    for process in processes:
        process.directory.mkdir()
        process.start(
            [sys.executable, "-c", LASTS], lambda log=process.log: bool(log.read_text()), say=silent
        )
    yield Stack(found.directory, found.servers, found.services, {"CASEGRID_OPERATOR_TOKEN": "a token"})
    for process in processes:
        process.kill()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "_LOOKS_EVERY", 0.05)
    monkeypatch.setattr(missing, "GONE_SECONDS", 0.5)


def _die(process: ServerProcess) -> None:
    found = process.find()
    assert found is not None
    found.kill()


async def test_reports_are_not_offered_for_ever_to_an_intake_that_is_gone(running: Stack) -> None:
    reports = [Report("today", 0.0, {})]
    offering = while_all_runs(running, submit_all(running, reports, Outcome(), None, lambda: None))
    ending = asyncio.create_task(offering)
    await asyncio.sleep(0.2)
    assert not ending.done(), "it may come back"
    _die(running.services["intake"].process)
    async with asyncio.timeout(15):
        with pytest.raises(ServerFailed) as failed:
            await ending
    log = running.services["intake"].process.log
    assert "service intake has been gone for" in str(failed.value)
    assert str(log) in str(failed.value)
    assert "[why] it ends" in str(failed.value)


async def test_one_that_comes_back_in_time_ends_nothing(
    running: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missing, "GONE_SECONDS", 10)
    process = running.services["router"].process
    ended = asyncio.Event()
    waiting = asyncio.create_task(while_all_runs(running, ended.wait()))
    await asyncio.sleep(0.1)
    _die(process)
    await until(lambda: process.find() is None)
    process.start([sys.executable, "-c", LASTS], lambda: bool(process.log.read_text()), say=silent)
    await asyncio.sleep(0.2)
    ended.set()
    assert await waiting


async def test_what_does_not_answer_because_it_is_gone_is_named_at_once(running: Stack) -> None:
    async def ask() -> None:
        _die(running.services["router"].process)
        await until(lambda: running.services["router"].process.find() is None)
        async with aiohttp.ClientSession(running.url("router")) as http, http.get("/v1/cases"):
            pass

    with pytest.raises(ServerFailed, match="service router is gone"):
        await while_all_runs(running, ask())


async def test_one_that_is_never_ready_ends_it_too(running: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "UNREADY_SECONDS", 0.5)
    async with asyncio.timeout(15):
        with pytest.raises(ServerFailed, match=r"service intake has not been ready for .*/health/ready"):
            await while_all_runs(running, asyncio.Event().wait())


async def test_whoever_interrupts_is_heeded_and_the_work_is_over_by_then(running: Stack) -> None:
    said: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            said.append("rejected rows are written")

    going_on = asyncio.create_task(while_all_runs(running, work()))
    await asyncio.sleep(0.1)
    going_on.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going_on
    assert said == ["rejected rows are written"]
