"""The parent tier takes the lead: because its unit was late, asked for it, or cannot handle the matter alone."""

from collections.abc import Iterator

from contracts.facts import case as facts
from contracts.vocabulary import Clock, Tier
from services.router.clocks import running
from services.router.workflow.commands.endangering import clocks_of, fields_of, may_become_one
from services.router.workflow.knowing import general_to_hear
from services.router.workflow.situation import Lack, Said, Situation, stopped


def escalated(at: Situation) -> Said:
    """The parent tier leads, the old lead helps; the time is what is left, or half of the original."""
    case = at.case
    above = general_to_hear(case.tier, at)
    assert above is not None, "the guard has found it"
    overdue = getattr(at.data, "clock", None)
    fact = facts.CaseEscalated(
        round=case.round + 1,
        lead=above.code,
        former_lead=case.lead or "",
        cause="overdue" if overdue else "asked",
        co_handlers=tuple(
            dict.fromkeys(code for code in (at.lead, *case.co_handlers) if code and code != above.code)
        ),
        clock=overdue,
        **(fields_of(at, case.urgency, above.code) if at.data.cannot_handle_alone else {}),
    )
    calendar = at.rules.calendar_for(Clock.HANDLE, above.code)
    handle = running.take_over(at.kind(), case.clocks.get(Clock.HANDLE), at.at, calendar)
    begun = clocks_of(at, case.urgency, above.code) if at.data.cannot_handle_alone else ()
    awaited = set(case.awaited) - {above.code}
    reports_in = () if awaited else stopped(case, Clock.REPORT_IN)
    return Said(fact, {"tier": above.tier}, (handle, *begun, *reports_in))


def lacks_a_parent(at: Situation) -> Iterator[Lack]:
    above = general_to_hear(at.case.tier, at)
    if at.case.tier is None or at.case.tier.parent is None or above is None or above.code == at.case.lead:
        yield Lack("/", "there is no tier above that could take the lead")
    if at.data.cannot_handle_alone and not (at.case.tier is Tier.COMMUNITY and may_become_one(at)):
        yield Lack("/data/cannot_handle_alone", "a community says so, of what is no emergency yet")
