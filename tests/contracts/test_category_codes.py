"""A code that a ruleset may hold is taken wherever the code of a category is said."""

import pytest
from pydantic import TypeAdapter

from delivery.field_types import CategoryCode
from services.notifier.filter import Filter, matches
from services.router.rulesets.checking import check_ruleset
from services.router.rulesets.ruleset import load_ruleset
from tests.notifier.case_facts import a_dispatch, an_entry

SHAPES = ["C01-05", "ROAD-01", "C1-01", "C-01", "C01-001", "A1B2C3D4E5-99999"]


@pytest.mark.parametrize("code", SHAPES)
def test_a_ruleset_a_report_and_a_filter_take_the_same_codes(code: str) -> None:
    document = load_ruleset().model_dump(mode="json")
    document["classes"].setdefault(code.split("-")[0], {"zh": "类", "en": "Class", "kind": "event"})
    document["categories"][code] = document["categories"]["C01-05"] | {"code": code}
    assert check_ruleset(document)[1] == []
    assert TypeAdapter(CategoryCode).validate_python(code) == code
    event = an_entry(a_dispatch(), category=code)
    for wanted in (code, code.split("-")[0], code[0]):
        assert matches(Filter(categories=(wanted,)), event)
