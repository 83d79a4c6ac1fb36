"""Who may read a report, and how much of it: by what his unit is to its case, and by how secret that is."""

from collections.abc import Callable
from itertools import permutations
from typing import Any
from uuid import UUID

import httpx
import pytest
from uuid_utils.compat import uuid7

from contracts.envelope import SYSTEM, Removed
from contracts.events import event_of
from contracts.facts import case as facts
from contracts.facts.directory import UnitDefined
from contracts.vocabulary import Privacy
from delivery.service import Service
from services.intake import units_store
from services.intake.handlers import on_case_events
from services.intake.reading import Involved, Reading, reading_of
from tests.intake.builders import a_report
from tests.intake.test_after_the_report import _filed
from tests.intake.test_status import NOON, _event

Headers = Callable[..., dict[str, str]]
SEEN, REDACTED, REFUSED, HIDDEN = Reading.PERSONAL, Reading.REDACTED, Reading.REFUSED, Reading.HIDDEN
LEVELS = (None, Privacy.OPEN, Privacy.RESTRICTED, Privacy.CONFIDENTIAL, Privacy.SEALED)


@pytest.mark.parametrize(
    ("roles", "unit", "readings"),
    [
        (["operator"], "U9", [SEEN, SEEN, SEEN, SEEN, SEEN]),
        (["admin"], None, [SEEN, SEEN, SEEN, SEEN, SEEN]),
        (["unit_lead"], "U1", [REDACTED, REDACTED, REDACTED, REDACTED, REDACTED]),
        (["handler"], "U2", [HIDDEN, REDACTED, REDACTED, HIDDEN, HIDDEN]),
        (["grid_worker"], "U3", [HIDDEN, REFUSED, REFUSED, HIDDEN, HIDDEN]),
        (["handler"], None, [HIDDEN, REFUSED, REFUSED, HIDDEN, HIDDEN]),
        (["supervisor"], None, [REDACTED, REDACTED, REDACTED, REDACTED, HIDDEN]),
        (["supervisor"], "U3", [HIDDEN, REFUSED, REFUSED, HIDDEN, HIDDEN]),
        (["assessor"], "U1", [REFUSED, REFUSED, REFUSED, REFUSED, REFUSED]),
        ([], "U1", [REFUSED, REFUSED, REFUSED, REFUSED, REFUSED]),
    ],
)
def test_by_role_unit_and_privacy(roles: list[str], unit: str | None, readings: list[Reading]) -> None:
    """U1 acts on the case, U2 is told of it."""
    for privacy, reading in zip(LEVELS, readings, strict=True):
        involved = Involved(privacy, frozenset({"U1"}), frozenset({"U2"}))
        assert reading_of(roles, unit, submitted_it=False, involved=involved) is reading, privacy


def test_who_handed_it_in_reads_what_he_wrote() -> None:
    sealed = Involved(Privacy.SEALED)
    assert reading_of(["grid_worker"], "U3", submitted_it=True, involved=sealed) is REDACTED


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_report_is_read_by_the_units_of_its_case(
    http: httpx.AsyncClient, intake: Service, as_: Headers, order: tuple[int, ...]
) -> None:
    """In whatever order the events come; raised to sealed, it is for those who act alone."""
    report = (await http.post("/v1/reports", json=a_report())).json()
    life = [
        _event(report["case_id"], 2, _dispatched("U1")),
        _event(report["case_id"], 3, _escalated("U5")),
        _event(report["case_id"], 4, facts.CasePrivacyChanged(before="open", after="sealed")),
    ]
    for index in order:
        async with intake.database.transaction() as connection:
            await on_case_events(connection, [life[index]])
    answers = await _answers(http, as_, report, "U1", "U2", "U3", "U4", "U5", "U9")
    assert answers == {"U1": 200, "U2": 200, "U3": 404, "U4": 404, "U5": 200, "U9": 404}


