"""Promise 4: the bad record alone goes, as it was and with the reason, and comes back when the fault is mended."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from aiokafka import ConsumerRecord
from prometheus_client import REGISTRY
from structlog.testing import capture_logs
from typer.testing import CliRunner

from contracts.envelope import Message
from contracts.facts.report import ReportReminded
from contracts.topics import REPORTS
from delivery import outbox
from delivery.consumer import ATTEMPTS, Consumer, Event, Handler
from delivery.database import Connection, Database
from delivery.dead_letters import cli, replay
from delivery.service import Service
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import a_reminder, remember, running, said_by, tiny_service
from tests.delivery.wire import Wire
from tests.waiting import until

SECRET = "13800001111"


class Fault:
    """What somebody has yet to mend: a rule that cannot work one of the reports."""

    def __init__(self) -> None:
        self.mended = False
        self.met: list[str] = []

    async def handle(self, connection: Connection, events: list[Event]) -> None:
        await remember(connection, events)
        if not self.mended and any(event.data.text == "unworkable" for event in events):
            self.met.append("unworkable")
            raise ValueError(f"cannot work what {SECRET} said")


@pytest.fixture
def fault() -> Fault:
    return Fault()


@pytest.fixture
async def service(settings: ServiceSettings, tiny_url: str, fault: Fault) -> AsyncIterator[Service]:
    async with running(tiny_service(settings, fault.handle)) as service:
        yield service


BAD = {
    "not an event": (lambda m: m._replace(value=b'{"text": "' + SECRET.encode()), "json_invalid"),
    "no value": (lambda m: m._replace(value=None), "json_invalid"),
    "nothing at all": (lambda m: Message(m.topic, None, None, []), "unknown event type None"),
    "a wrong field": (
        lambda m: m._replace(value=m.value.replace(b"report_id", b"report")),
        "data.report_id: missing",
    ),
    "an unknown type": (lambda m: _typed(m, b"report.sung"), "unknown event type 'report.sung'"),
    "a type of bytes": (lambda m: _typed(m, b"\xff\xfe"), "unknown event type"),
    "a null type": (lambda m: _typed(m, None), "unknown event type None"),
    "another type": (lambda m: _typed(m, b"report.withdrawn"), "header says report.withdrawn, body another"),
    "a NUL in the text": (
        lambda m: m._replace(value=m.value.replace(b"bad", b"\\u0000")),
        "CharacterNotInRepertoire",
    ),
}


@pytest.mark.parametrize("kind", BAD)
async def test_only_the_bad_record_goes(service: Service, wire: Wire, database: Database, kind: str) -> None:
    spoil, reason = BAD[kind]
    bad = spoil(a_reminder("bad"))
    bad.headers.append(("null", None))
    await wire.send(*map(a_reminder, range(5)), bad, *map(a_reminder, range(5, 10)))
    (letter,) = await _letters(wire, 1)
    arrives = bad.value or b"" if bad.key is None else bad.value  # aiokafka sends nothing without both
    assert (letter.key, letter.value) == (bad.key, arrives)
    assert [header for header in letter.headers if not header[0].startswith("casegrid-")] == bad.headers
    assert reason in _why(letter, "reason")
    assert SECRET not in str([value for name, value in letter.headers if name.startswith("casegrid-")])
    await until(lambda: wire.has_committed(11))
    assert sorted(await said_by(database)) == [str(number) for number in range(10)]


async def test_a_record_that_cannot_be_worked_is_tried_a_few_times(
    service: Service, wire: Wire, database: Database, fault: Fault, capsys: pytest.CaptureFixture[str]
) -> None:
    await wire.send(a_reminder("before"), a_reminder("unworkable"), a_reminder("after"))
    (letter,) = await _letters(wire, 1)
    assert _why(letter, "reason").startswith("ValueError at handle:"), "the kind and the place, not the text"
    assert _why(letter, "consumer") == "tiny"
    assert _why(letter, "attempts") == str(ATTEMPTS)
    assert _why(letter, "topic") == wire.namespace + REPORTS.name
    assert datetime.fromisoformat(_why(letter, "at")).tzinfo is not None
    await until(lambda: wire.has_committed(3))
    assert sorted(await said_by(database)) == ["after", "before"]
    assert len(fault.met) in (ATTEMPTS, ATTEMPTS + 1), "and once more in the batch, if they came as one"
    logged = capsys.readouterr().out
    assert "dead letter" in logged
    assert SECRET not in logged


async def test_a_dead_letter_is_logged_with_its_event_and_its_case(service: Service, wire: Wire) -> None:
    bad = a_reminder("unworkable")
    with capture_logs() as lines:
        await wire.send(bad)
        await _letters(wire, 1)
    ids = _ids(lines)
    assert [(str(event_id).encode(), str(case_id).encode()) for event_id, case_id in ids] == [
        (dict(bad.headers)["ce_id"], bad.key)
    ]


async def test_a_dead_letter_that_is_rolled_back_is_told_when_it_is_kept(
    service: Service, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database goes away at the second of two, and both come again."""
    keep, kept = outbox.add, []

    async def keep_and_fail_at_the_second(connection: Connection, letters: Sequence[Message]) -> None:
        await keep(connection, letters)
        kept.extend(letters)
        if len(kept) == 2:
            raise ConnectionResetError("the database went away")

    await wire.create(REPORTS.name)
    monkeypatch.setattr(outbox, "add", keep_and_fail_at_the_second)
    counted = partial(REGISTRY.get_sample_value, "casegrid_dead_letters_total")
    labels = {"consumer": "tiny", "topic": REPORTS.name}
    before = counted(labels) or 0
    with capture_logs() as lines:
        await wire.send(*[a_reminder("bad")._replace(value=b"{") for _ in range(2)])
        await _letters(wire, 2)
        await until(lambda: wire.has_committed(2))
    assert len(_ids(lines)) == 2
    assert counted(labels) == before + 2


