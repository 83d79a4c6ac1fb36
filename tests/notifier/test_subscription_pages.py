"""The subscriptions' pages as a browser without a screen meets them: seen and managed as by the API."""

import html
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from standardwebhooks import Webhook
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseProgress
from services.notifier.pages import pages_api
from tests.notifier.case_facts import a_dispatch, a_story
from tests.notifier.page_visits import FORM, created, errors, figures, give, hidden, tags, visiting
from tests.notifier.rows import a_subscription, all_rows, happened
from tests.waiting import until

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
async def lights(client, token):
    async with visiting(client, token("agency", unit="LIGHTS", sub="p-lights")) as browser:
        yield browser


@pytest.fixture
async def water(client, token):
    async with visiting(client, token("agency", unit="WATER", sub="p-water")) as browser:
        yield browser


@pytest.fixture
async def house(client, token):
    async with visiting(client, token("admin", sub="p-admin")) as browser:
        yield browser


async def test_a_subscription_is_made_seen_and_its_secret_shown_once(lights, client, agency):
    filled = {
        "min_urgency": "urgent",
        "tiers.town": "true",
        "categories": "C01 C02\n",
        "event_types.case.dispatched": "true",
    }
    path, secret = await created(lights, **filled)
    Webhook(secret)
    (one,) = (await client.get("/v1/subscriptions", headers=agency)).json()["items"]
    assert one["filter"] == {
        "tiers": ["town"], "categories": ["C01", "C02"], "min_urgency": "urgent", "event_types": ["case.dispatched"],
    }  # fmt: skip
    assert (one["owner"], one["target"]["url"]) == ("LIGHTS", "http://127.0.0.1:9/hook")
    for where in ("/", path):
        page = (await lights.get(where)).text
        assert "whsec_" not in page
        for part in ("lights", "http://127.0.0.1:9/hook", "Urgent", "Town", "C01, C02", "Dispatched"):
            assert part in page, (where, part)
        assert tags(page) == ["Active"]


async def test_a_form_sent_twice_makes_one_subscription(lights, client, agency):
    data = hidden((await lights.get("/new")).text, "/new") | FORM | {"url": "http://127.0.0.1:9/"}
    first, again = [await lights.post("/new", data=data) for _ in range(2)]
    assert (first.status_code, again.status_code, first.text) == (200, 200, again.text)
    other = await lights.post("/new", data=data | {"name": "another"})
    assert (other.status_code, "was sent before" in other.text) == (409, True)
    sent = await lights.post("/new", data=data | {"name": "another"} | hidden(other.text, "/new"))
    assert sent.status_code == 200, "whoever sends it once more means it"
    assert len((await client.get("/v1/subscriptions", headers=agency)).json()["items"]) == 2


