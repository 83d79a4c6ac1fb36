"""Events become assignments and indicators: each once, in any order, by the rule."""

import random
from functools import partial
from itertools import chain
from typing import Any

import httpx
import pytest
from faststream.kafka import TestKafkaBroker
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from contracts.envelope import CaseEnvelope
from contracts.events import messages_of
from contracts.facts import case as facts
from contracts.topics import CASES
from delivery.service import Service
from services.assessment.assignments import assignments, note
from services.assessment.cohort import counts
from services.assessment.handlers import on_case_events
from tests.assessment import lives
from tests.assessment.builders import a_life, after, dispatched
from tests.taken_apart import taken_apart


def _counted(events: list[CaseEnvelope[Any]]) -> list[tuple[str, bool]]:
    """(unit, finished) of what counts, by round."""
    found = assignments(map(note, events))
    return [(each.unit, each.finished_at is not None) for _, each in sorted(found.items()) if counts(each)]


@pytest.mark.parametrize(
    ("life", "counted"),
    [
        (lives.IN_TIME, [("U1", True)]),
        (lives.OPEN, [("U1", False)]),
        (lives.REWORK, [("U1", True), ("U1", True)]),
        (lives.RETURNED, [("U2", True)]),
        (lives.REFUSED_RETURN, [("U1", True)]),
        (lives.UNDER_REVIEW, [("U1", False)]),
        (lives.ASKED_ABOUT, [("U1", False)]),
        ([*lives.ASKED_ABOUT, (facts.CaseDesignated(round=2, lead="U2", note="x"), 6, 9)], [("U2", False)]),
        (
            [*lives.UNDER_REVIEW, (facts.CaseReclassified(reason="x"), 2), (dispatched(number=2), 2, 9)],
            [("U1", False)],
        ),
        (lives.RETURNED_LATE, [("U2", False)]),
        (lives.REFUSED_LATE, [("U1", False)]),
        (lives.REFUSED_TWICE, [("U1", True)]),
        (lives.VOIDED, []),
        (lives.EXTENDED, [("U1", True)]),
        (lives.ESCALATED, [("U1", False), ("U2", True)]),
        (lives.ASKED_FOR_HELP, [("U2", True)]),
        (lives.NOT_SIGNED, [("U1", False), ("U2", True)]),
        (lives.CONSULTED, [("U2", False)]),
        (lives.SUSPENDED, [("U1", False)]),
        (lives.RESUMED, [("U1", True)]),
        (lives.VOIDED_IN_REWORK, []),
        (lives.MERGED, []),
        (lives.UNMERGED, [("U1", True), ("U2", False)]),
    ],
)
def test_each_unit_and_round_counts_once(life: Any, counted: list[tuple[str, bool]]) -> None:
    assert _counted(a_life(*life)) == counted


@given(st.sampled_from(lives.ALL), st.randoms(use_true_random=False))
def test_the_order_in_which_events_come_does_not_matter(life: Any, chance: random.Random) -> None:
    events = a_life(*life)
    shuffled = chance.sample(events, len(events))
    assert assignments(map(note, shuffled)) == assignments(map(note, events))


def _a_life(said: Any) -> list[CaseEnvelope[Any]]:
    return a_life(*said)


async def _work(assessment: Service, events: list[CaseEnvelope[Any]]) -> None:
    async with assessment.database.transaction() as connection:
        await on_case_events(connection, events)


async def _indicators(http: httpx.AsyncClient, **query: Any) -> Any:
    period = {"from": after(0).isoformat(), "to": after(24).isoformat(), "as_of": after(20).isoformat()}
    return (await http.get("/v1/indicators", params=period | {"subject": "U1"} | query)).json()


async def test_indicators_of_a_unit(http: httpx.AsyncClient, assessment: Service) -> None:
    some = [
        lives.IN_TIME,
        lives.IN_TIME,
        lives.LATE,
        lives.OPEN,
        lives.VOIDED,
        lives.RETURNED,
        [(dispatched(), 0, 23)],
    ]
    await _work(assessment, list(chain.from_iterable(a_life(*life) for life in some)))
    told = await _indicators(http)
    assert {name: told[name] for name in ("due", "in_time", "late", "open_late", "pending")} == {
        "due": 4, "in_time": 2, "late": 1, "open_late": 1, "pending": 1,
    }  # fmt: skip
    assert (told["in_time_rate"], told["open_late_rate"]) == (0.5, 0.25)
    assert told["from"].startswith("2026-11-23T12:00:00")
    of_all_time = await _indicators(http, **{"from": "1970-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"})
    assert (of_all_time["due"], of_all_time["pending"]) == (4, 1)


