"""A service whose database was restored from a backup goes back in Kafka, and does what it does not know any more."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from contracts.topics import REPORTS
from delivery.database import Database
from delivery.rewind import StillRunning, cli, rewind
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import a_reminder, remember, running, said_by, tiny_service
from tests.delivery.wire import Wire
from tests.waiting import until


async def test_what_was_done_since_the_backup_is_done_again_and_nothing_else(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    await _let_it_work(settings, wire, database, "before", "since", "since too")
    async with database.connection() as connection:
        await connection.execute(
            "delete from inbox where event_id in (select event_id from worked where said <> 'before')"
        )
        await connection.execute("delete from worked where said <> 'before'")
    async with running(tiny_service(settings, remember)):
        await wire.send(a_reminder("now"))
        await until(lambda: _has_said(database, "before", "now"))
    moved = await rewind(settings, "tiny")
    assert [(each.group, each.was, each.now) for each in moved] == [(f"{settings.namespace}tiny", 4, 0)]
    async with running(tiny_service(settings, remember)):
        await until(lambda: _has_said(database, "before", "now", "since", "since too"))
        await until(lambda: wire.has_committed(4))


async def test_a_time_shortens_the_way_and_nobody_goes_forward(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    await _let_it_work(settings, wire, database, "before")
    await asyncio.sleep(0.05)
    backup = datetime.now(UTC)
    await asyncio.sleep(0.05)
    await _let_it_work(settings, wire, database, "before", "since", "since too")
    for to, stood, stands in [
        (datetime.now(UTC) + timedelta(hours=1), 3, 3),
        (backup, 3, 1),
        (backup - timedelta(hours=1), 1, 0),
        (backup, 0, 0),
    ]:
        (moved,) = await rewind(settings, "tiny", to)
        assert (moved.was, moved.now) == (stood, stands)


async def test_the_group_that_reads_ahead_goes_back_too(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    await wire.create(REPORTS.name)
    async with running(tiny_service(settings, remember, cannot_wait=lambda _: False)):
        await wire.send(a_reminder("once"))
        await until(lambda: wire.has_committed(1))
        await until(lambda: wire.has_committed(1, "tiny-ahead"))
    moved = await rewind(settings, "tiny")
    assert [each.group for each in moved] == [settings.namespace + name for name in ("tiny", "tiny-ahead")]
    assert await wire.committed(REPORTS.name, "tiny-ahead") == 0


async def test_who_still_runs_is_left_where_he_is(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    await wire.create(REPORTS.name)
    async with running(tiny_service(settings, remember)):
        await wire.send(a_reminder("once"))
        await until(lambda: wire.has_committed(1))
        with pytest.raises(StillRunning, match="stop all its replicas"):
            await rewind(settings, "tiny")
        assert await wire.has_committed(1)


async def test_who_has_read_nothing_begins_with_the_oldest_anyway(settings: ServiceSettings) -> None:
    assert await rewind(settings, "tiny") == []


def test_the_command_says_what_it_did(settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEGRID_KAFKA", settings.kafka)
    monkeypatch.setenv("CASEGRID_NAMESPACE", settings.namespace)
    told = CliRunner().invoke(cli, ["assessment", "--to", "2026-11-29T20:00+08:00"])
    assert (told.exit_code, told.output) == (0, "0 records come again to assessment once it runs\n")


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (["nobody"], "is none of intake, router, notifier"),
        (["router", "--to", "2026-11-29T20:00"], "is no time with its zone"),
        (["router", "--to", "yesterday"], "is no time with its zone"),
    ],
)
def test_what_it_does_not_understand_it_says(told: list[str], why: str) -> None:
    ended = CliRunner().invoke(cli, told)
    assert ended.exit_code == 2
    assert why in ended.output


def test_kafka_that_is_not_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEGRID_KAFKA", "127.0.0.1:1")
    ended = CliRunner().invoke(cli, ["router"])
    assert (ended.exit_code, ended.output) == (
        1,
        "Kafka at 127.0.0.1:1 (CASEGRID_KAFKA): KafkaConnectionError\n",
    )


async def _let_it_work(settings: ServiceSettings, wire: Wire, database: Database, *said: str) -> None:
    """Until `said` is all that was done."""
    await wire.create(REPORTS.name)
    known = await said_by(database)
    async with running(tiny_service(settings, remember)):
        await wire.send(*[a_reminder(each) for each in said if each not in known])
        await until(lambda: _has_said(database, *said))
        await until(lambda: wire.has_committed(len(said)))


async def _has_said(database: Database, *said: str) -> bool:
    return sorted(await said_by(database)) == sorted(said)