async def test_what_is_no_id_is_not_logged_as_one(service: Service, wire: Wire) -> None:
    said = SECRET.encode()
    headers = [(name, said if name == "ce_id" else value) for name, value in a_reminder().headers]
    with capture_logs() as lines:
        await wire.send(Message(REPORTS.name, said, b"not an event", headers))
        await _letters(wire, 1)
    assert _ids(lines) == [(None, None)]
    assert SECRET not in str(lines)


async def test_a_letter_comes_back_and_only_who_gave_up_on_it_works_it(
    service: Service, wire: Wire, database: Database, fault: Fault, settings: ServiceSettings
) -> None:
    other: list[str] = []

    async def work(connection: Connection, events: list[Event]) -> None:
        other.extend(event.data.text for event in events)

    async with running(_fellow(settings, work)):
        await wire.send(a_reminder("fine"), a_reminder("unworkable"))
        await _letters(wire, 1)
        await until(lambda: len(other) == 2)
        fault.mended = True
        assert await replay(settings.kafka, settings.namespace + REPORTS.name) == 1
        await until(lambda: _worked(database, "unworkable"))
        await until(lambda: wire.has_committed(3, group="fellow"))
    assert sorted(other) == ["fine", "unworkable"]
    assert await said_by(database) == ["fine", "unworkable"]
    assert await replay(settings.kafka, settings.namespace + REPORTS.name) == 0, "each letter once"


async def test_what_several_gave_up_on_goes_back_once(
    service: Service, wire: Wire, settings: ServiceSettings
) -> None:
    """Else each replay of what nobody can work would multiply it by those who read it."""

    async def work(connection: Connection, events: list[Event]) -> None:
        raise ValueError("nor can this one")

    async with running(_fellow(settings, work)):
        await wire.send(a_reminder("unworkable"))
        await _letters(wire, 2)
        assert await replay(settings.kafka, settings.namespace + REPORTS.name) == 1
        again = (await _letters(wire, 4))[2:]
    assert {_why(letter, "offset") for letter in again} == {"1"}
    assert {_why(letter, "consumer") for letter in again} == {"tiny", "fellow"}
    assert len(await wire.records(REPORTS.name)) == 2


async def test_a_letter_that_fails_again_is_a_new_letter(
    service: Service, wire: Wire, settings: ServiceSettings
) -> None:
    await wire.send(a_reminder("unworkable"))
    (first,) = await _letters(wire, 1)
    await replay(settings.kafka, settings.namespace + REPORTS.name)
    _, second = await _letters(wire, 2)
    assert second.value == first.value
    assert len(second.headers) == len(first.headers), "marked once, not twice"
    assert _why(second, "offset") == "1"


@pytest.mark.parametrize("event_type", [b"report.reminded", b"report.sung"], ids=["unworkable", "unreadable"])
async def test_a_record_that_comes_again_makes_no_second_letter(
    service: Service, wire: Wire, event_type: bytes
) -> None:
    """As after a crash between the transaction and the commit of the offset."""
    await wire.send(_typed(a_reminder("unworkable"), event_type))
    await _letters(wire, 1)
    records = await wire.records(REPORTS.name)
    await service.consumers[0].on_records(records)
    await wire.send(a_reminder("unworkable"))
    first, second = await _letters(wire, 2)
    assert first.key != second.key


