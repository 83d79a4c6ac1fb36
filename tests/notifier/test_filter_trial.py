"""A filter tried on recent events: counted and shown to each as far as a delivery would be, and never further."""

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CasePrivacyChanged, CaseProgress
from contracts.facts.directory import AreaDefined, UnitDefined
from contracts.vocabulary import Privacy
from services.notifier import trial, trial_api
from services.notifier.privacy import WITHHELD
from services.notifier.store import directory
from tests.architecture_rules import ROOT
from tests.notifier.case_facts import WRITTEN, a_dispatch, a_story, an_event
from tests.notifier.directory_facts import directory_events
from tests.notifier.rows import happened
from tests.notifier.subscribing import TRIAL, tried


def counts(found):
    return found["read"], found["examined"], found["matched"]


async def test_matches_are_counted_and_the_newest_shown_first(client, notifier, agency):
    case = uuid7()
    await happened(
        notifier.database, a_story(case, a_dispatch(), CaseProgress(note="1"), CaseProgress(note="2"))
    )
    found = await tried(client, agency, event_types=["case.progress"])
    assert counts(found) == (3, 3, 2)
    assert [item["event"]["data"]["data"]["note"] for item in found["items"]] == ["2", "1"]
    assert {(item["relation"], item["event"]["subject"]) for item in found["items"]} == {("acts", str(case))}
    assert found["since"] is not None
    assert counts(await tried(client, agency, min_urgency="critical")) == (3, 3, 0)
    assert counts(await tried(client, agency)) == (3, 3, 3)


async def test_nobody_is_shown_or_counted_what_he_may_not_hear_of(
    client, notifier, agency, other_agency, admin
):
    await happened(notifier.database, a_story(uuid7(), a_dispatch()))
    await happened(notifier.database, a_story(uuid7(), a_dispatch(lead="WATER", co_handlers=())))
    assert counts(await tried(client, agency)) == (2, 1, 1)
    assert counts(await tried(client, other_agency)) == (2, 1, 1)
    assert counts(await tried(client, admin)) == (2, 2, 2)
    wider = await tried(client, agency, units=["WATER"])
    assert (counts(wider), wider["items"]) == ((2, 1, 0), []), "a filter narrows and never widens"


async def test_who_answers_for_the_ground_or_stands_above_is_told_by_the_directory(client, notifier, token):
    facts = [event.data for event in directory_events() if isinstance(event.data, AreaDefined | UnitDefined)]
    async with notifier.database.transaction() as connection:
        await directory.define(connection, facts)
        await directory.count_change(connection)
    await happened(
        notifier.database, a_story(uuid7(), a_dispatch(lead="LIGHTS-NORTH", co_handlers=()), grid="G-11")
    )
    for unit, relation in (
        ("LIGHTS", "above"),
        ("U-D-1", "area"),
        ("U-G-11", "area"),
        ("U-D-2", None),
        ("WATER", None),
    ):
        found = await tried(client, {"Authorization": f"Bearer {token('agency', unit=unit)}"})
        assert [item["relation"] for item in found["items"]] == ([relation] if relation else []), unit


async def test_what_is_shown_is_what_a_delivery_would_hold(client, notifier, agency, admin, token):
    case = uuid7()
    await happened(notifier.database, a_story(case, a_dispatch(), CaseProgress(note="with Mrs Li")))
    told = {"Authorization": f"Bearer {token('agency', unit='TOWN-1')}"}
    assert WRITTEN in str(await tried(client, told))
    changed = CasePrivacyChanged(before=Privacy.OPEN, after=Privacy.CONFIDENTIAL, reason="x")
    await happened(notifier.database, [an_event(changed, case_id=case, case_version=3)])
    for headers in (agency, admin, told):
        found = str(await tried(client, headers))
        assert WRITTEN not in found, "the level of now counts for what was written before"
        assert "Mrs Li" not in found
        assert WITHHELD in found
    sealed = CasePrivacyChanged(before=Privacy.CONFIDENTIAL, after=Privacy.SEALED, reason="x")
    await happened(notifier.database, [an_event(sealed, case_id=case, case_version=4)])
    assert counts(await tried(client, told)) == (4, 0, 0)
    assert all("data" not in item["event"]["data"] for item in (await tried(client, agency))["items"])


async def test_only_so_much_is_gone_through(client, notifier, agency, monkeypatch):
    monkeypatch.setattr(trial_api, "NEWEST", 7)
    monkeypatch.setattr(trial_api, "_PAGE", 3)
    monkeypatch.setattr(trial, "SHOWN", 2)
    for number in range(9):
        await happened(notifier.database, a_story(uuid7(), a_dispatch(text=str(number))))
    found = await tried(client, agency)
    assert counts(found) == (7, 7, 7)
    assert [item["event"]["data"]["data"]["text"] for item in found["items"]] == ["8", "7"]


def test_the_documentation_says_how_much() -> None:
    text = (ROOT / "docs" / "subscribing.md").read_text("utf-8")
    assert f"newest {trial.NEWEST:,} events" in text
    assert f"newest {trial.SHOWN} as a webhook" in text


async def test_before_anything_has_happened_there_is_nothing(client, agency):
    assert await tried(client, agency) == {"read": 0, "examined": 0, "matched": 0, "since": None, "items": []}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/filter"), ({"filter": {"tiers": []}}, "/filter/tiers"), ({"filter": {}, "x": 1}, "/x"),
     ({"filter": {"event_types": ["case.nonsense"]}}, "/filter/event_types/0"), ([], "/")],
)  # fmt: skip
async def test_what_is_no_filter_is_named(client, agency, body, pointer):
    answer = await client.post(TRIAL, json=body, headers=agency)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_who_may_not_subscribe_may_not_try(client, token):
    for bearer, status in ((None, 401), (token("handler", unit="LIGHTS"), 403), (token("agency"), 403)):
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        assert (await client.post(TRIAL, json={"filter": {}}, headers=headers)).status_code == status
