"""An assessor sees a case in outline: what was due and how it went, not what was said nor where exactly (§8.3)."""

import httpx
import pytest

from contracts.facts.reason import Circumstance, Reason
from contracts.facts.report import ReportedFacts
from contracts.vocabulary import Role, Vulnerability
from delivery.service import Service
from services.router.cases.outline import reasons_in_outline
from services.router.cases.visibility import read_by
from services.router.workflow.case import Case
from tests.databases import As
from tests.router.builders import a_directory
from tests.router.desk_visits import SignedIn
from tests.router.playing import opened
from tests.router.several_reports import a_report_by, work

SAID = "老人说路灯杆漏电"
LAMP = "LAMP-1174"


def _case() -> Case:
    return opened("C01-05").case  # in D111


@pytest.mark.parametrize(
    ("roles", "unit", "reads"),
    [
        ((Role.ASSESSOR,), None, False),
        ((Role.ASSESSOR,), "UD", False),
        ((Role.ASSESSOR,), "UD111", False),
        ((Role.ASSESSOR, Role.SUPERVISOR), "UD11", True),
        ((Role.ASSESSOR, Role.SUPERVISOR), "UD12", False),
        ((Role.ASSESSOR, Role.OPERATOR), None, True),
        ((Role.ADMIN, Role.ASSESSOR), "UD12", True),
        ((Role.UNIT_LEAD,), "UD11", True),
    ],
    ids=str,
)
def test_who_reads_what_was_said(roles: tuple[Role, ...], unit: str | None, reads: bool) -> None:
    directory = a_directory()
    assert read_by(frozenset(roles), unit, directory).sees(_case(), directory) is reads


def test_reasons_in_outline_name_no_place_and_nobody_who_needs_care() -> None:
    school = Circumstance(kind="school", name="梅园小学")
    reasons = [Reason(rule=rule, effect="points", points=15, about=school) for rule in ("S1", "S2")]
    assert reasons_in_outline(reasons) == [Reason(rule="S2", effect="points", points=15)]


async def _filed(router: Service) -> str:
    facts = ReportedFacts(vulnerable=Vulnerability.SOME)
    near = a_report_by(None, component_id=LAMP, text=SAID, lon=1.23457, lat=1.5, facts=facts)
    await work(router, near)
    return str(near.case_id)


async def test_an_assessor_is_answered_in_outline(http: httpx.AsyncClient, router: Service, as_: As) -> None:
    case = await _filed(router)
    answers = {}
    for role in ("dispatcher", "assessor"):
        paths = (f"/v1/cases/{case}", f"/v1/cases/{case}/history", "/v1/cases")
        got = [await http.get(path, headers=as_(role)) for path in paths]
        assert [answer.status_code for answer in got] == [200, 200, 200], role
        answers[role] = [answer.text for answer in got]
    for at_the_desk, in_outline in zip(answers["dispatcher"], answers["assessor"], strict=True):
        for part in (SAID, "1.23457", LAMP):
            assert part in at_the_desk
            assert part not in in_outline
    one = (await http.get(f"/v1/cases/{case}", headers=as_("assessor"))).json()
    assert (one["grid"], one["category"], one["place"]["lon"]) == ("D111", "C01-05", None)
    assert one["limits"]
    assert "S1" not in {each["rule"] for each in one["explanation"]}
    assert not any(each["matched"] for each in one["explanation"])
    assert "S1" in answers["dispatcher"][1]
    assert '"S1"' not in answers["assessor"][1]


async def test_the_desk_shows_an_assessor_the_outline(router: Service, signed_in: SignedIn) -> None:
    case = await _filed(router)
    for path in ("/", f"/cases/{case}"):
        page = (await (await signed_in("assessor")).get(path)).text
        assert SAID not in page
        assert "Assessors see neither what was said nor the exact place." in page
        assert 'class="mark"' not in page
    page = (await (await signed_in("assessor", "dispatcher")).get(f"/cases/{case}")).text
    assert SAID in page
    assert 'class="mark"' in page
