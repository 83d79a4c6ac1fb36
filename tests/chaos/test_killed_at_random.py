"""Every process is killed and frozen while reports come in: nothing is lost or doubled, each case stays in order."""

import asyncio
import itertools
import os
import random
import time
from collections import Counter
from collections.abc import Iterable

import pytest

from deploy.local.day import import_directory, sample_directory
from deploy.local.play import Outcome, submit_all
from tests.chaos.agency import listening
from tests.chaos.books import Course, read_books, read_history
from tests.chaos.findings import Findings, show
from tests.chaos.killer import Harm, harm_at_random
from tests.chaos.landing import seconds_to_land, unready
from tests.chaos.people import Work, endless_reports, working
from tests.chaos.published import read_published
from tests.chaos.victims import Victims

SECONDS = 60 * float(os.environ.get("CHAOS_MINUTES") or 0.9)
SEED = int(os.environ.get("CHAOS_SEED") or time.time())
RATE = 40
LANDING_SECONDS = 240.0  # some ten where nothing else runs


@pytest.mark.chaos
@pytest.mark.timeout(SECONDS + 600)
async def test_killed_at_random_everything_lands_once_and_in_order(victims: Victims) -> None:
    found = await _live_through_it(victims)
    show(found, SEED)
    assert found.outcome.refused == {}
    for book in (found.books.reports, found.books.cases, found.books.dispatched, found.books.assignments):
        _each_once(book, found.accepted)
    assert found.books.grids == found.grids
    _each_once(found.published.orders, found.accepted)
    _each_once(found.told, found.accepted)
    assert found.work.refused == []
    assert Counter(found.books.signed) == found.work.signed
    assert Counter(found.books.noted) == found.work.noted
    assert Counter(found.books.reminded) == found.work.reminded
    _unbroken(found.books.history)
    for course in (found.published.course, found.heard):
        assert _beginnings(found.books.history, course) == found.books.history, "not lost"
        assert _beginnings(course, found.history_after) == course, "not from nowhere"
    assert found.published.dead == []
    assert found.unready == {}
    assert found.landed_after is not None, "all is there, but did not come to rest in time"


async def _live_through_it(victims: Victims) -> Findings:
    running, work = victims.running, Work()
    await import_directory(running, sample_directory())
    async with listening(running, random.Random(SEED)) as agency, working(victims, agency, work):
        outcome, harm = await _report_under_harm(victims)
        accepted = len(outcome.accepted) + len(outcome.repeated)
        landed_after = await seconds_to_land(victims, agency, accepted, limit=LANDING_SECONDS)
        not_ready = await unready(victims)
        books = await read_books(running.servers.postgres_url)
        published = await read_published(running.servers.kafka_bootstrap)
    return Findings(
        harm=harm,
        outcome=outcome,
        work=work,
        landed_after=landed_after,
        unready=not_ready,
        books=books,
        published=published,
        agency=agency,
        history_after=await read_history(running.servers.postgres_url),
    )


async def _report_under_harm(victims: Victims) -> tuple[Outcome, Harm]:
    """Ends when everything is back and every report has its answer."""
    outcome = Outcome()
    harming = asyncio.create_task(harm_at_random(victims, random.Random(SEED), seconds=SECONDS))
    reports = endless_reports(random.Random(SEED), rate=RATE)
    meanwhile = itertools.takewhile(lambda _: not harming.done(), reports)
    await submit_all(victims.running, meanwhile, outcome, 1.0, lambda: None)
    return outcome, await harming


def _each_once(found: Iterable[str], expected: set[str]) -> None:
    counts = Counter(found)
    assert (expected - counts.keys(), counts.keys() - expected) == (set(), set()), "lost, and from nowhere"
    assert {case_id: count for case_id, count in counts.items() if count > 1} == {}, "doubled"


def _beginnings(course: Course, of: Course) -> Course:
    """As much of each case as `course` has: the clocks of a case go on while its events are read here and there."""
    return {case_id: of.get(case_id, [])[: len(events)] for case_id, events in course.items()}


def _unbroken(course: Course) -> None:
    broken = {
        case_id: events
        for case_id, events in course.items()
        if [version for version, _ in events] != list(range(1, len(events) + 1))
    }
    assert broken == {}
