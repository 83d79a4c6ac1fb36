"""A follow-up whose report has made no case yet is never lost: it comes again, or is a dead letter that can be replayed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from aiokafka import ConsumerRecord

from contracts.events import messages_of
from contracts.facts.report import ReportFeedbackGiven, ReportReminded, ReportWithdrawn
from contracts.topics import REPORTS
from delivery.ahead import AheadConsumer
from delivery.dead_letters import replay
from delivery.service import Service
from delivery.settings import ServiceSettings
from services.router import handlers
from services.router.app import create_service
from services.router.settings import Settings
from tests.delivery.tiny_service import running
from tests.delivery.wire import Wire
from tests.router.builders import a_report, an_import
from tests.router.several_reports import follow_up, rows_of
from tests.waiting import until


def _a_report_and_what_is_said_of_it() -> list[Any]:
    report = a_report()
    said = [
        ReportReminded(report_id=report.data.report_id, text="还是不亮"),
        ReportWithdrawn(report_id=report.data.report_id, reason="修好了"),
        ReportFeedbackGiven(report_id=report.data.report_id, contacted=True, solved=False),
    ]
    return [report, *(follow_up(report, fact) for fact in said)]


async def _heard(router: Service) -> list[str]:
    """What of it has reached the case, or a person."""
    rows = await rows_of(
        router,
        """select type as heard from case_events where type = 'case.reminded'
           union all select wish from reporter_wishes order by heard""",
    )
    return [row["heard"] for row in rows]


@pytest.mark.usefixtures("http")
async def test_what_overtakes_its_own_report_is_left_to_the_others(
    router: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ahead,) = [consumer for consumer in router.consumers if isinstance(consumer, AheadConsumer)]
    monkeypatch.setattr(ahead, "cannot_wait", lambda _: True)
    report, *follow_ups = _a_report_and_what_is_said_of_it()
    await ahead._work([_record(each) for each in follow_ups])
    assert await rows_of(router, "select from inbox") == []
    await ahead.behind._work([_record(each) for each in (report, *follow_ups)])
    assert await _heard(router) == ["case.reminded", "unsolved", "withdrawn"]


def _record(event: Any) -> ConsumerRecord[bytes, bytes]:
    (message,) = messages_of("intake", event)
    return ConsumerRecord(
        message.topic, 0, 0, 0, 0, message.key, message.value, None, 0, 0, tuple(message.headers)
    )


@pytest.fixture
async def alive(
    settings: ServiceSettings,
    create_database: Callable[[str], Awaitable[str]],
    token: Callable[..., str],
    wire: Wire,
) -> AsyncIterator[Service]:
    """The whole router, reading its topic."""
    await create_database("router")
    async with running(create_service(Settings(**settings.model_dump()))) as service:
        transport = httpx.ASGITransport(service.app)
        headers = {"Authorization": f"Bearer {token('admin', unit='UD')}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://router", headers=headers) as http:
            assert (await http.post("/v1/directory/imports", json=an_import())).status_code == 201
        yield service


async def test_a_report_that_is_a_dead_letter_and_what_is_said_of_it_come_back_together(
    alive: Service, wire: Wire, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> None:
        raise ValueError("a rule with a fault")

    events = _a_report_and_what_is_said_of_it()
    with monkeypatch.context() as fault:
        fault.setattr(handlers, "on_reports", fails)
        await wire.send(*(message for event in events for message in messages_of("intake", event)))

        async def all_given_up() -> bool:
            return len(await wire.records(REPORTS.dead)) == len(events)

        await until(all_given_up)
    assert await _heard(alive) == []
    assert await replay(settings.kafka, settings.namespace + REPORTS.name) == len(events)

    async def all_heard() -> bool:
        return await _heard(alive) == ["case.reminded", "unsolved", "withdrawn"]

    await until(all_heard)
    assert len(await rows_of(alive, "select from cases")) == 1
