"""Streams and replays keep to the same scope as webhooks."""

from datetime import UTC, datetime, timedelta

import orjson
from uuid_utils.compat import uuid7

from contracts.facts.case import CasePrivacyChanged, CaseProgress
from contracts.vocabulary import Privacy
from services.notifier.handlers import on_directory_facts
from tests.notifier.case_facts import WRITTEN, a_dispatch, a_story, an_event
from tests.notifier.directory_facts import directory_events
from tests.notifier.listener import listening
from tests.notifier.rows import deliveries_of, happened
from tests.notifier.subscribing import PATH, made
from tests.waiting import until


async def in_force(database):
    async with database.transaction() as connection:
        facts = [event for event in directory_events() if not event.type.startswith("duty")]
        await on_directory_facts(connection, facts)


def as_unit(token, unit):
    return {"Authorization": f"Bearer {token('agency', unit=unit)}"}


async def test_a_stream_shows_a_unit_what_it_has_to_do_with(notifier, client, token, admin):
    await in_force(notifier.database)
    ours, theirs = (a_dispatch(lead=lead, co_handlers=(), copies=()) for lead in ("LIGHTS-NORTH", "WATER"))
    first, second = an_event(ours, grid="G-11"), an_event(theirs, grid="G-21")
    async with (
        listening(client, as_unit(token, "LIGHTS")) as lights,
        listening(client, as_unit(token, "U-D-2")) as town,
        listening(client, as_unit(token, "U-D")) as district,
        listening(client, admin) as house,
    ):
        await happened(notifier.database, [first, second])
        await lights.has(first)
        await town.has(second)
        await district.has(first, second)
        await house.has(first, second)


async def test_a_stream_shows_each_what_the_level_allows(notifier, client, token, admin):
    await in_force(notifier.database)
    restricted = an_event(
        a_dispatch(lead="LIGHTS", copies=("WATER",), privacy=Privacy.RESTRICTED), grid="G-11"
    )
    sealed = an_event(a_dispatch(lead="LIGHTS", copies=("WATER",), privacy=Privacy.SEALED), grid="G-11")
    async with (
        listening(client, as_unit(token, "LIGHTS")) as lead,
        listening(client, as_unit(token, "WATER")) as copied,
        listening(client, admin) as house,
    ):
        await happened(notifier.database, [restricted, sealed])
        await lead.has(restricted, sealed)
        await copied.has(restricted)
        await house.has(restricted, sealed)
    assert WRITTEN in orjson.dumps(lead.events[0]).decode()
    assert WRITTEN not in orjson.dumps(copied.events[0]).decode()
    for shown in (lead.events[1], house.events[1]):
        assert "data" not in shown["data"]
        assert "dataschema" not in shown


async def test_a_replay_brings_no_more_than_the_unit_may_see(notifier, client, token, receiver):
    await in_force(notifier.database)
    headers = as_unit(token, "U-D-1")
    subscription = await made(client, headers, url=receiver.url)
    case_id = uuid7()
    await happened(notifier.database, a_story(case_id, a_dispatch(lead="WATER"), grid="G-11"))
    await happened(notifier.database, a_story(uuid7(), a_dispatch(lead="WATER"), grid="G-21"))
    sealed = a_story(uuid7(), a_dispatch(lead="WATER"), CaseProgress(note="x"), grid="G-11")
    await happened(notifier.database, sealed[:1])
    change = CasePrivacyChanged(before=Privacy.OPEN, after=Privacy.SEALED)
    await happened(
        notifier.database, [an_event(change, case_id=sealed[0].case_id, case_version=2, grid="G-11")]
    )
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    answer = await client.post(f"{PATH}/{subscription['id']}/replay", json={"from": since}, headers=headers)
    assert answer.status_code == 202

    async def replayed():
        rows = await deliveries_of(notifier.database, subscription["id"])
        return [row["case_id"] for row in rows if row["cause"] == "replay"]

    assert await until(replayed) == [case_id]