async def test_a_zone_in_an_address_may_bear_a_bare_plus(
    http: httpx.AsyncClient, assessment: Service
) -> None:
    """As people write it with curl: by the rules of forms it arrives as a space."""
    await _work(assessment, a_life(*lives.IN_TIME))
    period = "from=2026-11-23T20:00:00+08:00&to=2026-11-24T20:00:00.5+0800&as_of=2026-11-24T16:00+08:00"
    told = (await http.get(f"/v1/indicators?subject=U1&{period}")).json()
    assert (told["in_time"], told["from"]) == (1, "2026-11-23T20:00:00+08:00")
    bare = await http.get("/v1/indicators?from=2026-11-23 12:00&to=2026-11-24T00:00:00Z")
    assert [error["pointer"] for error in bare.json()["errors"]] == ["/query/from"]


async def test_suspended_time_does_not_count(http: httpx.AsyncClient, assessment: Service) -> None:
    await _work(
        assessment,
        list(chain.from_iterable(map(_a_life, (lives.SUSPENDED, lives.SUSPENDED_TOO_LATE, lives.RESUMED)))),
    )
    told = await _indicators(http)
    assert (told["pending"], told["open_late"], told["in_time"]) == (1, 1, 1)


async def test_while_a_return_is_decided_the_unit_still_has_it_and_its_clock_stands_still(
    http: httpx.AsyncClient, assessment: Service
) -> None:
    await _work(assessment, list(chain.from_iterable(map(_a_life, (lives.UNDER_REVIEW, lives.ASKED_ABOUT)))))
    told = await _indicators(http)
    assert (told["pending"], told["open_late"]) == (2, 0)
    await _work(assessment, _a_life(lives.UNDER_REVIEW_LATE))
    assert (await _indicators(http))["open_late"] == 1


async def test_a_return_that_is_accepted_leaves_what_was_due(
    http: httpx.AsyncClient, assessment: Service
) -> None:
    await _work(assessment, _a_life(lives.RETURNED_LATE))
    assert (await _indicators(http))["due"] == 0


@pytest.mark.parametrize(
    ("life", "outcome"),
    [
        (lives.RESUMED_LATE, "open_late"),
        (lives.FINISHED_AFTER_RESUMED_LATE, "late"),
        (lives.REFUSED_LATE, "open_late"),
        (lives.REFUSED_TWICE, "late"),
    ],
)
async def test_what_was_late_before_a_pause_stays_late_in_the_period_of_its_limit(
    life: Any, outcome: str, http: httpx.AsyncClient, assessment: Service
) -> None:
    events = a_life(*life)
    period = {"to": after(6).isoformat()}
    await _work(assessment, events[:2])
    assert (await _indicators(http, **period))["open_late"] == 1
    await _work(assessment, events[2:])
    told = await _indicators(http, **period)
    assert (told["due"], told[outcome]) == (1, 1)


async def test_open_assignments_are_those_that_somebody_will_finish(
    http: httpx.AsyncClient, assessment: Service
) -> None:
    await _work(
        assessment, list(chain.from_iterable(map(_a_life, (lives.IN_TIME, lives.SUSPENDED, lives.ESCALATED))))
    )
    metrics = (await http.get("/metrics")).text
    assert 'casegrid_assignments_open{late="no"} 1.0' in metrics
    assert 'casegrid_assignments_open{late="yes"} 0.0' in metrics


async def test_a_granted_appeal_mends_the_rate_and_keeps_the_facts(
    http: httpx.AsyncClient, assessment: Service
) -> None:
    events = a_life(*lives.APPEALED)
    await _work(assessment, events[:2])
    assert (await _indicators(http))["late"] == 1
    await _work(assessment, events[2:])
    assert (await _indicators(http))["in_time"] == 1
    async with assessment.database.connection() as connection:
        assert await connection.fetchval("select finished_at > limit_at from assignments")


async def test_an_appeal_of_the_round_before_a_refused_return_is_about_the_same_assignment(
    http: httpx.AsyncClient, assessment: Service
) -> None:
    """The yellow card fired before the unit returned it, and the card says the round."""
    granted = facts.CaseAppealDecided(round=1, unit="U1", granted=True)
    await _work(assessment, _a_life([*lives.REFUSED_TWICE, (granted, 9)]))
    told = await _indicators(http)
    assert (told["due"], told["in_time"]) == (1, 1)


