"""What of a case leaves the house, by its level and by what the subscriber has to do with it."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from contracts.envelope import Fact
from contracts.events import EVENTS, FACTS
from contracts.facts.case import CaseFiled, CaseHandled, CaseProgress
from contracts.facts.reason import Circumstance, Reason
from contracts.facts.report import Place
from contracts.vocabulary import Check, Privacy, Procedure, Urgency
from services.notifier.message import cloud_event
from services.notifier.privacy import FREE_TEXT, VIEWS, WITHHELD, View, kept, shown, view_of
from services.notifier.scope import Relation
from tests.notifier.case_facts import WRITTEN, a_dispatch, an_entry, an_event

# what the other text fields of facts about cases hold: codes, references, words of a fixed list
_NO_WORDS = {
    *("unit", "units", "lead", "former_lead", "co_handlers", "copies", "tracker", "handler", "superior", "supervisor"),
    *("first_responsible", "category", "cause", "line", "evidence_method", "clock", "asked_by", "decided_by"),
    *("agreed_by", "name", "name_en"),
}  # fmt: skip


def test_every_text_field_of_a_fact_is_known_to_hold_words_or_not() -> None:
    said = {
        name
        for kind, fact in FACTS.items()
        if kind.startswith(("case.", "approval."))
        for name, field in fact.model_fields.items()
        if field.annotation in (str, str | None, tuple[str, ...])
    }
    assert said <= FREE_TEXT | _NO_WORDS
    assert not FREE_TEXT & _NO_WORDS


WORDS = [
    CaseProgress(note="已联系李女士"),
    CaseHandled(round=1, unit="U", result="已与李女士面谈", evidence_method="visit"),
]


@pytest.mark.parametrize("relation", VIEWS[Privacy.CONFIDENTIAL])
@pytest.mark.parametrize("fact", WORDS)
def test_nobodys_words_of_a_confidential_case_leave_and_the_shape_stays(
    fact: Fact, relation: Relation
) -> None:
    event = an_event(fact)
    body = shown(event.model_dump_json().encode(), VIEWS[Privacy.CONFIDENTIAL][relation])
    assert "李女士" not in body.decode()
    assert WITHHELD in body.decode()
    EVENTS[event.type].model_validate_json(body)


PLACE = Place(lon=120.123456, lat=30.654321, grid="G-7", component_id="LAMP-9", has_address=True)
GRID = {"grid": "G-7", "has_address": True}
NEAR = GRID | {"lon": 120.123, "lat": 30.654}
FULL = PLACE.model_dump()
ACTS, ABOVE, TOLD, AREA, HOUSE = Relation

# level and relation to: the report's text, is a unit's note to be read, the place; None: nothing at all
SEEN = [
    *[(Privacy.OPEN, relation, (WRITTEN, True, FULL)) for relation in Relation],
    *[(Privacy.RESTRICTED, relation, (WRITTEN, True, FULL)) for relation in (ACTS, ABOVE, HOUSE)],
    *[(Privacy.RESTRICTED, relation, (None, True, FULL)) for relation in (TOLD, AREA)],
    *[(Privacy.CONFIDENTIAL, relation, (None, False, NEAR)) for relation in (ACTS, ABOVE)],
    *[(Privacy.CONFIDENTIAL, relation, (None, False, GRID)) for relation in (TOLD, AREA, HOUSE)],
    *[(Privacy.SEALED, relation, None) for relation in (ABOVE, TOLD, AREA)],
    *[(None, relation, (None, False, GRID)) for relation in Relation],
]


@pytest.mark.parametrize(("privacy", "relation", "expected"), SEEN)
def test_who_sees_what_by_table(privacy: Privacy | None, relation: Relation, expected: Any) -> None:
    view = view_of(privacy, relation)
    assert (view is None) == (expected is None)
    if view is not None:
        order = _data(a_dispatch(place=PLACE), view)
        note = _data(CaseProgress(note="on the way"), view)["note"]
        assert (order.get("text"), note == "on the way", order["place"]) == expected


@pytest.mark.parametrize("relation", [ACTS, TOLD])
def test_a_place_nearby_is_named_where_the_exact_place_is(relation: Relation) -> None:
    """Of an open and of a confidential case."""
    reason = Reason(rule="S2", effect="points", points=15, about=Circumstance(kind="school", name="梅园小学"))
    filed = CaseFiled(
        procedure=Procedure.COORDINATE,
        privacy=Privacy.OPEN,
        check=Check.NONE,
        visit=False,
        base_urgency=Urgency.GENERAL,
        reasons=(reason,),
    )
    assert "梅园小学" in str(_data(filed, VIEWS[Privacy.OPEN][relation]))
    confidential = _data(filed, VIEWS[Privacy.CONFIDENTIAL][relation])
    assert "梅园小学" not in str(confidential)
    assert confidential["reasons"][0]["points"] == 15


@pytest.mark.parametrize("relation", [ACTS, HOUSE])
def test_of_a_sealed_case_only_its_unit_and_the_house_hear_and_only_the_bare_facts(
    relation: Relation,
) -> None:
    event = an_event(a_dispatch(place=PLACE), category="G02-01", clocks=[])
    view = view_of(Privacy.SEALED, relation)
    assert view is not None
    body = orjson.loads(shown(event.model_dump_json().encode(), view))
    assert body.keys() - {"event_id", "case_id", "occurred_at", "recorded_at"} == {
        *("type", "schema_version", "case_version", "category", "tier", "urgency")
    }
    assert (body["category"], body["tier"], body["urgency"]) == ("G02", "town", "elevated")
    assert orjson.loads(shown(orjson.dumps(body), view)) == body


@pytest.mark.parametrize(
    ("privacy", "relation"), [(privacy, relation) for privacy, views in VIEWS.items() for relation in views]
)
def test_what_was_kept_of_a_sealed_case_stays_bare_at_whatever_level_since(
    privacy: Privacy | None, relation: Relation
) -> None:
    sealed = an_entry(a_dispatch(place=PLACE, privacy=Privacy.SEALED))
    since = replace(sealed, body=kept(sealed.body, privacy), privacy=privacy)
    sent = orjson.loads(cloud_event(since, VIEWS[privacy][relation]))
    assert sent["data"] == orjson.loads(sealed.body)
    assert "data" not in sent["data"]
    assert "dataschema" not in sent


def test_every_level_is_in_the_table() -> None:
    assert VIEWS.keys() == {*Privacy, None}


def test_an_open_case_is_told_as_it_is() -> None:
    body = an_event(CaseProgress(note="已到场")).model_dump_json().encode()
    assert shown(body, VIEWS[Privacy.OPEN][Relation.AREA]) is body


def _data(fact: Fact, view: View) -> dict[str, Any]:
    return dict(orjson.loads(shown(an_event(fact).model_dump_json().encode(), view))["data"])
