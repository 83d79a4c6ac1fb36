"""The whole notifier tells people: from Kafka to a real gateway and a real mail server; contacts go nowhere else."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from faststream.kafka import TestKafkaBroker
from uuid_utils.compat import uuid7

from contracts.events import messages_of
from contracts.facts.case import CaseSigned
from contracts.topics import NOTICES
from contracts.vocabulary import Urgency
from delivery.service import Service
from delivery.settings import ServiceSettings
from services.notifier.app import create_service
from services.notifier.settings import Settings
from tests.gateway import SECRET, Gateway, a_gateway
from tests.journeys.kafka_topics import published_by
from tests.mailbox import Mailbox, receiving_mail
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import a_contact, heard
from tests.waiting import until

CONTACT = {
    "language": "en",
    "email": "wang.duty@lights.example",
    "phone": "+86 139 0000 1111",
    "app": "device-7f3a9c",
    "quiet_from": None,
    "quiet_to": None,
}


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with a_gateway() as one:
        yield one


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with receiving_mail() as one:
        yield one


@pytest.fixture
async def telling(
    settings: ServiceSettings,
    create_database: Callable[[str], Awaitable[str]],
    gateway: Gateway,
    mailbox: Mailbox,
) -> Service:
    await create_database("notifier")
    told = {
        "gateway_url": gateway.url,
        "gateway_secret": SECRET,
        "smtp_host": "127.0.0.1",
        "smtp_port": mailbox.port,
        "smtp_security": "none",
    }
    return create_service(Settings(**settings.model_dump(), **told))


@asynccontextmanager
async def http_of(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://notifier") as client:
        yield client


async def published(service: Service, broker: Any, event: Any) -> None:
    for message in messages_of("router", event)[:1]:
        headers = {name: value.decode() for name, value in message.headers if value}
        await broker.publish(
            message.value, service.settings.namespace + message.topic, key=message.key, headers=headers
        )


async def test_from_kafka_to_telephone_and_mailbox(
    telling: Service, gateway: Gateway, mailbox: Mailbox, admin: dict[str, str], capsysbinary: Any
) -> None:
    async with (
        TestKafkaBroker(telling.broker, connect_only=False) as broker,
        telling.app.router.lifespan_context(telling.app),
        http_of(telling) as http,
    ):
        put = await http.put("/v1/contacts/LIGHTS", json=CONTACT, headers=admin)
        assert put.status_code == 200, put.text
        now = datetime.now(UTC)
        event = an_event(
            a_dispatch(co_handlers=(), copies=()), urgency=Urgency.CRITICAL, recorded_at=now, case_id=uuid7()
        )
        await published(telling, broker, event)

        async def told_and_planned_again() -> bool:
            items = (await http.get("/v1/notices?unit=LIGHTS&status=waiting", headers=admin)).json()["items"]
            return len(gateway.posted) == 3 and len(mailbox.mails) == 1 and len(items) == 3

        await until(told_and_planned_again)
        await published(
            telling,
            broker,
            an_event(CaseSigned(unit="LIGHTS", handler="p"), case_id=event.case_id, case_version=2),
        )

        async def ended() -> Any:
            rows = (await http.get("/v1/notices?unit=LIGHTS", headers=admin)).json()["items"]
            return rows if {row["status"] for row in rows} == {"delivered", "stopped"} else None

        rows = await until(ended)
        metrics = (await http.get("/metrics")).content
        seen = await _elsewhere(telling)
        stated = [orjson.loads(record.value) for record in await published_by(telling, NOTICES)]
    assert {each["medium"]: each["to"] for each in gateway.posted} == {
        "call": CONTACT["phone"],
        "sms": CONTACT["phone"],
        "app": CONTACT["app"],
    }
    assert all(each["text"].startswith("[critical] New order") for each in gateway.posted)
    assert mailbox.mails[0]["To"] == CONTACT["email"]
    assert len([row for row in rows if row["status"] == "stopped"]) == 3
    assert b'casegrid_notices_total{medium="call",outcome="delivered",urgency="critical"}' in metrics
    assert sorted(each["data"]["medium"] for each in stated) == ["app", "call", "email", "sms"]
    everything = b"".join([metrics, *seen, orjson.dumps([rows, stated]), capsysbinary.readouterr().out])
    for name in ("email", "phone", "app"):
        assert str(CONTACT[name]).encode() not in everything, name
    assert b"13900001111" not in everything


async def _elsewhere(service: Service) -> list[bytes]:
    """All that the notifier keeps or announces, but its contacts."""
    kept = []
    async with service.database.connection() as connection:
        tables = await connection.fetch(
            "select table_name from information_schema.tables where table_schema = 'public'"
        )
        for table in sorted({row[0] for row in tables} - {"contacts"}):
            rows: list[asyncpg.Record] = await connection.fetch(f"select t::text as row from {table} t")
            kept += [row["row"].encode() for row in rows]
    return kept


async def test_a_unit_sets_its_own_contact(
    client: httpx.AsyncClient, agency: Any, other_agency: Any, admin: Any
) -> None:
    assert (await client.get("/v1/contacts/LIGHTS", headers=agency)).status_code == 404
    put = await client.put("/v1/contacts/LIGHTS", json=CONTACT, headers=agency)
    assert put.status_code == 200
    for who in (agency, admin):
        got = (await client.get("/v1/contacts/LIGHTS", headers=who)).json()
        assert {name: got[name] for name in CONTACT} == CONTACT
    for who in (other_agency,):
        assert (await client.get("/v1/contacts/LIGHTS", headers=who)).status_code == 403
        assert (await client.put("/v1/contacts/LIGHTS", json=CONTACT, headers=who)).status_code == 403
        assert (await client.get("/v1/notices?unit=LIGHTS", headers=who)).status_code == 403
    assert (await client.get("/v1/contacts/LIGHTS")).status_code == 401
    await client.put("/v1/contacts/LIGHTS", json={"language": "zh"}, headers=admin)
    assert (await client.get("/v1/contacts/LIGHTS", headers=agency)).json()["phone"] is None


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": "no address"}, "/email"),
        ({"email": "a@b.example\nBcc: c@d.example"}, "/email"),
        ({"phone": "call me"}, "/phone"),
        ({"app": "id with spaces"}, "/app"),
        ({"language": "fr"}, "/language"),
        ({"quiet_from": "22:00"}, "/"),
        ({"quiet_from": "22:00Z", "quiet_to": "06:00Z"}, "/"),
        ({"quiet_from": "25:00", "quiet_to": "06:00"}, "/quiet_from"),
        ({"fax": "1"}, "/fax"),
    ],
)
async def test_a_wrong_contact_is_named_and_not_repeated(
    client: httpx.AsyncClient, agency: Any, change: dict[str, Any], pointer: str
) -> None:
    answer = await client.put("/v1/contacts/LIGHTS", json=CONTACT | change, headers=agency)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert "lights.example" not in answer.text


@pytest.mark.parametrize("query", ["limit=0", "after=x", "status=lost"])
async def test_a_wrong_question_about_notices_is_named(
    client: httpx.AsyncClient, agency: Any, query: str
) -> None:
    assert (await client.get(f"/v1/notices?{query}", headers=agency)).status_code == 422


async def test_notices_come_in_pages(client: httpx.AsyncClient, notifier: Service, agency: Any) -> None:
    await a_contact(notifier.database, "LIGHTS", phone="13900001111")
    for _ in range(2):
        await heard(
            notifier.database, an_event(a_dispatch(co_handlers=(), copies=()), urgency=Urgency.URGENT)
        )
    everything = (await client.get("/v1/notices", headers=agency)).json()["items"]
    assert [each["medium"] for each in everything].count("sms") == 2
    pages, after = [], ""
    while True:
        page = (await client.get(f"/v1/notices?limit=3{after}", headers=agency)).json()
        pages.append(page["items"])
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [len(page) for page in pages] == [3, len(everything) - 3]
    ids = [each["id"] for each in chain.from_iterable(pages)]  # what has become of each may change meanwhile
    assert ids == [each["id"] for each in everything]
