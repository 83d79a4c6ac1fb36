"""SIGTERM: the work in hand is finished, committed and announced, the group left, and nothing comes twice."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.topics import NOTICES, REPORTS
from delivery.database import Database
from delivery.settings import ServiceSettings
from deploy.local.ports import free_port
from tests.architecture_rules import ROOT
from tests.delivery.tiny_service import a_reminder, remember, running, said_by, tiny_service
from tests.delivery.wire import Wire
from tests.waiting import until


async def test_the_work_in_hand_is_finished_and_never_done_again(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    async with _process(settings) as process:
        assert process.stderr
        assert process.stdout
        await wire.create(REPORTS.name)
        await wire.send(a_reminder("in hand"))
        assert await asyncio.wait_for(process.stderr.readline(), 20) == b"working\n"
        process.send_signal(signal.SIGTERM)
        lines = [json.loads(line) for line in (await process.stdout.read()).splitlines()]
        assert await process.wait() in (0, -signal.SIGTERM), (
            "uvicorn raises the signal again after its shutdown"
        )
    assert lines[-1]["event"] == "service stopped"
    assert await wire.committed(REPORTS.name) == 1
    assert await said_by(database) == ["in hand"]
    await _the_group_is_free_at_once(settings, wire, database)
    assert len(await wire.records(NOTICES.name)) == 1


async def _the_group_is_free_at_once(settings: ServiceSettings, wire: Wire, database: Database) -> None:
    """A member that did not leave would hold its partitions for the session timeout, ten seconds."""
    async with running(tiny_service(settings, remember, writes=(NOTICES,))):
        await wire.send(a_reminder("next"))
        await until(lambda: _has_worked(database, ["in hand", "next"]), limit=5)


@asynccontextmanager
async def _process(settings: ServiceSettings) -> AsyncIterator[asyncio.subprocess.Process]:
    told = {
        "CASEGRID_KAFKA": settings.kafka,
        "CASEGRID_POSTGRES": settings.postgres,
        "CASEGRID_NAMESPACE": settings.namespace,
        "TINY_PORT": str(free_port()),
    }
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "tests.delivery.tiny_service"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env={**os.environ, **told}, stdout=pipe, stderr=pipe
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _has_worked(database: Database, texts: list[str]) -> bool:
    return await said_by(database) == texts