async def test_late_counts_in_the_period_of_the_limit(http: httpx.AsyncClient, assessment: Service) -> None:
    await _work(assessment, a_life(*lives.LATE))
    later = {"from": after(5).isoformat(), "to": after(24).isoformat()}
    assert (await _indicators(http, **later))["due"] == 0


async def test_events_one_by_one_backwards_give_the_same_rows(
    http: httpx.AsyncClient, assessment: Service
) -> None:
    for event in reversed(a_life(*lives.REWORK)):
        await _work(assessment, [event])
    told = await _indicators(http)
    assert (told["in_time"], told["late"]) == (1, 1)


async def test_second_delivery_changes_nothing(assessment: Service) -> None:
    finished = partial(
        REGISTRY.get_sample_value, "casegrid_assignments_finished_total", {"outcome": "in_time"}
    )
    before = finished() or 0
    async with TestKafkaBroker(assessment.broker) as broker:
        for event in a_life(*lives.IN_TIME) * 2:
            message = messages_of("router", event)[0]
            headers = {name: (value or b"").decode() for name, value in message.headers}
            topic = assessment.settings.namespace + CASES.name
            await broker.publish(message.value, topic, key=message.key, headers=headers)
    async with assessment.database.connection() as connection:
        assert await connection.fetchval("select count(*) from case_notes") == 2
        assert await connection.fetchval("select count(*) from assignments") == 1
        assert await connection.fetchval("select count(*) from outbox") == 0, "no dead letter"
    assert finished() == before + 1


async def test_what_is_finished_in_a_batch_that_is_taken_apart_is_counted_once(assessment: Service) -> None:
    late = partial(REGISTRY.get_sample_value, "casegrid_assignments_finished_total", {"outcome": "late"})
    before = late() or 0
    consumer = next(each for each in assessment.consumers if each.topic == CASES)
    await taken_apart(consumer, *a_life(*lives.LATE))
    assert late() == before + 1


async def test_without_a_denominator_there_is_no_rate(http: httpx.AsyncClient) -> None:
    told = await _indicators(http)
    assert (told["due"], told["in_time_rate"]) == (0, None)


async def test_all_units_are_listed_page_by_page(http: httpx.AsyncClient, assessment: Service) -> None:
    for number in range(5):
        await _work(assessment, a_life((dispatched(f"U{number}"), 0, 4)))
    seen: list[str] = []
    query: dict[str, Any] = {"from": after(0).isoformat(), "to": after(24).isoformat(), "limit": 2}
    while True:
        page = (await http.get("/v1/indicators", params=query)).json()
        seen += [item["subject"] for item in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == [f"U{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": "yesterday"}, "/query/from"),
        ({"to": "2026-11-24T00:00:00"}, "/query/to"),
        ({"to": after(-1).isoformat()}, "/to"),
        ({"subject": "\x00"}, "/query/subject"),
        ({"limit": "0"}, "/query/limit"),
    ],
)
async def test_bad_questions_are_refused_by_name(
    query: dict[str, str], pointer: str, http: httpx.AsyncClient
) -> None:
    told = await _indicators(http, **query)
    assert (told["status"], told["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(
    ("roles", "unit", "subject", "status"),
    [
        (["unit_lead"], "U1", {"subject": "U1"}, 200),
        (["handler"], "U1", {"subject": "U1"}, 200),
        (["unit_lead"], "U2", {"subject": "U1"}, 403),
        (["unit_lead"], "U2", {}, 200),
        (["unit_lead"], None, {}, 403),
        (["operator"], "U1", {"subject": "U1"}, 403),
        (["assessor"], None, {}, 200),
        (["admin"], None, {"subject": "U1"}, 200),
    ],
)
async def test_a_unit_sees_its_own(
    roles: list[str],
    unit: str | None,
    subject: dict[str, str],
    status: int,
    http: httpx.AsyncClient,
    token: Any,
) -> None:
    query = {"from": after(0).isoformat(), "to": after(24).isoformat()} | subject
    headers = {"Authorization": f"Bearer {token(*roles, unit=unit)}"}
    assert (await http.get("/v1/indicators", params=query, headers=headers)).status_code == status
