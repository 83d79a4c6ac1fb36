"""A replay or a retry that is asked for again with its key begins once, and gets the first answer."""

import asyncio
from datetime import UTC, datetime, timedelta

from uuid_utils.compat import uuid7

from services.notifier import replaying
from tests.notifier.case_facts import a_dispatch, a_story
from tests.notifier.delivering import ended
from tests.notifier.rows import all_rows, deliveries_of, happened
from tests.notifier.subscribing import PATH, made

SINCE = datetime.now(UTC) - timedelta(hours=1)
WANTED, OTHER = {"from": SINCE.isoformat()}, {"from": (SINCE - timedelta(hours=1)).isoformat()}


async def test_a_replay_asked_for_again_is_one(notifier, client, agency):
    one = f"{PATH}/{(await made(client, agency))['id']}/replay"
    keyed = agency | {"Idempotency-Key": "replay-1"}
    answers = await asyncio.gather(*[client.post(one, json=WANTED, headers=keyed) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [202]
    assert len({answer.text for answer in answers}) == 1
    assert datetime.fromisoformat(answers[0].json()["from"]) == SINCE
    refused = await client.post(one, json=OTHER, headers=keyed)
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "this Idempotency-Key was used for something else",
    )


async def test_a_replay_asked_for_again_after_its_end_does_not_begin_anew(notifier, client, agency):
    one = f"{PATH}/{(await made(client, agency))['id']}/replay"
    keyed = agency | {"Idempotency-Key": "replay-2"}
    first = await client.post(one, json=WANTED, headers=keyed)
    while await replaying.advance(notifier.database):
        pass
    await all_rows(notifier.database, "delete from replays")
    again = await client.post(one, json=WANTED, headers=keyed)
    assert (again.status_code, again.json()) == (200, first.json())
    assert await all_rows(notifier.database, "select from replays") == []


async def test_a_refused_replay_leaves_its_key_unused(client, agency):
    one = f"{PATH}/{(await made(client, agency))['id']}"
    keyed = agency | {"Idempotency-Key": "replay-3"}
    await client.patch(one, json={"status": "paused"}, headers=agency)
    assert (await client.post(f"{one}/replay", json=WANTED, headers=keyed)).status_code == 409
    await client.patch(one, json={"status": "active"}, headers=agency)
    assert (await client.post(f"{one}/replay", json=WANTED, headers=keyed)).status_code == 202


async def test_a_retry_asked_for_again_gets_the_first_answer(notifier, client, agency, receiver):
    receiver.plan = [400, 400]
    subscription = await made(client, agency, url=receiver.url)
    await happened(notifier.database, a_story(uuid7(), a_dispatch()))
    await ended(notifier.database, subscription["id"], "permanent-failure")
    (row,) = await deliveries_of(notifier.database, subscription["id"])
    log = f"{PATH}/{subscription['id']}/deliveries"
    keyed = agency | {"Idempotency-Key": "retry-1"}
    first = await client.post(f"{log}/{row['id']}/retry", headers=keyed)
    await ended(notifier.database, subscription["id"], "permanent-failure")
    again = await client.post(f"{log}/{row['id']}/retry", headers=keyed)
    assert (first.status_code, again.status_code, again.json()) == (202, 200, first.json())
    assert len((await client.get(f"{log}/{row['id']}", headers=agency)).json()["attempts"]) == 2
    assert len(receiver.received) == 2, "what failed once more was not tried a third time"
    other = await client.post(f"{PATH}/{subscription['id']}/test", headers=keyed)
    assert other.status_code == 409
