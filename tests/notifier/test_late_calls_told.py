"""That nobody has called a reporter yet about what may be a danger is told as loudly as danger (domain §4.2)."""

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseSupervised
from contracts.vocabulary import Urgency
from delivery.database import Database
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import NIGHT, heard, notices


@pytest.mark.parametrize(("dispatched", "urgency"), [(True, "critical"), (False, "general")])
async def test_that_nobody_has_called_yet_is_told_as_loudly_as_that_somebody_has_to(
    database: Database, dispatched: bool, urgency: str
) -> None:
    """What runs of a case that has a lead is the time to ask about danger; of another, the desk's to accept it."""
    case: dict[str, Any] = {"case_id": uuid7(), "recorded_at": NIGHT, "urgency": Urgency.GENERAL}
    order = an_event(a_dispatch(co_handlers=(), copies=()), **case)
    late = an_event(CaseSupervised(clock="accept", stage="L1", card="yellow"), case_version=2, **case)
    await heard(database, *([order] if dispatched else []), late)
    told = [row for row in await notices(database) if row["event_id"] == late.event_id]
    assert [(row["unit"], row["urgency"]) for row in told] == [("CENTRE", urgency)]
    assert (told[0]["due_at"] == NIGHT) is dispatched, "in quiet hours only what may be danger is told"