@pytest.mark.parametrize(
    ("filled", "wrong"),
    [({"name": ""}, {"name"}), ({"url": ""}, {"url"}), ({"url": "nonsense"}, {"url"}), ({"channel": "email"}, {"address"}),
     ({"channel": "pigeon"}, {"channel"}), ({"categories": "c1"}, {"categories"}), ({"min_urgency": "x"}, {"min_urgency"}),
     ({"event_types.case.x": "true"}, {"event_types"}), ({"channel": "email", "address": "x"}, {"address"}),
     ({"channel": "email", "address": "a@b.example"}, {"channel"}), ({"units": "x" * 65}, {"units"}),
     ({"name": "a\x00b", "grids": "x" * 65}, {"name", "grids"})],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(lights, filled, wrong, lang):
    data = FORM | {"url": "http://127.0.0.1:9/", "units": "KEPT"} | filled
    answer = await lights.post(f"/new?lang={lang}", data=data)
    assert answer.status_code == 422
    found = errors(answer.text)
    assert set(found) == wrong
    assert all(
        any("\u4e00" <= sign <= "\u9fff" for sign in said) == (lang == "zh") for said in found.values()
    ), found
    assert html.escape(data["units"]) in answer.text


@pytest.mark.parametrize("key", ["\x00", "x" * 5000, "键", " "])
async def test_a_key_that_is_none_of_ours_is_left_aside(lights, key):
    await created(lights, key=key)
    path, _ = await created(lights, key=key)
    assert (await give(lights, path, "rotate", key=key)).status_code == 200


async def test_a_form_that_is_none_is_refused(lights):
    for sent in ({"files": {"name": ("a", b"x")}}, {"data": {f"f{number}": "" for number in range(200)}}):
        answer = await lights.post("/new", **sent)
        assert (answer.status_code, "is not right" in answer.text) == (400, True)
    assert (await lights.post("/new", content=b"\xff\xfe=%zz&name")).status_code == 422


async def test_too_many_conditions_are_refused_as_a_whole(lights):
    codes = {name: " ".join(f"X{number}" for number in range(400)) for name in ("units", "grids")}
    more = {"categories": " ".join(["C01-05"] * 300)}
    answer = await lights.post("/new", data=FORM | {"url": "http://127.0.0.1:9/"} | codes | more)
    assert (answer.status_code, "a filter may name" in answer.text) == (422, True)


async def test_a_filter_is_tried_before_anything_is_saved(lights, notifier, client, agency):
    await happened(notifier.database, a_story(uuid7(), a_dispatch(), CaseProgress(note="<b>1</b>")))
    await happened(notifier.database, a_story(uuid7(), a_dispatch(lead="WATER", co_handlers=())))
    answer = await lights.post(
        "/new", data={"try": "true", "name": "kept", "event_types.case.progress": "true"}
    )
    assert (answer.status_code, figures(answer.text)) == (200, ["3", "2", "1"])
    assert 'value="kept"' in answer.text
    assert "&lt;b&gt;1&lt;/b&gt;" in answer.text
    assert "<b>" not in answer.text
    assert "WATER" not in answer.text
    nothing = await lights.post("/new", data={"try": "true", "min_urgency": "critical"})
    assert (figures(nothing.text), "No event matches" in nothing.text) == (["3", "2", "0"], True)
    assert set(errors((await lights.post("/new", data={"try": "true", "categories": "x"})).text)) == {
        "categories"
    }
    assert (await client.get("/v1/subscriptions", headers=agency)).json()["items"] == []


async def test_a_subscription_is_changed_and_its_pause_stays(lights, client, agency):
    path, _ = await created(lights, grids="G-7", **{"event_types.case.dispatched": "true"})
    await give(lights, path, "pause")
    form = (await lights.get(f"{path}/change")).text
    assert "G-7</textarea>" in form
    assert 'name="event_types.case.dispatched" value="true" checked' in form
    tried = await lights.post(
        f"{path}/change", data={"try": "true", "name": "x", "url": "http://127.0.0.1:9/"}
    )
    assert figures(tried.text) == ["0", "0", "0"]
    wrong = await lights.post(f"{path}/change", data={"name": " ", "url": ""})
    assert (wrong.status_code, set(errors(wrong.text))) == (422, {"name"})
    wrong = await lights.post(f"{path}/change", data={"name": "x", "url": ""})
    assert (wrong.status_code, set(errors(wrong.text))) == (422, {"url"})
    data = {"name": "new", "url": "http://127.0.0.1:9/new", "tiers.grid": "true"}
    answer = await lights.post(f"{path}/change", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?done=change")
    one = (await client.get(f"/v1{path}", headers=agency)).json()
    assert (one["name"], one["filter"], one["status"]) == ("new", {"tiers": ["grid"]}, "paused")
    assert one["target"]["url"] == "http://127.0.0.1:9/new"


async def test_paused_resumed_and_deleted(lights, client, agency):
    path, _ = await created(lights)
    answer = await give(lights, path, "pause")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?done=pause")
    page = (await lights.get(f"{path}?done=pause")).text
    assert "Done: Pause" in page
    assert tags(page) == ["Paused"]
    refused = await lights.post(f"{path}/commands/test")
    assert (refused.status_code, "Not done: Send a test" in refused.text) == (409, True)
    assert (await give(lights, path, "resume", skip_missed="true")).status_code == 303
    assert (await client.get(f"/v1{path}", headers=agency)).json()["status"] == "active"
    assert (await give(lights, path, "delete")).headers["location"] == "/?done=delete"
    assert (await lights.get(path)).status_code == 404
    assert (await lights.post(f"{path}/commands/nonsense")).status_code == 404


async def test_a_secret_is_rotated_once_however_often_the_button_is_pressed(lights, notifier):
    path, first = await created(lights)
    key = hidden((await lights.get(path)).text, f"{path}/commands/rotate")
    answers = [await lights.post(f"{path}/commands/rotate", data=key) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert answers[0].headers["cache-control"] == "no-store"
    row = (await all_rows(notifier.database, "select secret, former_secret from subscriptions"))[0]
    assert (row["former_secret"], html.escape(row["secret"]) in answers[0].text) == (first, True)


async def test_a_test_shows_its_attempt(lights, receiver):
    path, _ = await created(lights, url=receiver.url)
    sent = await give(lights, path, "test")
    where = sent.headers["location"].partition("?")[0]

    async def ended():
        page = (await lights.get(where)).text
        return page if tags(page) == ["Delivered"] else None

    page = await until(ended)
    for part in ("casegrid.test", "A test", "webhook-id", "<td>1</td>", "<td>204</td>"):
        assert part in page
    assert where in (await lights.get(path)).text
    assert where in (await lights.get(f"{path}?status=delivered")).text
    assert where not in (await lights.get(f"{path}?status=expired")).text


async def test_a_failed_delivery_is_tried_again(lights, notifier, receiver):
    path, _ = await created(lights, url=receiver.url)
    receiver.plan = [404]
    await happened(notifier.database, a_story(uuid7(), a_dispatch()))

    async def failed():
        page = (await lights.get(f"{path}?status=permanent-failure")).text
        return page if "Failed for good" in tags(page) else None

    page = await until(failed)
    where = page.split('class="line"><a href="')[1].split('"')[0]
    assert "404" in (await lights.get(where)).text
    assert (await give(lights, where, "retry")).headers["location"] == f"{where}?done=retry"

    async def delivered():
        page = (await lights.get(where)).text
        return tags(page) == ["Delivered"] and page

    assert "<td>2</td>" in await until(delivered)
    again = await lights.post(f"{where}/commands/retry")
    assert (again.status_code, "only what has failed" in again.text) == (409, True)


async def test_a_replay_is_asked_for_in_the_time_of_the_wall(lights, notifier):
    path, _ = await created(lights)
    hour_ago = datetime.now(ZONE) - timedelta(hours=1)
    for since in (
        "",
        "nonsense",
        "0001-01-01T00:00",
        (hour_ago + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
    ):
        answer = await give(lights, path, "replay", **{"from": since})
        assert (answer.status_code, set(errors(answer.text))) == (422, {"from"}), since
    answer = await give(lights, path, "replay", **{"from": hour_ago.strftime("%Y-%m-%dT%H:%M")})
    assert answer.headers["location"] == f"{path}?done=replay"


async def test_the_state_of_the_target_is_shown(lights, notifier):
    path, _ = await created(lights)
    for failures, probe, said in (
        (3, None, "Failing"),
        (12, 60, "Circuit open: only probed"),
        (12, -1, "Circuit half-open: being probed"),
    ):
        async with notifier.database.transaction() as connection:
            await connection.execute(
                """update subscriptions set failures = $1, failing_since = now(), last_error = 'status 503',
                       probe_at = now() + make_interval(secs => $2)""",
                failures,
                probe,
            )
        page = (await lights.get(path)).text
        assert tags(page) == [said]
        assert "status 503" in page
        assert tags((await lights.get("/")).text) == [said]
    assert (await give(lights, path, "probe")).headers["location"] == f"{path}?done=probe"
    page = (await lights.get(path)).text
    assert (tags(page), "/commands/probe" in page) == (["Active"], False)


async def test_mail_and_streams_have_their_own_pages(lights, notifier):
    made = await lights.post("/new", data={"name": "board", "channel": "stream"})
    path = made.headers["location"].partition("?")[0]
    page = (await lights.get(path)).text
    assert f"/v1/stream?subscription={path.rsplit('/', 1)[1]}" in page
    assert "/commands/test" not in page
    mail = await a_subscription(
        notifier.database, owner="LIGHTS", channel="email", target="a@b.example", secret=None
    )
    assert tags((await lights.get(f"/subscriptions/{mail}")).text) == ["Address not confirmed"]
    async with notifier.database.transaction() as connection:
        await connection.execute("update subscriptions set status = 'disabled' where id = $1", mail)
    page = (await lights.get(f"/subscriptions/{mail}")).text
    assert ("has unsubscribed" in page, "/commands/resume" in page) == (True, False)


async def test_another_units_subscription_does_not_exist_for_one_but_does_for_the_administrator(
    lights, water, house
):
    path, _ = await created(lights)
    sent = (await give(lights, path, "test")).headers["location"].partition("?")[0]
    for where in (path, f"{path}/change", sent, f"/subscriptions/{uuid4()}"):
        assert (await water.get(where)).status_code == 404, where
    for where in (*(f"{path}/commands/{each}" for each in ("pause", "resume", "test", "rotate", "delete")),
                  f"{path}/change", f"{sent}/commands/retry"):  # fmt: skip
        assert (
            await water.post(where, data={"name": "mine", "url": "http://127.0.0.1:9/"})
        ).status_code == 404, where
    assert path not in (await water.get("/")).text
    page = (await house.get("/")).text
    assert (path in page, "LIGHTS" in page) == (True, True)
    assert (await house.get(path)).status_code == 200


async def test_lists_are_given_page_by_page(lights, notifier, monkeypatch):
    monkeypatch.setattr(pages_api, "_SUBSCRIPTIONS_A_PAGE", 2)
    monkeypatch.setattr(pages_api, "_DELIVERIES_A_PAGE", 2)
    for number in range(3):
        path, _ = await created(lights, name=f"no{number}")
    page = (await lights.get("/")).text
    assert ("no1" in page, "no2" in page) == (True, False)
    following = html.unescape(page.split('rel="next" href="')[1].split('"')[0])
    assert "no2" in (await lights.get(following)).text
    await happened(
        notifier.database, a_story(uuid7(), a_dispatch(), CaseProgress(note="1"), CaseProgress(note="2"))
    )
    page = (await lights.get(path)).text
    assert page.count('class="line"') == 2
    following = html.unescape(page.split('rel="next" href="')[1].split('"')[0])
    assert (await lights.get(following)).text.count('class="line"') == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/?after=nonsense", 422),
        ("/subscriptions/nonsense", 404),
        ("/subscriptions/nonsense/deliveries/x", 404),
        ("/?after=", 200),
    ],
)
async def test_bad_questions_get_a_page_too(lights, path, status):
    answer = await lights.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")


async def test_questions_about_the_log_that_make_no_sense_are_refused(lights):
    path, _ = await created(lights)
    for query in ("status=nonsense", "after=0", f"after={2**63}", "after=x"):
        assert (await lights.get(f"{path}?{query}")).status_code == 422, query
    assert (await lights.get(f"{path}/deliveries/{uuid4()}")).status_code == 404
