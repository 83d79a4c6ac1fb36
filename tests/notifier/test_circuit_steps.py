"""How an open circuit goes from one pause to the next."""

from datetime import UTC, datetime

import pytest

from services.notifier.circuit import OPENS_AFTER, PROBE_PAUSES, Course
from services.notifier.store import circuits
from tests.notifier.rows import a_subscription, all_rows


async def noted(database, subscription, failures, *, is_alive=False, was_probed=False):
    """Seconds to the next probe, once the failures were noted."""
    async with database.transaction() as connection:
        course = Course(subscription, is_alive, failures, "timeout", was_probed)
        await circuits.note(connection, [course])
    (row,) = await all_rows(database, "select failures, probe_at from subscriptions")
    return row["probe_at"] and (row["probe_at"] - datetime.now(UTC)).total_seconds()


@pytest.mark.parametrize("parts", [(16,), (10, 6), (9, 7), (4, 4, 4, 4), (1,) * 16])
async def test_however_many_fail_together_the_first_probe_comes_after_the_first_pause(database, parts):
    subscription = await a_subscription(database)
    for failures in parts:
        pause = await noted(database, subscription, failures)
    assert pause == pytest.approx(PROBE_PAUSES[0], abs=1)


async def test_each_probe_that_fails_makes_the_pause_one_step_longer(database):
    subscription = await a_subscription(database)
    await noted(database, subscription, OPENS_AFTER)
    for expected in (*PROBE_PAUSES[1:], PROBE_PAUSES[-1]):
        pause = await noted(database, subscription, 1, was_probed=True)
        assert pause == pytest.approx(expected, abs=1)
        assert await noted(database, subscription, 3) == pytest.approx(expected, abs=1), "what comes late"


async def test_who_answers_and_then_fails_again_begins_with_the_first_pause(database):
    subscription = await a_subscription(database)
    await noted(database, subscription, OPENS_AFTER)
    await noted(database, subscription, 1, was_probed=True)
    pause = await noted(database, subscription, OPENS_AFTER, is_alive=True)
    assert pause == pytest.approx(PROBE_PAUSES[0], abs=1)
    assert await noted(database, subscription, 0, is_alive=True) is None