async def test_what_is_open_is_refused_to_others_by_name(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    report = (await http.post("/v1/reports", json=a_report())).json()
    assert await _answers(http, as_, report, "U1") == {"U1": 404}
    async with intake.database.transaction() as connection:
        await on_case_events(connection, [_event(report["case_id"], 2, _dispatched("U1"))])
    answers = await _answers(http, as_, report, "U1", "U2", "U3", "U4", "U9")
    assert answers == {"U1": 200, "U2": 200, "U3": 200, "U4": 200, "U9": 403}


async def test_a_report_is_read_by_those_above_the_units_of_its_case(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    """As the directory says it last; also when it is sealed."""
    report = (await http.post("/v1/reports", json=a_report())).json()
    sealed = facts.CasePrivacyChanged(before="open", after="sealed")
    async with intake.database.transaction() as connection:
        await on_case_events(
            connection,
            [_event(report["case_id"], 2, _dispatched("U1")), _event(report["case_id"], 3, sealed)],
        )
        await units_store.keep(connection, [_unit("U1", "U7"), _unit("U7", "U8"), _unit("U9", "U8")])
    answers = await _answers(http, as_, report, "U1", "U7", "U8", "U9")
    assert answers == {"U1": 200, "U7": 200, "U8": 200, "U9": 404}
    async with intake.database.transaction() as connection:
        gone = Removed(event_id=uuid7(), subject="U7")
        await units_store.keep(connection, [_unit("U1", "U9", version=2), gone])
        await units_store.keep(connection, [_unit("U1", "U7")])  # again, and late
    answers = await _answers(http, as_, report, "U1", "U7", "U8", "U9")
    assert answers == {"U1": 200, "U7": 404, "U8": 200, "U9": 200}


async def test_of_one_batch_the_newest_version_counts_wherever_it_stands(intake: Service) -> None:
    """A removal has none: what is said after it counts."""
    async with intake.database.transaction() as connection:
        gone = Removed(event_id=uuid7(), subject="U2")
        late = [
            _unit("U1", "U9", version=2),
            _unit("U1", "U7"),
            _unit("U2", "U9", version=2),
            gone,
            _unit("U2", "U7"),
        ]
        await units_store.keep(connection, late)
        rows = await connection.fetch("select code, parent, version from units order by code")
    assert [tuple(row) for row in rows] == [("U1", "U9", 2), ("U2", "U7", 1)]


async def test_a_merged_report_is_read_by_those_who_work_on_its_master(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    report, master = [(await http.post("/v1/reports", json=a_report())).json() for _ in range(2)]
    merged = facts.CaseMerged(master_case_id=UUID(master["case_id"]))
    async with intake.database.transaction() as connection:
        await on_case_events(
            connection,
            [
                _event(master["case_id"], 2, _dispatched("U1")),
                _filed(report),
                _event(report["case_id"], 3, merged),
            ],
        )
    assert await _answers(http, as_, report, "U1", "U9") == {"U1": 200, "U9": 403}


def _unit(code: str, parent: str, *, version: int = 1) -> Any:
    fact = UnitDefined(
        code=code, name=code, kind="k", tier="town", area="A", parent=parent, directory_version=version
    )
    return event_of(
        fact,
        event_id=uuid7(),
        occurred_at=NOON,
        recorded_at=NOON,
        actor=SYSTEM,
        correlation_id=uuid7(),
        subject=code,
    )


def _dispatched(lead: str) -> Any:
    return facts.CaseDispatched(
        round=1,
        lead=lead,
        co_handlers=("U2",),
        copies=("U3",),
        tracker="U4",
        procedure="coordinate",
        privacy="open",
    )


def _escalated(lead: str) -> Any:
    return facts.CaseEscalated(round=2, lead=lead, former_lead="U1", cause="asked")


async def _answers(
    http: httpx.AsyncClient, as_: Headers, report: dict[str, Any], *units: str
) -> dict[str, int]:
    """How a handler of each unit is answered."""
    path = f"/v1/reports/{report['report_id']}"
    return {unit: (await http.get(path, headers=as_("handler", unit=unit))).status_code for unit in units}
