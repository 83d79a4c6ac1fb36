"""Who may read a report, and how much of it: by what his unit is to its case, and by how secret that is."""

from itertools import permutations
from typing import Any
from uuid import UUID

import httpx
import pytest
from uuid_utils.compat import uuid7

from contracts.envelope import Removed
from contracts.facts import approval, closing
from contracts.facts import case as facts
from contracts.vocabulary import Privacy, Tier
from delivery.service import Service
from services.intake import directory_store
from services.intake.handlers import on_case_events
from services.intake.reading import Involved, Member, Reading, reading_of
from tests.intake.builders import BY_DAY, a_report
from tests.intake.case_facts import a_filing, an_event
from tests.intake.readers import Headers, a_unit, answers, hear, led_by

SEEN, REDACTED, REFUSED, HIDDEN = Reading.PERSONAL, Reading.REDACTED, Reading.REFUSED, Reading.HIDDEN
LEVELS = (None, Privacy.OPEN, Privacy.RESTRICTED, Privacy.CONFIDENTIAL, Privacy.SEALED)


@pytest.mark.parametrize(
    ("roles", "unit", "readings"),
    [
        (["operator"], None, [SEEN, SEEN, SEEN, SEEN, SEEN]),
        (["operator"], "a hotline's", [SEEN, SEEN, SEEN, SEEN, SEEN]),
        (["dispatcher"], "UD", [SEEN, SEEN, SEEN, SEEN, SEEN]),
        (["dispatcher"], "U1", [REDACTED, SEEN, SEEN, REDACTED, REDACTED]),
        (["shift_leader"], "U2", [HIDDEN, SEEN, SEEN, REDACTED, HIDDEN]),
        (["operator"], "U3", [HIDDEN, SEEN, SEEN, REDACTED, HIDDEN]),
        (["operator"], "U9", [HIDDEN, REFUSED, REFUSED, HIDDEN, HIDDEN]),
        (["operator", "handler"], "U9", [HIDDEN, REFUSED, REFUSED, HIDDEN, HIDDEN]),
        (["admin"], None, [SEEN, SEEN, SEEN, SEEN, SEEN]),
        (["admin"], "U9", [SEEN, SEEN, SEEN, SEEN, SEEN]),
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
    """U1 acts on the case, U2 is told of it, it lies on the ground of U3; UD is the district's."""
    for privacy, reading in zip(LEVELS, readings, strict=True):
        involved = Involved(privacy, frozenset({"U1"}), frozenset({"U2"}), frozenset({"A3"}))
        assert reading_of(roles, _member(unit), submitted_it=False, involved=involved) is reading, privacy


def test_a_desk_whose_tier_nobody_has_said_does_not_answer_for_all() -> None:
    """As the directory was kept before its units had one."""
    member = Member("UD", known=True)
    assert reading_of(["operator"], member, submitted_it=False, involved=Involved()) is HIDDEN


@pytest.mark.parametrize(("role", "reading"), [("grid_worker", REDACTED), ("operator", SEEN)])
def test_who_handed_it_in_reads_what_he_wrote(role: str, reading: Reading) -> None:
    sealed = Involved(Privacy.SEALED)
    assert reading_of([role], _member("U9"), submitted_it=True, involved=sealed) is reading


def _member(unit: str | None) -> Member:
    if unit is None or not unit.startswith("U"):
        return Member(unit)
    tier = Tier.DISTRICT if unit == "UD" else Tier.TOWN
    return Member(unit, known=True, tier=tier, area=unit.replace("U", "A"))


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_a_report_is_read_by_the_units_of_its_case(
    http: httpx.AsyncClient, intake: Service, as_: Headers, order: tuple[int, ...]
) -> None:
    """In whatever order the events come; raised to sealed, it is for those who act alone."""
    report = (await http.post("/v1/reports", json=a_report())).json()
    life = [
        an_event(report["case_id"], 2, _dispatched("U1")),
        an_event(report["case_id"], 3, _escalated("U5")),
        an_event(report["case_id"], 4, facts.CasePrivacyChanged(before="open", after="sealed")),
    ]
    for index in order:
        async with intake.database.transaction() as connection:
            await on_case_events(connection, [life[index]], timetable=BY_DAY)
    found = await answers(http, as_, report, "U1", "U2", "U3", "U4", "U5", "U9")
    assert found == {"U1": 200, "U2": 200, "U3": 404, "U4": 404, "U5": 200, "U9": 404}


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_who_had_a_case_before_it_was_sealed_reads_it_no_more(
    http: httpx.AsyncClient, intake: Service, as_: Headers, order: tuple[int, ...]
) -> None:
    """He verified it, or worked on it, until somebody saw that it complains of him; in whatever order it is said."""
    report = (await http.post("/v1/reports", json=a_report())).json()
    life = [
        an_event(report["case_id"], 1, facts.CaseVerifyRequested(unit="U5")),
        an_event(report["case_id"], 4, _dispatched("U1")),
        a_filing(report, privacy="sealed").model_copy(update={"case_version": 7}),
        an_event(report["case_id"], 8, led_by("U6", "sealed")),
    ]
    for index in order:
        await hear(intake, [], [life[index]])
    found = await answers(http, as_, report, "U1", "U2", "U5", "U6")
    assert found == {"U1": 404, "U2": 404, "U5": 404, "U6": 200}


ASKED = {
    "to verify it": facts.CaseVerifyRequested(unit="U5"),
    "to check it": closing.CaseCheckRequested(check="onsite", unit="U5"),
    "what they think": facts.CaseConsultOpened(units=("U1", "U5"), superior="U6"),
}


@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize("backwards", [False, True])
async def test_who_was_asked_reads_what_he_does_not_act_on_until_it_is_sealed(
    http: httpx.AsyncClient, intake: Service, as_: Headers, what: str, backwards: bool
) -> None:
    report = (await http.post("/v1/reports", json=a_report())).json()
    life = [
        an_event(report["case_id"], 2, led_by("U1")),
        an_event(report["case_id"], 3, ASKED[what]),
    ]
    await hear(intake, [], life[:: -1 if backwards else 1])
    assert await answers(http, as_, report, "U1", "U5", "U9") == {"U1": 200, "U5": 200, "U9": 403}
    sealed = facts.CasePrivacyChanged(before="open", after="sealed")
    await hear(intake, [], [an_event(report["case_id"], 4, sealed)])
    assert await answers(http, as_, report, "U1", "U5", "U9") == {"U1": 200, "U5": 404, "U9": 404}


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_who_had_his_turn_at_an_application_reads_it_no_more_once_it_is_sealed(
    http: httpx.AsyncClient, intake: Service, as_: Headers, order: tuple[int, ...]
) -> None:
    """The community defined it, and is complained of at the town; a turn that names nobody takes none away."""
    report = (await http.post("/v1/reports", json=a_report())).json()
    sealed = facts.CasePrivacyChanged(before="restricted", after="sealed")
    life = [
        an_event(report["case_id"], 3, approval.ApprovalStarted(unit="U1")),
        an_event(report["case_id"], 4, approval.ApprovalDefined(household_checked=True, unit="U5")),
        an_event(report["case_id"], 5, sealed),
    ]
    await hear(intake, [], [a_filing(report, procedure="approval", privacy="restricted")])
    for index in order:
        await hear(intake, [], [life[index]])
    assert await answers(http, as_, report, "U1", "U5") == {"U1": 404, "U5": 200}
    await hear(intake, [], [an_event(report["case_id"], 6, approval.ApprovalReviewed(opinion="x"))])
    assert await answers(http, as_, report, "U1", "U5") == {"U1": 404, "U5": 200}


async def test_what_is_open_is_refused_to_others_by_name(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    report = (await http.post("/v1/reports", json=a_report())).json()
    assert await answers(http, as_, report, "U1") == {"U1": 404}
    async with intake.database.transaction() as connection:
        await on_case_events(
            connection, [an_event(report["case_id"], 2, _dispatched("U1"))], timetable=BY_DAY
        )
    found = await answers(http, as_, report, "U1", "U2", "U3", "U4", "U9")
    assert found == {"U1": 200, "U2": 200, "U3": 200, "U4": 200, "U9": 403}


async def test_a_report_is_read_by_those_above_the_units_of_its_case(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    """As the directory says it last; also when it is sealed."""
    report = (await http.post("/v1/reports", json=a_report())).json()
    sealed = facts.CasePrivacyChanged(before="open", after="sealed")
    async with intake.database.transaction() as connection:
        await on_case_events(
            connection,
            [an_event(report["case_id"], 2, _dispatched("U1")), an_event(report["case_id"], 3, sealed)],
            timetable=BY_DAY,
        )
        await directory_store.keep(connection, [a_unit("U1", "U7"), a_unit("U7", "U8"), a_unit("U9", "U8")])
    found = await answers(http, as_, report, "U1", "U7", "U8", "U9")
    assert found == {"U1": 200, "U7": 200, "U8": 200, "U9": 404}
    async with intake.database.transaction() as connection:
        gone = Removed(event_id=uuid7(), subject="U7")
        await directory_store.keep(connection, [a_unit("U1", "U9", version=2), gone])
        await directory_store.keep(connection, [a_unit("U1", "U7")])  # again, and late
    found = await answers(http, as_, report, "U1", "U7", "U8", "U9")
    assert found == {"U1": 200, "U7": 404, "U8": 200, "U9": 200}


async def test_a_desk_whose_unit_was_taken_out_reads_by_what_its_unit_acted_on(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    """It is no hotline's, which answers for all; and what is said of the unit later begins anew."""
    acted, other = [(await http.post("/v1/reports", json=a_report())).json() for _ in range(2)]
    sealed = [an_event(other["case_id"], 3, led_by("U-grid", "sealed"))]
    await hear(intake, [], [an_event(acted["case_id"], 3, led_by("U-other")), *sealed])
    gone = Removed(event_id=uuid7(), subject="U-other")
    for said in ([], [gone], [gone], [a_unit("U-other", None, area="other")]):
        await hear(intake, said or [a_unit("U-other", "U-district", version=3, area="other")], [])
        statuses = [await _desk(http, as_, report, "U-other") for report in (acted, other)]
        assert statuses == [200, 404]


async def test_of_one_batch_the_newest_version_counts_wherever_it_stands(intake: Service) -> None:
    """A removal has none: what is said after it counts."""
    async with intake.database.transaction() as connection:
        gone = Removed(event_id=uuid7(), subject="U2")
        late = [
            a_unit("U1", "U9", version=2),
            a_unit("U1", "U7"),
            a_unit("U2", "U9", version=2),
            gone,
            a_unit("U2", "U7"),
        ]
        await directory_store.keep(connection, late)
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
                an_event(master["case_id"], 2, _dispatched("U1")),
                a_filing(report),
                an_event(report["case_id"], 3, merged),
            ],
            timetable=BY_DAY,
        )
    assert await answers(http, as_, report, "U1", "U9") == {"U1": 200, "U9": 403}


async def test_a_sealed_report_is_read_by_no_desk_below_those_who_act_on_it(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    """A complaint about the worker of the grid: neither he, nor his community, nor another town learns of it."""
    report = (await http.post("/v1/reports", json=a_report())).json()
    order = an_event(report["case_id"], 3, led_by("U-town", "sealed"))
    await hear(intake, [], [_lies_in(a_filing(report, privacy="sealed")), _lies_in(order)])
    for unit, status in DESKS.items():
        assert await _desk(http, as_, report, unit) == status, unit
    path = f"/v1/reports/{report['report_id']}"
    of_the_district = (await http.get(path, headers=as_("operator", unit="U-district"))).json()
    of_the_town = (await http.get(path, headers=as_("operator", unit="U-town"))).json()
    assert "reporter" in of_the_district
    assert "reporter" not in of_the_town, "who acts on it need not know who complains"


DESKS = {"U-grid": 404, "U-community": 404, "U-other": 404, "U-town": 200, "U-district": 200}


async def test_a_desk_reads_what_lies_on_its_ground_wherever_it_is_worked(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    """As the directory says it last."""
    report = (await http.post("/v1/reports", json=a_report())).json()
    assert await _desk(http, as_, report, "U-town") == 200, "intake knows no directory yet"
    await hear(intake, [], [])
    assert await _desk(http, as_, report, "U-town") == 404, "it may turn out to be anything"
    order = an_event(report["case_id"], 3, led_by("U-district"))
    await hear(intake, [], [_lies_in(order), _lies_in(a_filing(report), "other")])
    for unit, status in (DESKS | {"U-grid": 200, "U-community": 200, "U-other": 403}).items():
        assert await _desk(http, as_, report, unit) == status, unit
    await hear(intake, [Removed(event_id=uuid7(), subject="community")], [])
    assert await _desk(http, as_, report, "U-town") == 403


async def test_a_joined_report_is_read_by_no_more_than_its_own_privacy_allows(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    """However it came to be merged into a case that is open."""
    report, master = [(await http.post("/v1/reports", json=a_report())).json() for _ in range(2)]
    merged = facts.CaseMerged(master_case_id=UUID(master["case_id"]))
    events = [
        an_event(master["case_id"], 2, _dispatched("U1")),
        a_filing(report, privacy="sealed"),
        an_event(report["case_id"], 3, led_by("U5", "sealed")),
        an_event(report["case_id"], 4, merged),
    ]
    await hear(intake, [], events)
    assert await answers(http, as_, report, "U1", "U2", "U5") == {"U1": 404, "U2": 404, "U5": 200}


async def test_attachments_are_a_list_for_everybody_and_named_to_the_desk(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    """A name may say whose it is."""
    photos = [{"ref": "photo/1", "name": "anna.jpg", "media_type": None}]
    report = (await http.post("/v1/reports", json=a_report(attachments=photos))).json()
    await hear(intake, [], [an_event(report["case_id"], 2, _dispatched("U1"))])
    path = f"/v1/reports/{report['report_id']}"
    desk = (await http.get(path)).json()
    unit = (await http.get(path, headers=as_("handler", unit="U1"))).json()
    assert [(each["attachments"], each["attachment_count"]) for each in (desk, unit)] == [
        (photos, 1),
        ([], 1),
    ]


def _lies_in(event: Any, grid: str = "grid") -> Any:
    return event.model_copy(update={"grid": grid})


async def _desk(http: httpx.AsyncClient, as_: Headers, report: dict[str, Any], unit: str) -> int:
    """How an operator of the unit is answered."""
    path = f"/v1/reports/{report['report_id']}"
    return (await http.get(path, headers=as_("operator", unit=unit))).status_code


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
    return facts.CaseEscalated(round=2, lead=lead, former_lead="U1", co_handlers=("U1", "U2"), cause="asked")
