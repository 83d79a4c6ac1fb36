"""What is published is what is declared, and every record that a published schema allowed can still be read."""

import json
import shutil
from pathlib import Path

import pytest

from contracts import publish
from contracts.envelope import Fact
from contracts.events import EVENTS, HOME, TYPES, NotAnEvent, decode, type_of
from contracts.facts.case import CaseVerifyRequested
from contracts.facts.report import ReportReminded
from contracts.topics import CASES, REPORTS, TOPICS
from tests.contracts.schema_samples import smallest, whole

PUBLISHED = {path.name: json.loads(path.read_text()) for path in (publish.HERE / "schemas").glob("*.json")}

# as the domain document lists them, under "Events" in the state machine
DOMAIN = """
approval.approved approval.defined approval.materials_asked approval.objection approval.objection_answered
approval.refused approval.returned approval.reviewed approval.started case.accepted case.appeal_decided
case.appeal_opened case.archived case.called_in case.check_requested case.checked case.closed
case.consult_opened case.designated case.dispatched case.escalated case.extended case.feedback_given
case.filed case.handed_over case.handled case.line_called case.merged case.privacy_changed case.progress
case.reclassified case.redo case.rejected case.reminded case.reopened case.resumed case.returned case.rework
case.signed case.supervised case.suspended case.unmerged case.urgency_changed case.verified
case.verify_requested case.visited case.voided report.submitted
"""


def test_the_committed_schemas_are_those_of_the_declarations() -> None:
    made = {name: json.loads(publish.text_of(schema)) for name, schema in publish.schemas().items()}
    assert made == PUBLISHED, "run `make schemas` and read what changed"


def test_the_committed_tables_are_those_of_the_declarations() -> None:
    readme = (publish.HERE / "README.md").read_text()
    assert publish.with_tables(readme) == readme, "run `make schemas`"
    assert all(f"`{name}`" in readme for name in EVENTS)
    assert all(f"`{topic.name}`" in readme for topic in TOPICS)


def test_every_event_of_the_domain_is_declared() -> None:
    named = set(DOMAIN.split())
    assert len(named) == 48
    assert named <= set(EVENTS)


def test_reports_and_cases_are_on_their_own_topics() -> None:
    assert {HOME[name] for name in EVENTS if name.startswith("report.")} == {REPORTS}
    assert {HOME[name] for name in EVENTS if name.startswith(("case.", "approval."))} == {CASES}


def test_every_fact_has_a_name_of_its_own_on_the_wire() -> None:
    declared = [fact for fact in Fact.__subclasses__() if fact.__module__.startswith("contracts.facts.")]
    assert sorted(map(type_of, declared)) == sorted(EVENTS)
    assert {TYPES[fact] for fact in declared} == set(EVENTS)
    assert TYPES[CaseVerifyRequested] == "case.verify_requested"


@pytest.mark.parametrize("name", sorted(PUBLISHED))
@pytest.mark.parametrize("sample", [smallest, whole])
def test_a_record_of_the_published_shape_can_be_read(name: str, sample) -> None:  # type: ignore[no-untyped-def]
    event_type = name.rsplit(".v", 1)[0]
    said = sample(PUBLISHED[name]) | {"type": event_type}
    event = decode(event_type, json.dumps(said).encode())
    assert event.type == event_type


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_fields_of_a_newer_writer_are_passed_over(name: str) -> None:
    event_type = name.rsplit(".v", 1)[0]
    said = whole(PUBLISHED[name]) | {"type": event_type}
    newer = said | {"newer": {"deep": [1]}, "data": said["data"] | {"newer": "x"}}
    assert decode(event_type, json.dumps(newer).encode()) == decode(event_type, json.dumps(said).encode())


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_without_a_required_field_it_is_no_event(name: str) -> None:
    event_type = name.rsplit(".v", 1)[0]
    said = whole(PUBLISHED[name]) | {"type": event_type}
    for field in PUBLISHED[name]["required"]:
        with pytest.raises(NotAnEvent, match=field):
            decode(
                event_type, json.dumps({key: value for key, value in said.items() if key != field}).encode()
            )


def test_a_published_schema_is_not_overwritten_by_a_breaking_one(folder: Path) -> None:
    path = folder / "schemas" / "report.reminded.v1.json"
    path.write_text(path.read_text().replace('"text"', '"said"'))
    before = path.read_text()
    with pytest.raises(
        publish.PublishedSchemaBroken, match=r"report\.reminded\.v1\.json: data\.said: removed"
    ):
        publish.publish(folder)
    assert path.read_text() == before


def test_an_event_is_not_forgotten_while_its_schema_is_published(folder: Path) -> None:
    (folder / "schemas" / "report.sung.v1.json").write_text("{}")
    with pytest.raises(publish.PublishedSchemaBroken, match=r"report\.sung\.v1\.json: no longer declared"):
        publish.publish(folder)


def test_a_new_optional_field_is_published(folder: Path) -> None:
    path = folder / "schemas" / "report.reminded.v1.json"
    older = json.loads(path.read_text())
    del older["$defs"][ReportReminded.__name__]["properties"]["text"]
    path.write_text(json.dumps(older))
    publish.publish(folder)
    assert "text" in json.loads(path.read_text())["$defs"][ReportReminded.__name__]["properties"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(publish.HERE / "schemas", tmp_path / "schemas")
    shutil.copy(publish.HERE / "README.md", tmp_path)
    return tmp_path
