"""Who may read a report that has two cases: an application, and the emergency beside it."""

from uuid import UUID

import httpx
from uuid_utils.compat import uuid7

from contracts.facts import case as facts
from delivery.service import Service
from tests.intake.builders import a_report
from tests.intake.case_facts import a_filing, an_event
from tests.intake.readers import Headers, answers, hear, led_by


async def test_a_report_is_read_by_the_units_of_the_emergency_beside_it(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    """An application that speaks of danger is one report and two cases: who saves needs what was reported."""
    report = (await http.post("/v1/reports", json=a_report())).json()
    emergency, master = ({"case_id": str(uuid7())} for _ in range(2))
    events = [
        a_filing(report, procedure="approval"),
        an_event(report["case_id"], 3, led_by("U5")),
        a_filing(emergency, application=UUID(report["case_id"])),
        an_event(emergency["case_id"], 3, led_by("U6")),
    ]
    await hear(intake, [], events)
    units = ("U1", "U5", "U6")
    assert await answers(http, as_, report, *units) == {"U1": 403, "U5": 200, "U6": 200}
    merged = facts.CaseMerged(master_case_id=UUID(master["case_id"]))
    await hear(
        intake,
        [],
        [an_event(master["case_id"], 2, led_by("U1")), an_event(emergency["case_id"], 4, merged)],
    )
    assert await answers(http, as_, report, *units) == {"U1": 200, "U5": 200, "U6": 200}


async def test_a_sealed_report_is_read_by_who_acts_on_the_emergency_beside_it_and_no_further(
    http: httpx.AsyncClient, intake: Service, as_: Headers
) -> None:
    report = (await http.post("/v1/reports", json=a_report())).json()
    emergency, master = ({"case_id": str(uuid7())} for _ in range(2))
    merged = facts.CaseMerged(master_case_id=UUID(master["case_id"]))
    events = [
        a_filing(report, procedure="approval", privacy="sealed"),
        an_event(report["case_id"], 3, led_by("U5", "sealed")),
        a_filing(emergency, application=UUID(report["case_id"]), privacy="sealed"),
        an_event(emergency["case_id"], 3, led_by("U6", "sealed")),
        an_event(emergency["case_id"], 4, merged),
        an_event(master["case_id"], 2, led_by("U1")),
    ]
    await hear(intake, [], events)
    assert await answers(http, as_, report, "U1", "U5", "U6") == {"U1": 404, "U5": 200, "U6": 200}
