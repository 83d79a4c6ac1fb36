"""What a ruleset must be, where each fault of it stands, and what an area may lay down for itself."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.vocabulary import Clock, Urgency
from services.router.clocks.limits import parse_limit
from services.router.rulesets.checking import check_ruleset, read_document
from services.router.rulesets.for_area import category_in
from services.router.rulesets.ruleset import Ruleset
from tests.router.documents import ABSENT, SHIPPED, a_document


def pointers(document: dict[str, Any]) -> list[str]:
    return [finding.pointer for finding in check_ruleset(document)[1]]


def test_the_shipped_ruleset_is_sound() -> None:
    assert check_ruleset(a_document()) == (SHIPPED, [])


FAULTS: list[tuple[str, Any, str]] = [
    ("/version", "no spaces please", "/version"),
    ("/title", {"zh": "只有中文"}, "/title/en"),
    ("/effective_from", "2026-02-30", "/effective_from"),
    ("/frob", 1, "/frob"),
    ("/categories/C01-05/frob", 1, "/categories/C01-05/frob"),
    ("/categories/C01-05/handle_limit", "two days", "/categories/C01-05/handle_limit"),
    ("/categories/C01-05/handle_limit", "2 work_day\u0000", "/categories/C01-05/handle_limit"),
    ("/categories/C01-05/handle_limit", 2, "/categories/C01-05/handle_limit"),
    ("/categories/C01-05/handle_limit", None, "/categories/C01-05/handle_limit"),
    ("/categories/C01-05/tier", "street", "/categories/C01-05/tier"),
    ("/categories/C01-05/lead", ["lighting", "polise"], "/categories/C01-05/lead/1"),
    ("/categories/C01-05/lead", ["lighting", "grid_worker"], "/categories/C01-05/lead/1"),
    ("/categories/C03-02/lead", ["sanitation"], "/categories/C03-02/lead"),
    ("/categories/C01-05/co_handlers", ["nobody"], "/categories/C01-05/co_handlers/0"),
    ("/categories/C01-05/code", "C01-06", "/categories/C01-05/code"),
    ("/categories/C01-01/control_limit", None, "/categories/C01-01/control_limit"),
    ("/categories/X01-01", ABSENT, "/categories/X01-01"),
    ("/categories/V05-01", ABSENT, "/categories/V05-01"),
    ("/categories/V05-02", ABSENT, "/categories/V05-02"),
    ("/categories", [], "/categories"),
    ("/unit_kinds/police/tier", "galaxy", "/unit_kinds/police/tier"),
    ("/unit_kinds/district_centre", ABSENT, "/unit_kinds/district_centre"),
    ("/clocks/sign/urgent", ABSENT, "/clocks/sign/urgent"),
    ("/clocks/control/critical", ABSENT, "/clocks/control/critical"),
    ("/clocks/appeal/general", "soon", "/clocks/appeal/general"),
    ("/clocks/sgin", {}, "/clocks/sgin"),
    ("/escalation/urgent", ABSENT, "/escalation/urgent"),
    ("/escalation/urgent/reminders/1/share", 0.5, "/escalation/urgent/reminders/1/share"),
    ("/escalation/urgent/reminders/1/share", 1.5, "/escalation/urgent/reminders/1/share"),
    ("/escalation/urgent/red_after", "4 urgent_hour", "/escalation/urgent/red_after"),
    ("/escalation/urgent/red_after_by_clock/sign", "1 work_hour", "/escalation/urgent/red_after_by_clock/sign"),
    ("/overrides/D1/categories/C99-01", {}, "/overrides/D1/categories/C99-01"),
    ("/overrides/D1/categories/C01-05/handle_limit", "3 work_day", "/overrides/D1/categories/C01-05/handle_limit"),
    ("/overrides/D1/categories/C01-05/control_limit", "1 work_day", "/overrides/D1/categories/C01-05/control_limit"),
    ("/overrides/D1/categories/C01-05/lead", ["grid_worker"], "/overrides/D1/categories/C01-05/lead/0"),
    ("/overrides/D1/categories/C01-05/on_refusal", ["x/~y"], "/overrides/D1/categories/C01-05/on_refusal/0"),
    ("/overrides/D1/categories/C01-05/tier", "grid", "/overrides/D1/categories/C01-05/tier"),
    ("/overrides/D1/words/F99", {"zh": ["火龙"]}, "/overrides/D1/words/F99"),
    ("/overrides/D1/words/F01/zh", ["火(龙"], "/overrides/D1/words/F01/zh/0"),
    ("/overrides/D1/words/fire", {"zh": ["火龙"]}, "/overrides/D1/words/fire"),
    ("/urgency/floors/F01/category", "C99-99", "/urgency/floors/F01/category"),
    ("/urgency/floors/F01/category", "V03-02", "/urgency/floors/F01/category"),
    ("/overrides/D~1 a/categories/C01-05/handle_limit", "x", "/overrides/D~01 a/categories/C01-05/handle_limit"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "pointer"), FAULTS)
def test_each_fault_is_named_where_it_is_and_no_other(path: str, value: Any, pointer: str) -> None:
    assert pointers(a_document((path, value))) == [pointer]


def test_a_class_that_is_not_there_is_missed_by_each_of_its_rows() -> None:
    assert pointers(a_document(("/classes/C05", ABSENT))) == ["/categories/C05-01"]


def test_a_general_unit_that_has_moved_is_missed_at_its_tier_and_by_the_rows_it_led() -> None:
    found = pointers(a_document(("/unit_kinds/town_government/tier", "district")))
    assert found[0] == "/unit_kinds/town_government/tier"
    assert "/categories/G01-04/lead" in found


def test_all_faults_are_found_at_once_those_of_shape_and_those_of_sense() -> None:
    chosen = [FAULTS[index] for index in (0, 1, 5, 14, 16, 21, 25, 31)]
    assert set(pointers(a_document(*(fault[:2] for fault in chosen)))) == {pointer for *_, pointer in chosen}


@pytest.mark.parametrize("document", [{}, {"categories": None}, {"overrides": 3}, {"clocks": {"sign": 3}}])
def test_whatever_is_given_is_answered(document: dict[str, Any]) -> None:
    ruleset, findings = check_ruleset(document)
    assert ruleset is None
    assert findings


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3),
    max_leaves=5,
)


@settings(max_examples=40)
@given(st.data())
def test_whatever_stands_anywhere_is_a_finding_or_a_sound_ruleset(data: st.DataObject) -> None:
    document = a_document(("/overrides", {"D1": {"categories": {"C01-05": {"handle_limit": "1 work_day"}}}}))
    place: Any = document
    while True:
        step = data.draw(
            st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1)
        )
        if not place[step] or not isinstance(place[step], dict | list) or data.draw(st.integers(0, 3)) == 0:
            break
        place = place[step]
    place[step] = data.draw(_json)
    ruleset, findings = check_ruleset(document)
    assert (ruleset is None) == bool(findings)
    assert all(finding.pointer.startswith("/") for finding in findings)
    if ruleset is not None:
        assert Ruleset.model_validate_json(ruleset.model_dump_json()) == ruleset


@pytest.mark.parametrize(
    ("body", "pointer", "said"),
    [
        (b"{", "", "line 1 column 2"),
        (b"[]", "", "a JSON object"),
        (b"[" * 100_000, "", "nested too deeply"),
        (b"\xff", "", "not UTF-8"),
        (b'{"frob": ' + b"[" * 400 + b"]" * 400 + b"}", "", "nested too deeply"),
        (b'{"frob": ' + b"9" * 5000 + b"}", "", "number"),
        (b'{"categories": {"C01-05": 1, "C01-05": 2}}', "/categories/C01-05", "twice"),
        (b'{"a": [{"x/y": 1, "x/y": 2}]}', "/a/0/x~1y", "twice"),
    ],
)
def test_what_json_itself_would_let_pass(body: bytes, pointer: str, said: str) -> None:
    (finding,) = read_document(body)[1]
    assert finding.pointer == pointer
    assert said in finding.detail


OWN = {"D1": {"C01-05": {"handle_limit": "1 work_day", "lead": ["municipal_works", "lighting"]}},
       "D111": {"C01-05": {"handle_limit": "4 work_hour"}}}  # fmt: skip


@pytest.mark.parametrize(
    ("areas", "limit", "lead"),
    [
        (("D121", "D12", "D1", "D"), "1 work_day", "municipal_works"),
        (("D111", "D11", "D1", "D"), "4 work_hour", "municipal_works"),
        (("D2",), "2 work_day", "lighting"),
        ((), "2 work_day", "lighting"),
    ],
)
def test_the_nearest_area_has_the_last_word(areas: tuple[str, ...], limit: str, lead: str) -> None:
    overrides = {area: {"categories": rows} for area, rows in OWN.items()}
    ruleset, findings = check_ruleset(a_document(("/overrides", overrides)))
    assert ruleset is not None, findings
    category = category_in(ruleset, "C01-05", areas)
    assert (category.handle_limit, category.lead[0]) == (parse_limit(limit), lead)
    assert category_in(ruleset, "C01-01", areas) == SHIPPED.category("C01-01")
    assert category_in(SHIPPED, "C01-05", areas) is SHIPPED.category("C01-05")


ESCALATION: list[tuple[Urgency, Clock, list[float], str, str]] = [
    (Urgency.CRITICAL, Clock.SIGN, [0.5, 0.8], "10 minute", "1 urgent_hour"),
    (Urgency.CRITICAL, Clock.HANDLE, [0.5, 0.8], "30 minute", "1 urgent_hour"),
    (Urgency.URGENT, Clock.SIGN, [0.5, 0.8], "30 minute", "4 urgent_hour"),
    (Urgency.URGENT, Clock.HANDLE, [0.5, 0.8], "1 urgent_hour", "4 urgent_hour"),
    (Urgency.ELEVATED, Clock.SIGN, [0.8], "4 work_hour", "2 work_day"),
    (Urgency.GENERAL, Clock.HANDLE, [0.5, 0.8], "1 work_day", "5 work_day"),
]


@pytest.mark.parametrize(("urgency", "clock", "shares", "red", "bulletin"), ESCALATION)
def test_the_stages_of_the_shipped_ruleset(
    urgency: Urgency, clock: Clock, shares: list[float], red: str, bulletin: str
) -> None:
    stages = SHIPPED.escalation[urgency]
    assert [reminder.share for reminder in stages.reminders] == shares
    assert (str(stages.red(clock)), str(stages.bulletin_after)) == (red, bulletin)


@pytest.mark.parametrize(("limit", "count"), [("1 work_day", 2), ("8 work_hour", 2), ("4 work_hour", 1)])
def test_short_general_limits_have_one_reminder(limit: str, count: int) -> None:
    reminders = SHIPPED.escalation[Urgency.GENERAL].reminders
    assert sum(reminder.applies_to(parse_limit(limit)) for reminder in reminders) == count


def test_a_category_is_a_class_a_subclass_and_a_condition() -> None:
    for row in SHIPPED.categories.values():
        assert row.class_code in SHIPPED.classes
        assert all((row.subclass_zh, row.subclass_en, row.condition_zh, row.condition_en))
    missing = SHIPPED.category("C01-01")
    assert (SHIPPED.classes[missing.class_code].zh, missing.subclass_zh, missing.condition_zh) == (
        "公用设施",
        "井盖",
        "缺失、移位",
    )
    named = [(row.class_code, row.subclass_zh, row.condition_zh) for row in SHIPPED.categories.values()]
    assert len(set(named)) == len(named)


def test_closing_words_are_the_rows_own_or_those_of_all() -> None:
    own = SHIPPED.category("C01-05").model_copy(update={"closing_zh": "灯已亮"})
    assert SHIPPED.closing_condition_of(own).zh == "灯已亮"
    assert SHIPPED.closing_condition_of(own).en == SHIPPED.closing_condition.en


def test_a_stored_ruleset_of_a_newer_release_is_read_by_an_older_one() -> None:
    assert Ruleset.model_validate(a_document(("/frob", 1), ("/categories/C01-05/frob", 1))) == SHIPPED
