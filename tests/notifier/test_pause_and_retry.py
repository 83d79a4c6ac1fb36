"""Subscriptions that pause, deliveries that are asked for again, and how many subscriptions there may be."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseProgress
from contracts.facts.closing import CaseClosed
from delivery.pauses import HORIZON
from services.notifier import housekeeping
from services.notifier.app import create_service
from services.notifier.message import new_secret
from services.notifier.store import delivery_log, subscriptions
from tests.notifier.case_facts import a_dispatch, a_story
from tests.notifier.delivering import ended
from tests.notifier.rows import (
    SECRET,
    a_subscription,
    all_rows,
    deliveries_of,
    happened,
    somebody_waits,
    states_of,
)
from tests.notifier.served import serving
from tests.notifier.subscribing import PATH, a_webhook, made
from tests.waiting import until

SECOND = new_secret(b"2" * 32)
TARGET = "http://127.0.0.1:9/hook"


async def changed(client, agency, subscription, **change):
    answer = await client.patch(f"{PATH}/{subscription['id']}", json=change, headers=agency)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def disabled(connection, subscription_id):
    await subscriptions.disable(connection, [subscription_id])


async def paused(connection, subscription_id):
    before = await subscriptions.find(connection, subscription_id)
    await subscriptions.change(connection, subscription_id, dict(before) | {"status": "paused"})


@pytest.mark.parametrize(
    ("meanwhile", "expected"),
    [
        (subscriptions.remove, (404, "lights", None, "deleted")),
        (disabled, (200, "new", TARGET, "disabled")),
        (paused, (200, "new", TARGET, "paused")),
    ],
)
async def test_a_change_takes_back_none_that_is_made_at_the_same_time(
    notifier, client, admin, meanwhile, expected
):
    subscription = await a_subscription(notifier.database, target=TARGET)
    async with notifier.database.transaction() as connection:
        await meanwhile(connection, subscription)
        change = client.patch(f"{PATH}/{subscription}", json={"name": "new"}, headers=admin)
        renaming = asyncio.create_task(change)
        await until(lambda: somebody_waits(notifier.database))
    status = (await renaming).status_code
    (row,) = await all_rows(notifier.database, "select name, target, status from subscriptions")
    assert (status, *row) == expected


async def replaced(connection, subscription_id):
    await subscriptions.rotate(connection, subscription_id, SECOND)


@pytest.mark.parametrize(
    ("meanwhile", "method", "path", "expected"),
    [
        (subscriptions.remove, "POST", "/secret", (404, "deleted", None, None)),
        (subscriptions.remove, "DELETE", "", (404, "deleted", None, None)),
        (disabled, "POST", "/secret", (409, "disabled", SECRET, None)),
        (replaced, "DELETE", "", (204, "deleted", None, None)),
    ],
)
async def test_no_secret_outlives_a_deletion_at_the_same_time(
    notifier, client, admin, meanwhile, method, path, expected
):
    subscription = await a_subscription(notifier.database, target=TARGET)
    async with notifier.database.transaction() as connection:
        await meanwhile(connection, subscription)
        call = client.request(method, f"{PATH}/{subscription}{path}", headers=admin)
        calling = asyncio.create_task(call)
        await until(lambda: somebody_waits(notifier.database))
    status = (await calling).status_code
    (row,) = await all_rows(notifier.database, "select status, secret, former_secret from subscriptions")
    assert (status, *row) == expected


async def test_rotations_at_the_same_time_follow_one_another(notifier, client, admin):
    subscription = await a_subscription(notifier.database, target=TARGET)
    async with notifier.database.transaction() as connection:
        await replaced(connection, subscription)
        rotating = asyncio.create_task(client.post(f"{PATH}/{subscription}/secret", headers=admin))
        await until(lambda: somebody_waits(notifier.database))
    answer = await rotating
    (row,) = await all_rows(notifier.database, "select secret, former_secret from subscriptions")
    assert tuple(row) == (answer.json()["secret"], SECOND)


async def test_what_came_during_a_pause_is_sent_in_order_when_it_ends(notifier, client, agency, receiver):
    subscription = await made(client, agency, url=receiver.url)
    await changed(client, agency, subscription, status="paused")
    story = a_story(uuid7(), a_dispatch(), CaseProgress(note="x"), CaseClosed())
    await happened(notifier.database, story)
    # longer than any delivery would be tried for
    await all_rows(notifier.database, "update deliveries set renewed_at = now() - $1::interval", 2 * HORIZON)
    assert await housekeeping.give_up(notifier.database, notifier.settings) == 0
    assert await states_of(notifier.database, subscription["id"]) == ["created"] * 3
    assert receiver.received == []
    await changed(client, agency, subscription, status="active")
    await ended(notifier.database, subscription["id"], *["delivered"] * 3)
    assert [got.event["id"] for got in receiver.received] == [str(event.event_id) for event in story]


async def test_what_waited_longer_than_the_feed_reaches_back_expires(notifier, client, agency, receiver):
    subscription = await made(client, agency, url=receiver.url)
    await changed(client, agency, subscription, status="paused")
    await happened(notifier.database, a_story(uuid7(), a_dispatch()))
    days = timedelta(days=notifier.settings.feed_days + 1)
    await all_rows(notifier.database, "update deliveries set renewed_at = now() - $1::interval", days)
    assert await housekeeping.give_up(notifier.database, notifier.settings) == 1
    assert await states_of(notifier.database, subscription["id"]) == ["expired"]


async def test_what_was_missed_is_skipped_when_asked(notifier, client, agency, receiver):
    subscription = await made(client, agency, url=receiver.url)
    await changed(client, agency, subscription, status="paused")
    case_id = uuid7()
    missed, later = a_story(case_id, a_dispatch(), CaseClosed())
    await happened(notifier.database, [missed])
    await changed(client, agency, subscription, status="active", skip_missed=True)
    await happened(notifier.database, [later])

    async def later_has_come():
        return [got.event["id"] for got in receiver.received] == [str(later.event_id)]

    await until(later_has_come)
    assert await housekeeping.give_up(notifier.database, notifier.settings) == 1
    await ended(notifier.database, subscription["id"], "expired", "delivered")


async def test_what_was_skipped_stays_so_through_another_pause(notifier, client, agency):
    subscription = await made(client, agency, url=TARGET)
    await changed(client, agency, subscription, status="paused")
    await happened(notifier.database, a_story(uuid7(), a_dispatch()))
    await changed(client, agency, subscription, status="active", skip_missed=True)
    await changed(client, agency, subscription, status="paused")
    await changed(client, agency, subscription, status="active")
    assert await housekeeping.give_up(notifier.database, notifier.settings) == 1
    await ended(notifier.database, subscription["id"], "expired")


async def test_a_failed_delivery_is_shown_and_tried_again_under_the_same_id(
    notifier, client, agency, other_agency, receiver
):
    receiver.plan = [400]
    subscription = await made(client, agency, url=receiver.url)
    await happened(notifier.database, a_story(uuid7(), a_dispatch()))
    await ended(notifier.database, subscription["id"], "permanent-failure")
    (row,) = await deliveries_of(notifier.database, subscription["id"])
    one = f"{PATH}/{subscription['id']}/deliveries/{row['id']}"
    shown = (await client.get(one, headers=agency)).json()
    assert (shown["status"], shown["relation"]) == ("permanent-failure", "acts")
    assert [attempt["status_code"] for attempt in shown["attempts"]] == [400]
    for path in (one, f"{one}/retry"):
        method = "POST" if path.endswith("retry") else "GET"
        assert (await client.request(method, path, headers=other_agency)).status_code == 404
    again = await client.post(f"{one}/retry", headers=agency)
    assert (again.status_code, again.json()["status"]) == (202, "created")
    await ended(notifier.database, subscription["id"], "delivered")
    shown = (await client.get(one, headers=agency)).json()
    assert [attempt["status_code"] for attempt in shown["attempts"]] == [400, 204]
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == shown["webhook_id"]
    assert (await client.post(f"{one}/retry", headers=agency)).status_code == 409


async def test_what_cannot_be_tried_again_says_why(notifier, client, agency, receiver):
    receiver.plan = [400]
    subscription = await made(client, agency, url=receiver.url)
    log = f"{PATH}/{subscription['id']}/deliveries"
    assert (await client.get(f"{log}/{uuid4()}", headers=agency)).status_code == 404
    assert (await client.post(f"{log}/{uuid4()}/retry", headers=agency)).status_code == 404
    assert (await client.post(f"{log}/not-an-id/retry", headers=agency)).status_code == 422
    await happened(notifier.database, a_story(uuid7(), a_dispatch()))
    await ended(notifier.database, subscription["id"], "permanent-failure")
    (row,) = await deliveries_of(notifier.database, subscription["id"])
    await all_rows(notifier.database, "delete from feed")
    gone = await client.post(f"{log}/{row['id']}/retry", headers=agency)
    assert (gone.status_code, gone.json()["detail"]) == (409, "what it was about is no longer kept")


async def test_a_retry_has_all_its_tries_again(notifier, client, agency, receiver):
    receiver.plan = [400, 500]
    subscription = await made(client, agency, url=receiver.url)
    await happened(notifier.database, a_story(uuid7(), a_dispatch()))
    await ended(notifier.database, subscription["id"], "permanent-failure")
    (row,) = await deliveries_of(notifier.database, subscription["id"])
    await all_rows(
        notifier.database, "update deliveries set attempts = 13, renewed_at = now() - interval '3 days'"
    )
    await client.post(f"{PATH}/{subscription['id']}/deliveries/{row['id']}/retry", headers=agency)
    await ended(notifier.database, subscription["id"], "temporary-failure")


async def test_of_two_retries_at_once_the_second_is_told_what_the_first_has_done(notifier, client, admin):
    subscription = await a_subscription(notifier.database, target=TARGET)
    await happened(notifier.database, a_story(uuid7(), a_dispatch()))
    ends = "update deliveries set status = 'expired', ended_at = now() returning id"
    ((delivery,),) = await all_rows(notifier.database, ends)
    async with notifier.database.transaction() as connection:
        retry = client.post(f"{PATH}/{subscription}/deliveries/{delivery}/retry", headers=admin)
        assert await delivery_log.renew(connection, subscription, delivery)
        retrying = asyncio.create_task(retry)
        await until(lambda: somebody_waits(notifier.database))
    answer = await retrying
    said, status = answer.json()["detail"].rsplit(" ", 1)
    assert (answer.status_code, said) == (409, "only what has failed is tried again; this is")
    assert status in ("created", "sending", "temporary-failure"), "whatever has come of the first meanwhile"


@pytest.fixture
async def narrow(notifier, notifier_settings):
    settings = notifier_settings.model_copy(update={"subscriptions_per_owner": 2})
    async with serving(create_service(settings)) as client:
        yield client


async def test_a_unit_has_only_so_many_subscriptions(narrow, agency, other_agency):
    first = await made(narrow, agency)
    await made(narrow, agency)
    refused = await narrow.post(PATH, json=a_webhook(), headers=agency)
    assert refused.status_code == 409
    assert "unit LIGHTS may have 2 subscriptions" in refused.json()["detail"]
    await made(narrow, other_agency)
    await narrow.delete(f"{PATH}/{first['id']}", headers=agency)
    await made(narrow, agency)


async def test_filters_are_bounded(client, agency):
    too_long = {"grids": [f"G-{number}" for number in range(501)]}
    too_many = {name: [f"X-{number}" for number in range(400)] for name in ("grids", "units")}
    too_many["categories"] = [f"C{number:02d}-{other:02d}" for number in range(20) for other in range(15)]
    for wanted in (
        too_long,
        too_many,
        {"units": ["x" * 65]},
        {"categories": ["C*"]},
        {"categories": ["(a+)+"]},
    ):
        refused = await client.post(PATH, json=a_webhook(filter=wanted), headers=agency)
        assert refused.status_code == 422, wanted
        assert refused.json()["errors"][0]["pointer"].startswith("/filter")
