"""Subscriptions over HTTP: who may do what, and what is refused."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from services.notifier.settings import Settings
from tests.notifier.subscribing import PATH, a_webhook, made
from tests.waiting import until


async def test_a_subscription_lives_and_its_secret_is_shown_once(client, agency):
    wanted = {"tiers": ["town"], "categories": ["C01"], "min_urgency": "urgent"}
    answer = await made(client, agency, filter=wanted)
    assert answer["secret"].startswith("whsec_")
    Webhook(answer["secret"])
    one = f"{PATH}/{answer['id']}"
    shown = (await client.get(one, headers=agency)).json()
    assert "secret" not in shown
    assert shown["filter"] == wanted
    assert (shown["owner"], shown["status"]) == ("LIGHTS", "active")
    changed = await client.patch(one, json={"name": "new", "status": "paused"}, headers=agency)
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["status"]) == ("new", "paused")
    assert changed.json()["filter"] == shown["filter"]
    assert (await client.delete(one, headers=agency)).status_code == 204
    assert (await client.get(one, headers=agency)).status_code == 404
    assert (await client.delete(one, headers=agency)).status_code == 404
    assert (await client.get(PATH, headers=agency)).json() == {"items": [], "next": None}


async def test_a_stream_subscription_is_a_stored_filter_without_a_secret(client, agency):
    answer = await client.post(
        PATH, json={"name": "board", "channel": "stream", "filter": {"grids": ["G-7"]}}, headers=agency
    )
    assert (answer.status_code, answer.json()["secret"], answer.json()["target"]) == (201, None, None)
    for action in ("test", "secret", "replay"):
        body = {"from": datetime.now(UTC).isoformat()} if action == "replay" else None
        refused = await client.post(f"{PATH}/{answer.json()['id']}/{action}", json=body, headers=agency)
        assert refused.status_code == 409, action


async def test_null_is_as_absent(client, agency):
    bare = {"name": "board", "channel": "stream"}
    answers = [
        await client.post(PATH, json=bare | more, headers=agency)
        for more in ({}, {"filter": None, "target": None}, {"filter": {"tiers": None, "min_urgency": None}})
    ]
    assert [(answer.status_code, answer.json()["filter"]) for answer in answers] == [(201, {})] * 3


async def test_lists_are_given_page_by_page(client, agency):
    ids = [(await made(client, agency, name=str(number)))["id"] for number in range(5)]
    seen, after = [], {}
    while True:
        page = (await client.get(PATH, params={"limit": 2} | after, headers=agency)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == ids


async def test_the_cursor_of_deliveries_is_text_like_every_other(client, agency):
    one = f"{PATH}/{(await made(client, agency))['id']}"
    sent = [(await client.post(f"{one}/test", headers=agency)).json()["delivery_id"] for _ in range(3)]
    seen, after = [], {}
    while True:
        page = (await client.get(f"{one}/deliveries", params={"limit": 1} | after, headers=agency)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        assert isinstance(page["next"], str)
        after = {"after": page["next"]}
    assert seen == sent[::-1]


async def test_without_a_valid_token_nobody_gets_in(client):
    calls = [("GET", PATH), ("POST", PATH), ("GET", "/v1/stream"), ("POST", f"{PATH}/{uuid4()}/test")]
    for method, path in calls:
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eA=="}):
            answer = await client.request(method, path, headers=headers)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["content-type"] == "application/problem+json"


async def test_other_roles_and_units_less_agencies_are_refused(client, token):
    for bearer in (token("handler", unit="LIGHTS"), token(unit="LIGHTS"), token("agency")):
        headers = {"Authorization": f"Bearer {bearer}"}
        assert (await client.post(PATH, json=a_webhook(), headers=headers)).status_code == 403
        assert (await client.get(PATH, headers=headers)).status_code == 403
        assert (await client.get("/v1/stream", headers=headers)).status_code == 403


async def test_another_units_subscription_does_not_exist_for_one_but_does_for_the_administrator(
    client, agency, other_agency, admin
):
    one = f"{PATH}/{(await made(client, agency))['id']}"
    since = {"from": datetime.now(UTC).isoformat()}
    calls = [
        ("GET", one, None),
        ("PATCH", one, {"name": "mine now"}),
        ("DELETE", one, None),
        ("POST", f"{one}/test", None),
        ("POST", f"{one}/secret", None),
        ("POST", f"{one}/replay", since),
        ("GET", f"{one}/deliveries", None),
        ("GET", f"/v1/stream?subscription={one.rsplit('/', 1)[1]}", None),
    ]
    for method, path, body in calls:
        answer = await client.request(method, path, json=body, headers=other_agency)
        assert answer.status_code == 404, (method, path)
    assert (await client.get(PATH, headers=other_agency)).json()["items"] == []
    assert (await client.get(one, headers=admin)).status_code == 200
    assert len((await client.get(PATH, headers=admin)).json()["items"]) == 1


WRONG = [
    ({}, "/name"),
    (a_webhook(name=""), "/name"),
    (a_webhook(name="  "), "/name"),
    (a_webhook(name="a\x00b"), "/name"),
    (a_webhook(name="a\u2028b"), "/name"),
    (a_webhook(name="a\x85b"), "/name"),
    (a_webhook(name="x" * 201), "/name"),
    (a_webhook(name=7), "/name"),
    (a_webhook(channel="pigeon"), "/channel"),
    (a_webhook(channel="email", target={"address": "a@b.example"}), "/channel"),
    (a_webhook(target=None), "/target/url"),
    (a_webhook(channel="email", target=None), "/target/address"),
    (a_webhook(channel="stream"), "/target"),
    (a_webhook(target={}), "/target/url"),
    (a_webhook(url=""), "/target/url"),
    (a_webhook(target={"url": "http://127.0.0.1:9/", "address": "a@b.example"}), "/target/address"),
    (a_webhook(url="ftp://agency.example/"), "/target/url"),
    (a_webhook(url="http://a\x00b.example/"), "/target/url"),
    (a_webhook(url="https://user:pw@agency.example/"), "/target/url"),
    (a_webhook(target={"url": "http://127.0.0.1:9/", "port": 9}), "/target/port"),
    (a_webhook(filter={"tier": ["town"]}), "/filter/tier"),
    (a_webhook(filter={"tiers": ["village"]}), "/filter/tiers/0"),
    (a_webhook(filter={"units": ["A", "B\x00"]}), "/filter/units/1"),
    (a_webhook(filter={"event_types": ["case.exploded"]}), "/filter/event_types/0"),
    (a_webhook(filter={"min_urgency": "high"}), "/filter/min_urgency"),
    (a_webhook(secret="mine"), "/secret"),
]


async def test_whatever_is_wrong_is_named_and_nothing_is_kept(client, agency):
    for body, pointer in WRONG:
        answer = await client.post(PATH, json=body, headers=agency)
        assert answer.status_code == 422, (body, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert pointer in [error["pointer"] for error in answer.json()["errors"]], (body, answer.text)
    for content in (b"", b"{", b"[]", b'"x"', b"null", b"\xff", b'{"name": "\\ud800"}'):
        headers = agency | {"content-type": "application/json"}
        answer = await client.post(PATH, content=content, headers=headers)
        assert answer.status_code in (400, 422), content
        assert answer.headers["content-type"] == "application/problem+json"
    too_large = await client.post(PATH, json=a_webhook(name="x" * 200_000), headers=agency)
    assert too_large.status_code == 413
    assert (await client.get(PATH, headers=agency)).json()["items"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 501},
        {"limit": "x"},
        {"after": "x"},
    ],
)
async def test_wrong_parameters_are_refused(client, agency, query):
    assert (await client.get(PATH, params=query, headers=agency)).status_code == 422
    one = (await made(client, agency))["id"]
    assert (await client.get(f"{PATH}/{one}/deliveries", params=query, headers=agency)).status_code == 422
    assert (await client.get(f"{PATH}/not-an-id", headers=agency)).status_code == 422


async def test_a_wrong_change_is_refused(client, agency):
    one = f"{PATH}/{(await made(client, agency))['id']}"
    for change in (
        {"status": "disabled"},
        {"name": None},
        {"channel": "stream"},
        {"target": {}},
        {"target": {"url": ""}},
        {"target": {"url": "nonsense"}},
        {"target": {"url": "http://127.0.0.1:9/", "address": "a@b.example"}},
        {"filter": {"x": 1}},
    ):
        answer = await client.patch(one, json=change, headers=agency)
        assert answer.status_code == 422, change
    assert (await client.patch(one, json={"filter": {}}, headers=agency)).status_code == 200


async def test_the_same_key_and_body_give_the_first_answer_again(client, agency, other_agency):
    keyed = agency | {"Idempotency-Key": "k-1"}
    first = await client.post(PATH, json=a_webhook(), headers=keyed)
    again = await client.post(PATH, json=a_webhook(), headers=keyed)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert (await client.post(PATH, json=a_webhook(name="other"), headers=keyed)).status_code == 409
    foreign = await client.post(PATH, json=a_webhook(), headers=other_agency | {"Idempotency-Key": "k-1"})
    assert foreign.status_code == 201
    await client.delete(f"{PATH}/{first.json()['id']}", headers=agency)
    assert (await client.post(PATH, json=a_webhook(), headers=keyed)).status_code == 409


async def test_the_same_key_at_the_same_time_makes_one(client, agency):
    keyed = agency | {"Idempotency-Key": "k-2"}
    answers = await asyncio.gather(*[client.post(PATH, json=a_webhook(), headers=keyed) for _ in range(8)])
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_test_asked_for_twice_with_one_key_is_sent_once(client, agency, receiver):
    subscription = await made(client, agency, url=receiver.url)
    path, keyed = f"{PATH}/{subscription['id']}/test", agency | {"Idempotency-Key": "k-3"}
    answers = await asyncio.gather(*[client.post(path, headers=keyed) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [202]
    assert len({answer.text for answer in answers}) == 1
    assert len((await client.get(answers[0].json()["deliveries"], headers=agency)).json()["items"]) == 1
    other = await made(client, agency, url=receiver.url)
    refused = await client.post(f"{PATH}/{other['id']}/test", headers=keyed)
    assert refused.status_code == 409


async def test_a_test_event_is_sent_signed_and_logged(client, agency, receiver):
    subscription = await made(client, agency, url=receiver.url)
    sent = await client.post(f"{PATH}/{subscription['id']}/test", headers=agency)
    assert sent.status_code == 202

    async def log():
        page = (await client.get(sent.json()["deliveries"], headers=agency)).json()
        return page["items"] if page["items"] and page["items"][0]["ended_at"] else None

    (entry,) = await until(log)
    assert entry["id"] == sent.json()["delivery_id"]
    assert (entry["status"], entry["cause"], entry["case_id"]) == ("delivered", "test", None)
    assert [attempt["status_code"] for attempt in entry["attempts"]] == [204]
    headers = {name.lower(): value for name, value in receiver.received[0].headers.items()}
    event = Webhook(subscription["secret"]).verify(receiver.received[0].body, headers)
    assert event["type"] == "casegrid.test"


async def test_a_rotated_secret_is_shown_once_with_the_end_of_the_former_one(client, agency):
    subscription = await made(client, agency)
    answer = (await client.post(f"{PATH}/{subscription['id']}/secret", headers=agency)).json()
    assert answer["secret"] != subscription["secret"]
    left = datetime.fromisoformat(answer["former_valid_until"]) - datetime.now(UTC)
    assert timedelta(hours=23.9) < left <= timedelta(hours=24.1)


async def test_a_rotation_asked_for_twice_with_one_key_happens_once(client, agency):
    one = f"{PATH}/{(await made(client, agency))['id']}/secret"
    keyed = agency | {"Idempotency-Key": "rotation-1"}
    answers = await asyncio.gather(*[client.post(one, headers=keyed) for _ in range(4)])
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    await client.post(one, headers=agency)
    assert (await client.post(one, headers=keyed)).status_code == 409, "another has followed it"
    created = agency | {"Idempotency-Key": "k-1"}
    other = (await client.post(PATH, json=a_webhook(), headers=created)).json()
    assert (await client.post(f"{PATH}/{other['id']}/secret", headers=created)).status_code == 409


async def test_a_replay_reaches_back_only_so_far(client, agency):
    one = f"{PATH}/{(await made(client, agency))['id']}/replay"
    now = datetime.now(UTC)
    for since in ("yesterday", "2026-11-23T10:00:00", (now + timedelta(hours=1)).isoformat(), None):
        assert (await client.post(one, json={"from": since}, headers=agency)).status_code == 422, since
    old = await client.post(one, json={"from": (now - timedelta(days=31)).isoformat()}, headers=agency)
    assert old.status_code == 422
    fine = await client.post(one, json={"from": (now - timedelta(hours=1)).isoformat()}, headers=agency)
    assert fine.status_code == 202


async def test_private_targets_are_refused_where_they_are_not_allowed(notifier, client, agency, monkeypatch):
    strict = notifier.settings.model_copy(update={"allow_private_targets": False})
    assert isinstance(strict, Settings)
    monkeypatch.setattr(notifier, "settings", strict)
    one = f"{PATH}/{(await made(client, agency, url='https://93.184.216.34/hook'))['id']}"
    for url in ("http://93.184.216.34/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/"):
        answer = await client.post(PATH, json=a_webhook(url), headers=agency)
        assert answer.status_code == 422, url
        assert answer.json()["errors"][0]["pointer"] == "/target/url"
        assert (await client.patch(one, json={"target": {"url": url}}, headers=agency)).status_code == 422


async def test_the_interface_describes_itself(client):
    document = (await client.get("/openapi.json")).json()
    assert {PATH, f"{PATH}/{{subscription_id}}/deliveries", "/v1/stream"} <= set(document["paths"])
    created = document["paths"][PATH]["post"]["responses"]["201"]["content"]["application/json"]["schema"]
    assert created["$ref"].endswith("/SubscriptionMade")


async def test_an_administrators_subscription_belongs_to_no_unit(client, token):
    headers = {"Authorization": f"Bearer {token('admin', unit='LIGHTS')}"}
    assert (await made(client, headers))["owner"] is None
