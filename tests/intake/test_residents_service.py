"""The whole of intake tells reporters by a real gateway and a real mail server; contacts go nowhere else."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from faststream.kafka import TestKafkaBroker

from contracts.events import messages_of
from contracts.topics import NOTICES, REPORTS
from delivery.settings import ServiceSettings
from services.intake.app import create_service
from services.intake.settings import Settings
from tests.gateway import SECRET, Gateway, a_gateway
from tests.intake.builders import a_report
from tests.intake.residents_post import NOON, REPORTER, STATUS, accepted, zone_where_it_is_noon
from tests.journeys.kafka_topics import published_by
from tests.mailbox import Mailbox, body_of, receiving_mail
from tests.waiting import until


@pytest.fixture
async def ways() -> AsyncIterator[tuple[Gateway, Mailbox]]:
    async with a_gateway() as gateway, receiving_mail() as mailbox:
        yield gateway, mailbox


async def test_from_kafka_to_real_telephone_and_mailbox(
    settings: ServiceSettings,
    create_database: Callable[[str], Awaitable[str]],
    token: Callable[..., str],
    ways: tuple[Gateway, Mailbox],
    capsysbinary: Any,
) -> None:
    gateway, mailbox = ways
    await create_database("intake")
    told = {
        "gateway_url": gateway.url,
        "gateway_secret": SECRET,
        "smtp_host": "127.0.0.1",
        "smtp_port": mailbox.port,
    }
    service = create_service(
        Settings(
            **settings.model_dump(),
            **told,
            smtp_security="none",
            status_url=STATUS,
            time_zone=zone_where_it_is_noon(datetime.now(UTC)),
        )
    )
    headers = {"Authorization": f"Bearer {token('operator', sub='op-1')}"}
    client = partial(httpx.AsyncClient, base_url="http://intake", headers=headers)
    async with (
        TestKafkaBroker(service.broker, connect_only=False) as broker,
        service.app.router.lifespan_context(service.app),
        client(transport=httpx.ASGITransport(service.app)) as http,
    ):
        by_phone = (await http.post("/v1/reports", json=a_report(reporter=REPORTER))).json()
        by_mail = (
            await http.post(
                "/v1/reports", json=a_report(text="Lamp is dark", reporter={"email": REPORTER["email"]})
            )
        ).json()
        (message, *_) = messages_of("router", accepted(by_phone["case_id"], at=NOON - timedelta(days=400)))
        sent = {name: (value or b"").decode() for name, value in message.headers}
        await broker.publish(message.value, settings.namespace + message.topic, key=message.key, headers=sent)

        async def all_three() -> bool:
            return len(gateway.posted) == 2 and bool(mailbox.mails)

        await until(all_three)

        async def recorded() -> Any:
            async with service.database.connection() as connection:
                rows = await connection.fetch("select m::text as row, status from resident_messages m")
            return rows if {row["status"] for row in rows} == {"delivered"} else None

        rows = await until(recorded)
        metrics = (await http.get("/metrics")).content
        published = await published_by(service, REPORTS, NOTICES)
    assert (gateway.posted[0]["to"], gateway.posted[0]["medium"]) == (REPORTER["phone"], "sms")
    assert [by_phone["receipt_no"] in each["text"] for each in gateway.posted] == [True, True]
    (mail,) = mailbox.mails
    assert (mail["To"], mail["Subject"]) == (REPORTER["email"], f"Your report {by_mail['receipt_no']}")
    assert f"{STATUS}{by_mail['receipt_no']}" in body_of(mail, "html")
    assert len([record for record in published if record.topic.endswith(NOTICES.name)]) == 3
    everything = (
        b"".join(record.value + repr(record.headers).encode() for record in published)
        + metrics
        + capsysbinary.readouterr().out
        + b"".join(row["row"].encode() for row in rows)
    )
    for name, value in REPORTER.items():
        assert value.encode() not in everything, name
