"""Of all the limits that the rules give a clock the one that is due first holds, whatever is not even asked for."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import Clock, Procedure, Urgency
from services.router.clocks import running
from services.router.clocks.limits import due_at, parse_limit
from tests.router.playing import RULES

KINDS = st.builds(
    running.Kind,
    st.sampled_from(list(RULES.ruleset.categories.values())),
    st.sampled_from(Urgency),
    st.sampled_from([None, *Procedure]),
)
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@given(kind=KINDS, clock=st.sampled_from(Clock), at=STARTS)
def test_the_first_that_is_due_holds(kind: running.Kind, clock: Clock, at: datetime) -> None:
    ruleset, calendar = RULES.ruleset, RULES.calendar
    change = running.start(clock, kind, at, ruleset, calendar)
    limits = running._all_limits(clock, kind, ruleset)
    if not limits:
        assert change is None
        return
    first = min(limits, key=lambda limit: due_at(at, limit, calendar))
    least = parse_limit("5 minute")
    if clock is Clock.SIGN and due_at(at, first, calendar) < due_at(at, least, calendar):
        first = least
    assert change is not None
    assert (change.limit, change.limit_at) == (str(first), due_at(at, first, calendar))
