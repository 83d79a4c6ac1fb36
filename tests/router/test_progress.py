"""Who records how the work goes: the lead and those above it, who helps, who tracks; and what an emergency shows."""

from typing import Any

import httpx
import pytest

from contracts.envelope import Actor
from contracts.facts.report import ReportedFacts
from contracts.vocabulary import CaseState, Role, Tier
from delivery.service import Service
from services.router.directory.directory import Unit
from services.router.workflow.lifecycle import Incomplete
from tests.databases import As
from tests.router.builders import a_directory, an_import
from tests.router.desk_visits import file_report
from tests.router.playing import Play, opened

_OFFICES = (
    Unit("U-cleaners", "cleaners", "sanitation", Tier.DISTRICT, "D", "UD"),
    Unit("U-lights", "lights", "street_lighting", Tier.DISTRICT, "D", "UD"),
)


@pytest.mark.parametrize(
    ("unit", "status"),
    [
        ("UD111", 200),
        ("UD11", 200),
        ("UD1", 200),
        ("UD", 200),
        ("U-cleaners", 200),
        ("UD112", 403),
        ("U-lights", 403),
    ],
)
async def test_who_has_no_part_in_a_case_does_not_say_how_it_goes(
    http: httpx.AsyncClient, router: Service, as_: As, unit: str, status: int
) -> None:
    assert (
        await http.post("/v1/directory/imports", json=an_import(a_directory(*_OFFICES)))
    ).status_code == 201
    case = await file_report(router, category="E01-01")  # led by UD111, with the cleaners
    assert (await http.post(f"/v1/cases/{case}/commands/sign")).status_code == 200
    answer = await http.post(
        f"/v1/cases/{case}/commands/progress",
        json={"data": {"note": "已到场"}},
        headers=as_("handler", unit=unit),
    )
    assert answer.status_code == status, answer.text


async def test_who_is_told_of_a_case_reads_it_and_adds_nothing(
    http: httpx.AsyncClient, router: Service, as_: As
) -> None:
    assert (
        await http.post("/v1/directory/imports", json=an_import(a_directory(*_OFFICES)))
    ).status_code == 201
    case = await file_report(
        router, category="C01-05"
    )  # led by the lights of the district: town and community know
    assert (await http.post(f"/v1/cases/{case}/commands/sign")).status_code == 200
    found = (await http.get(f"/v1/cases/{case}")).json()
    assert "UD11" in found["copies"]
    for unit, status in (("UD11", 403), ("UD111", 200)):  # the grid worker tracks it
        headers = as_("unit_lead", "grid_worker", unit=unit)
        assert (await http.get(f"/v1/cases/{case}", headers=headers)).status_code == 200
        given = {"data": {"note": "已到场"}}
        answer = await http.post(f"/v1/cases/{case}/commands/progress", json=given, headers=headers)
        assert answer.status_code == status, unit
        page_offers = (await http.get(f"/v1/cases/{case}", headers=headers)).json()["allowed"]
        assert "progress" in page_offers


def test_before_it_is_signed_only_the_tracker_says_how_it_goes() -> None:
    play = opened()
    assert (play.case.lead, play.case.tracker) == ("UD", "UD111")
    with pytest.raises(Incomplete, match="before signing"):
        play.give("progress", by=Actor(role=Role.HANDLER, unit="UD", person="p-1"))
    play.give("progress").give("sign").give("progress", by=Actor(role=Role.HANDLER, unit="UD", person="p-1"))


def _emergency() -> Play:
    return opened("E01-01", facts=ReportedFacts(trapped=1)).give("sign")


@pytest.mark.parametrize("said", [{"step": "arrived"}, {"step": "ended"}, {"controlled": True}], ids=str)
def test_arrival_control_and_end_of_an_emergency_are_shown(said: dict[str, Any]) -> None:
    entry = {"controlled": False, "step": None, "evidence": 0} | said
    with pytest.raises(Incomplete) as refusal:
        _emergency().give("progress", **entry)
    assert [lack.pointer for lack in refusal.value.lacks] == ["/data/evidence"]
    assert _emergency().give("progress", **entry | {"evidence": 1}).case.state is CaseState.HANDLING


def test_a_word_about_an_emergency_on_the_way_needs_no_photo() -> None:
    for step in (None, "interim"):
        _emergency().give("progress", controlled=False, step=step, evidence=0)


def test_what_is_no_emergency_goes_on_without_a_photo() -> None:
    assert opened().give("sign").give("progress", evidence=0).case.controlled