async def test_an_outage_makes_no_dead_letters(settings: ServiceSettings, wire: Wire, tiny_url: str) -> None:
    away = asyncio.Event()

    async def fail(connection: Connection, events: list[Event]) -> None:
        away.set()
        raise ConnectionResetError

    async with running(tiny_service(settings, fail)):
        await wire.send(a_reminder())
        await until(away.is_set)
    assert await wire.records(REPORTS.dead) == []
    assert await wire.committed(REPORTS.name) == 0


async def test_an_outage_while_a_batch_is_taken_apart_buries_nothing_good(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    outages: list[str] = []

    async def handle(connection: Connection, events: list[Event]) -> None:
        if any(event.data.text == "unworkable" for event in events):
            raise ValueError
        if len(outages) < ATTEMPTS:
            outages.append("away")
            raise ConnectionResetError
        await remember(connection, events)

    await wire.create(REPORTS.name)
    await wire.send(a_reminder("before"), a_reminder("unworkable"), a_reminder("after"))
    async with running(tiny_service(settings, handle)):
        await until(lambda: wire.has_committed(3))
        (letter,) = await _letters(wire, 1)
    assert _why(letter, "offset") == "1"
    assert sorted(await said_by(database)) == ["after", "before"]


async def test_the_command_lists_letters_without_their_content(
    service: Service, wire: Wire, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wire.send(a_reminder("unworkable"), _typed(a_reminder(SECRET), b"report.sung"))
    await _letters(wire, 2)
    listed = await _command(settings, monkeypatch, "list", REPORTS.name)
    assert f"{wire.namespace}{REPORTS.name}" in listed
    assert "ValueError at handle" in listed
    assert "report.reminded" in listed
    assert "report.sung" in listed
    assert SECRET not in listed


async def test_the_command_brings_chosen_letters_back(
    service: Service,
    wire: Wire,
    database: Database,
    fault: Fault,
    settings: ServiceSettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await wire.send(*[a_reminder("unworkable")._replace(key=b"one") for _ in range(3)])
    await _letters(wire, 3)
    fault.mended = True
    said = await _command(settings, monkeypatch, "replay", REPORTS.name, "--letter", "0:1")
    assert f"1 sent back to {REPORTS.name}" in said
    await until(lambda: _worked(database, "unworkable"))
    said = await _command(settings, monkeypatch, "replay", REPORTS.name)
    assert f"3 sent back to {REPORTS.name}" in said, "choosing does not move the mark of what was replayed"
    await until(lambda: wire.has_committed(7))
    assert await said_by(database) == ["unworkable"] * 3


@pytest.mark.parametrize("command", ["list", "replay"])
async def test_the_command_says_when_there_is_no_such_topic(
    command: str, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await _command(settings, monkeypatch, command, "sung.v1", fails=True)
    assert "no topic" in said


def _fellow(settings: ServiceSettings, handle: Handler) -> Service:
    """Another group on the same topic, with its own rows in the same inbox."""
    fellow = Service("tiny", settings)
    consumer = Consumer("fellow", REPORTS, handle, [ReportReminded], fellow.database)
    consumer.subscribe(fellow.broker, settings.namespace)
    fellow.consumers.append(consumer)
    return fellow


async def _command(
    settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch, *words: str, fails: bool = False
) -> str:
    monkeypatch.setenv("CASEGRID_KAFKA", settings.kafka)
    monkeypatch.setenv("CASEGRID_NAMESPACE", settings.namespace)
    monkeypatch.setenv("COLUMNS", "300")
    # in a thread: the command runs an event loop of its own
    result = await asyncio.to_thread(CliRunner().invoke, cli, words)
    assert (result.exit_code != 0) == fails, result.output
    return result.output


def _typed(message: Message, event_type: bytes | None) -> Message:
    headers = [(name, event_type if name == "ce_type" else value) for name, value in message.headers]
    return message._replace(headers=headers)


async def _letters(wire: Wire, count: int) -> list[ConsumerRecord]:
    async def arrived() -> list[ConsumerRecord] | None:
        letters = await wire.records(REPORTS.dead)
        return letters if len(letters) == count else None

    return await until(arrived)


def _ids(lines: Sequence[Any]) -> list[tuple[UUID | None, UUID | None]]:
    return [(line["event_id"], line["case_id"]) for line in lines if line["event"] == "dead letter"]


def _why(letter: ConsumerRecord, name: str) -> str:
    return (dict(letter.headers)[f"casegrid-dead-{name}"] or b"").decode()


async def _worked(database: Database, text: str) -> bool:
    return text in await said_by(database)
