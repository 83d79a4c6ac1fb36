"""Deliveries to a real HTTP server that fails in several ways."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from structlog.testing import capture_logs
from uuid_utils.compat import uuid7

from contracts.facts.closing import CaseClosed
from contracts.vocabulary import Privacy
from delivery.pauses import HORIZON
from services.notifier import housekeeping, webhook
from services.notifier.store import subscriptions
from tests.notifier.case_facts import a_dispatch, a_story
from tests.notifier.delivering import delivering, ended
from tests.notifier.receiver import Received
from tests.notifier.rows import (
    SECRET,
    a_subscription,
    all_rows,
    attempts_of,
    deliveries_of,
    happened,
    make_due,
    notices_in,
    replayed,
    states_of,
)


async def test_a_delivery_is_signed_cloudevents_and_ends_in_a_notice(database, deliverer, receiver):
    subscription = await a_subscription(database, target=receiver.url)
    (event,) = a_story(uuid7(), a_dispatch())
    await happened(database, [event])
    await ended(database, subscription, "delivered")
    (got,) = receiver.received
    headers = {name.lower(): value for name, value in got.headers.items()}
    assert headers["content-type"] == "application/cloudevents+json"
    assert Webhook(SECRET).verify(got.body, headers)["id"] == str(event.event_id)
    (row,) = await deliveries_of(database, subscription)
    assert headers["webhook-id"] == f"msg_{row['id'].hex}"
    (said,) = await notices_in(database)
    assert said["case_id"] == str(event.case_id)
    assert said["causation_id"] == str(event.event_id)
    assert said["correlation_id"] == str(event.correlation_id)
    assert said["data"] == {
        "notice_id": str(row["id"]),
        "subscription_id": str(subscription),
        "about_event": str(event.event_id),
        "about_type": "case.dispatched",
        "channel": "webhook",
        "outcome": "delivered",
        "attempts": 1,
    }


@pytest.mark.parametrize("trouble", [500, 503, 408, 429, "reset"])
async def test_what_passes_is_tried_again_under_the_same_id(database, deliverer, receiver, trouble):
    receiver.plan = [trouble]
    subscription = await a_subscription(database, target=receiver.url)
    await happened(database, a_story(uuid7(), a_dispatch()))
    await ended(database, subscription, "temporary-failure")
    assert await notices_in(database) == []
    await make_due(database)
    await ended(database, subscription, "delivered")
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    (row,) = await deliveries_of(database, subscription)
    assert row["attempts"] == 2
    codes = [code for code, _ in await attempts_of(database, subscription)]
    assert codes == [trouble if isinstance(trouble, int) else None, 204]


async def test_what_goes_nowhere_ends(database, deliverer):
    """Such webhooks were made while an empty URL was taken for none."""
    subscription = await a_subscription(database, target=None)
    await happened(database, a_story(uuid7(), a_dispatch()))
    await ended(database, subscription, "permanent-failure")


@pytest.mark.parametrize("answer", [400, 401, 404, (302, {"Location": "/elsewhere"}), 307])
async def test_what_lasts_is_not_tried_again(database, deliverer, receiver, answer):
    receiver.plan = [answer]
    subscription = await a_subscription(database, target=receiver.url)
    await happened(database, a_story(uuid7(), a_dispatch()))
    await ended(database, subscription, "permanent-failure")
    assert len(receiver.received) == 1
    (said,) = await notices_in(database)
    assert said["data"]["outcome"] == "permanent-failure"


async def test_a_failure_is_logged_with_its_event(database, notifier_settings, receiver):
    receiver.plan = [404]
    subscription = await a_subscription(database, target=receiver.url)
    (event,) = a_story(uuid7(), a_dispatch())
    await happened(database, [event])
    with capture_logs() as lines:
        async with delivering(database, notifier_settings):
            await ended(database, subscription, "permanent-failure")
    said = [(line["event"], line["event_id"], line["case_id"]) for line in lines]
    assert said == [("delivery: permanent-failure", event.event_id, event.case_id)]


async def test_an_event_that_cannot_be_shown_holds_up_no_other(database, deliverer, receiver):
    subscription = await a_subscription(database, target=receiver.url)
    await happened(database, a_story(uuid7(), a_dispatch(privacy=Privacy.CONFIDENTIAL)))
    await ended(database, subscription, "delivered")
    await all_rows(database, """update feed set body = '{"data":'""")
    (after,) = a_story(uuid7(), a_dispatch())
    await happened(database, [after])
    again = await replayed(database, subscription, datetime.now(UTC) - timedelta(hours=1))
    await ended(database, subscription, "delivered", "delivered", "permanent-failure", "delivered")
    assert [row["event_id"] for row in again][1] == after.event_id
    assert (None, "event-unreadable") in await attempts_of(database, subscription)


async def test_a_wait_that_the_target_asks_for_is_kept(database, deliverer, receiver):
    receiver.plan = [(429, {"Retry-After": "120"})]
    subscription = await a_subscription(database, target=receiver.url)
    await happened(database, a_story(uuid7(), a_dispatch()))
    await ended(database, subscription, "temporary-failure")
    (row,) = await deliveries_of(database, subscription)
    assert timedelta(seconds=115) < row["due_at"] - datetime.now(UTC) < timedelta(seconds=145)


async def test_gone_disables_the_subscription_and_ends_what_was_open(
    database, deliverer, receiver, notifier_settings
):
    receiver.plan = [410]
    subscription = await a_subscription(database, target=receiver.url)
    await happened(database, a_story(uuid7(), a_dispatch(), CaseClosed()))
    await ended(database, subscription, "permanent-failure", "created")
    (row,) = await all_rows(
        database, "select status, failures, last_error, failing_since is not null as since from subscriptions"
    )
    assert tuple(row) == ("disabled", 0, "status 410", True)
    assert await housekeeping.give_up(database, notifier_settings) == 1
    assert await states_of(database, subscription) == ["permanent-failure", "permanent-failure"]
    assert [said["data"]["attempts"] for said in await notices_in(database)] == [1, 0]
    await happened(database, a_story(uuid7(), a_dispatch()))
    assert len(receiver.received) == 1


async def test_a_target_that_hangs_is_left_at_the_time_limit(
    database, notifier_settings, receiver, monkeypatch
):
    monkeypatch.setattr(webhook, "TIME_LIMIT", 0.2)
    receiver.plan = ["hang"]
    subscription = await a_subscription(database, target=receiver.url)
    await happened(database, a_story(uuid7(), a_dispatch()))
    async with delivering(database, notifier_settings):
        await ended(database, subscription, "temporary-failure")
    assert await attempts_of(database, subscription) == [(None, "timeout")]


async def test_a_target_that_is_away_is_tried_again(database, deliverer):
    subscription = await a_subscription(database, target="http://127.0.0.1:1/hook")
    await happened(database, a_story(uuid7(), a_dispatch()))
    await ended(database, subscription, "temporary-failure")


async def test_after_a_rotation_both_secrets_sign_for_a_day(database, deliverer, receiver):
    subscription = await a_subscription(database, target=receiver.url)
    fresh = "whsec_" + "A" * 43 + "="
    async with database.transaction() as connection:
        await subscriptions.rotate(connection, subscription, fresh)
    await happened(database, a_story(uuid7(), a_dispatch()))
    await ended(database, subscription, "delivered")
    headers = {name.lower(): value for name, value in receiver.received[0].headers.items()}
    for secret in (SECRET, fresh):
        Webhook(secret).verify(receiver.received[0].body, headers)
    await all_rows(database, "update subscriptions set former_until = now() - interval '1 second'")
    await happened(database, a_story(uuid7(), a_dispatch()))
    await ended(database, subscription, "delivered", "delivered")
    assert receiver.received[1].headers["webhook-signature"].count("v1,") == 1


async def test_each_former_secret_signs_for_its_day_whatever_rotations_follow(database, deliverer, receiver):
    """A receiver that still has it, because the next one was lost, would refuse everything as forged."""
    subscription = await a_subscription(database, target=receiver.url)
    later = ["whsec_" + letter * 43 + "=" for letter in "AEIMQUYcgk"]

    async def signing() -> list[str]:
        await happened(database, a_story(uuid7(), a_dispatch()))
        await ended(database, subscription, *["delivered"] * (len(receiver.received) + 1))
        got = receiver.received[-1]
        return [secret for secret in (SECRET, *later) if _verifies(secret, got)]

    for count, fresh in enumerate(later, 1):
        async with database.transaction() as connection:
            await subscriptions.rotate(connection, subscription, fresh)
        if count == 2:
            assert await signing() == [SECRET, *later[:2]]
    assert await signing() == later[-8:], "of many the newest"
    await all_rows(
        database,
        """update subscriptions set earlier_secrets = (
               select jsonb_agg(one || jsonb_build_object('until', now() - interval '1 second'))
               from jsonb_array_elements(earlier_secrets) as one)""",
    )
    assert await signing() == later[-2:]
    await all_rows(database, "update subscriptions set former_until = now() - interval '1 second'")
    assert await signing() == later[-1:]
    async with database.transaction() as connection:
        await subscriptions.remove(connection, subscription)
    (row,) = await all_rows(database, "select secret, former_secret, earlier_secrets from subscriptions")
    assert tuple(row) == (None, None, [])


def _verifies(secret: str, got: Received) -> bool:
    headers = {name.lower(): value for name, value in got.headers.items()}
    try:
        Webhook(secret).verify(got.body, headers)
    except WebhookVerificationError:
        return False
    return True


async def test_news_beyond_the_horizon_expires(database, notifier_settings):
    subscription = await a_subscription(database)
    await happened(database, a_story(uuid7(), a_dispatch()))
    await all_rows(database, "update deliveries set renewed_at = now() - $1::interval", HORIZON)
    assert await housekeeping.give_up(database, notifier_settings) == 1
    assert await states_of(database, subscription) == ["expired"]
    (said,) = await notices_in(database)
    assert said["data"]["outcome"] == "expired"


async def test_a_private_target_is_refused_at_connect_time(database, notifier_settings, receiver):
    """Also when it was allowed at the time of subscribing; of names tests/notifier/test_private_targets.py tells."""
    settings = notifier_settings.model_copy(update={"allow_private_targets": False})
    subscription = await a_subscription(database, target=receiver.url)
    await happened(database, a_story(uuid7(), a_dispatch()))
    async with delivering(database, settings):
        await ended(database, subscription, "permanent-failure")
    assert receiver.received == []
