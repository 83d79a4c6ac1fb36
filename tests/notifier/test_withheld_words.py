"""Of a protected case nobody's words leave the house, and what leaves still has its shape."""

import pytest
from pydantic import BaseModel

from contracts.events import EVENTS, FACTS
from contracts.facts.case import CaseHandled, CaseProgress
from contracts.vocabulary import Privacy
from services.notifier.privacy import FREE_TEXT, WITHHELD, cleared
from tests.notifier.case_facts import an_event

# what the other text fields of facts about cases hold: codes, references, words of a fixed list
_NO_WORDS = {
    *("unit", "units", "lead", "former_lead", "co_handlers", "copies", "tracker", "handler", "superior", "supervisor"),
    *("first_responsible", "category", "cause", "line", "evidence_method", "clock", "asked_by", "decided_by"),
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


@pytest.mark.parametrize("privacy", [Privacy.CONFIDENTIAL, Privacy.SEALED])
@pytest.mark.parametrize(
    "fact",
    [
        CaseProgress(note="已联系李女士"),
        CaseHandled(round=1, unit="U", result="已与李女士面谈", evidence_method="visit"),
    ],
)
def test_nobodys_words_leave_and_the_shape_stays(fact: BaseModel, privacy: Privacy) -> None:
    event = an_event(fact)
    body = cleared(event.model_dump_json().encode(), privacy)
    assert "李女士" not in body.decode()
    assert WITHHELD in body.decode()
    EVENTS[event.type].model_validate_json(body)


def test_an_open_case_is_told_as_it_is() -> None:
    body = an_event(CaseProgress(note="已到场")).model_dump_json().encode()
    assert cleared(body, Privacy.OPEN) == body
