"""How each fact changes a case; folding a case's events gives the case again (I12)."""

from collections.abc import Callable
from typing import Any

from contracts.envelope import CaseEnvelope
from contracts.facts import approval, closing
from contracts.facts import case as facts
from contracts.facts.confirmation import CaseConfirmed, CaseConfirmRequested
from contracts.facts.reason import Reason
from contracts.vocabulary import CaseState, Clock, ClockAction, Privacy, Role
from services.router.clocks.running import LEAD_CLOCKS
from services.router.clocks.ticking import after
from services.router.decision.question import Lowered
from services.router.decision.urgency import CONFIRM_BY_PHONE
from services.router.workflow import helping, lateness
from services.router.workflow.case import Card, Case, Visit, highest

Event = CaseEnvelope[Any]
Fields = dict[str, Any]
# by the unit that leads from now on
_UNTOUCHED: Fields = {"handler": None, "workers": (), "worked": False}


def evolve(case: Case, event: Event, state: CaseState) -> Case:
    """The case after `event`, which led to `state`."""
    fields = _CHANGES.get(type(event.data), _nothing)(case, event) | _sign_by(event)
    if case.fired:
        fields |= _begun_anew(case, event, fields)
    return case.changed(
        state=state,
        version=event.case_version,
        tier=event.tier,
        grid=event.grid,
        category=event.category,
        urgency=event.urgency or case.urgency,
        rule_set_version=event.rule_set_version,
        calendar_version=event.calendar_version,
        clocks=after(case.clocks, event.clocks, event.occurred_at, fields.get("round", case.round)),
        **fields,
    )


def _nothing(_: Case, __: Event) -> Fields:
    return {}


def _begun_anew(case: Case, event: Event, fields: Fields) -> Fields:
    """A clock that begins anew in its round has its stages before it again."""
    started = [change.name for change in event.clocks if change.action is ClockAction.START]
    keys = tuple(stage_key(clock, fields.get("round", case.round), "") for clock in started)
    return {"fired": tuple(key for key in fields.get("fired", case.fired) if not key.startswith(keys))}


def _sign_by(event: Event) -> Fields:
    limits = (change.limit_at for change in event.clocks if change.name is Clock.SIGN)
    at = next(filter(None, limits), None)
    return {"sign_by": at} if at else {}


def _accepted(case: Case, event: Event) -> Fields:
    known = {
        "place": event.data.place or case.place,
        "accepted_by_person": event.actor.role is not Role.SYSTEM,
    }
    return known | {"first_responsible": case.first_responsible or event.data.first_responsible}


def _filed(case: Case, event: Event) -> Fields:
    decided = (
        *("procedure", "privacy", "check", "visit", "base_urgency", "points", "confirm_by_phone"),
        *("recurrence_of", "emergency", "application"),
    )
    feared = _feared(case, event.data.reasons)
    asked = _judged(case, feared) if case.confirmed else {"feared": feared}
    known = asked | {"wanted_category": _wanted(case, event)}
    return {name: getattr(event.data, name) for name in decided} | known


def _feared(case: Case, reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    silenced = (reason.rule.partition(".")[0] for reason in reasons if reason.effect == CONFIRM_BY_PHONE)
    return tuple(dict.fromkeys((*case.feared, *silenced)))


def _judged(case: Case, feared: tuple[str, ...]) -> Fields:
    answered = tuple(dict.fromkeys((*case.answered, *feared)))
    return {"confirmed": True, "feared": (), "answered": answered}


def _wanted(case: Case, event: Event) -> str | None:
    """What a reporter or a person said; what a classifier proposed is not what anybody wanted."""
    given = any(reason.rule == "category.given" for reason in event.data.reasons)
    return event.category if given else case.wanted_category


def _dispatched(case: Case, event: Event) -> Fields:
    ordered = {name: getattr(event.data, name) for name in ("lead", "copies", "tracker", "round")}
    new_lead = {"designated": False, "dispatched_at": event.occurred_at}
    new_lead["first_responsible"] = case.first_responsible or event.data.lead
    is_refused_return = case.state is CaseState.RETURNED and event.data.lead == case.lead
    late = lateness.going_on_in(case, event.data.round) if is_refused_return else {}
    return ordered | helping.by_order(case, event.data.co_handlers) | _UNTOUCHED | new_lead | late


def _designated(_: Case, event: Event) -> Fields:
    fact = event.data
    led = {"lead": fact.lead, "round": fact.round} | helping.designated(fact.co_handlers)
    return led | _UNTOUCHED | {"designated": True, "superior": None}


def _escalated(case: Case, event: Event) -> Fields:
    fact: facts.CaseEscalated = event.data
    led: Fields = {"lead": fact.lead, "co_handlers": fact.co_handlers, "round": fact.round} | _UNTOUCHED
    led |= _become(fact) | helping.no_more_from(fact.lead, case)
    if fact.clock is None:
        return led
    return led | _stage_fired(case, fact.clock, "L2", "red")


def _supervised(case: Case, event: Event) -> Fields:
    fact: facts.CaseSupervised = event.data
    if fact.clock is None or fact.stage is None:
        return {"card": highest(case.card, fact.card)}
    share = f"@{fact.share:g}" if fact.share is not None else ""
    return _stage_fired(case, fact.clock, f"{fact.stage}{share}", fact.card)


def _stage_fired(case: Case, clock: str, stage: str, card: Card) -> Fields:
    ticking = case.clocks.get(Clock(clock))
    round_ = ticking.round if ticking else case.round
    is_late = stage == "L1" and Clock(clock) in LEAD_CLOCKS
    fired = {
        "fired": (*case.fired, stage_key(Clock(clock), round_, stage)),
        "card": highest(case.card, card),
    }
    return fired | (lateness.late_in_this_round(case) if is_late else {})


def stage_key(clock: Clock, round_: int, stage: str) -> str:
    return f"{clock}/{round_}/{stage}"


def _progress(case: Case, event: Event) -> Fields:
    fact: facts.CaseProgress = event.data
    by_lead = event.actor.unit is not None and event.actor.unit == case.lead
    return {
        "controlled": case.controlled or fact.controlled,
        "worked": case.worked or (by_lead and not fact.contacted),
        "arrived": case.arrived or fact.step == "arrived",
        "interim": case.interim or fact.step == "interim",
        "ended": case.ended or fact.step == "ended",
        "workers": _workers(case, event) if by_lead else case.workers,
        **helping.no_more_from(event.actor.unit, case),
    }


def _signed(case: Case, event: Event) -> Fields:
    fact: facts.CaseSigned = event.data
    return {"lead": fact.unit or case.lead, "handler": fact.handler, "workers": _workers(case, event)}


def _workers(case: Case, event: Event) -> tuple[str, ...]:
    """An administrator stands in for the handler whom he names."""
    person, role = event.actor.person, event.actor.role
    if person is None or role is Role.ADMIN or person in case.workers:
        return case.workers
    return (*case.workers, person)


def _handled(case: Case, event: Event) -> Fields:
    """What was reported as finished is work: it is not returned any more, though it fails its check (domain §2.4)."""
    led = {"lead": event.data.unit or case.lead, "round": event.data.round}
    return led | {"worked": True, "workers": _workers(case, event)} | helping.NOBODY


def _visited(case: Case, event: Event) -> Fields:
    fact: closing.CaseVisited = event.data
    visit = Visit(fact.report_id or case.report_id, event.occurred_at, fact.contacted, fact.solved)
    return {"visits": (*case.visits, visit)}


def _worked_again(_: Case, event: Event) -> Fields:
    """What was seen on the spot in the former round says nothing about the new one."""
    seen = dict.fromkeys(("arrived", "controlled", "interim", "ended"), False)
    return {"round": event.data.round, **seen}


def _new_round(case: Case, event: Event) -> Fields:
    """Nor does what was told and asked about it."""
    return _worked_again(case, event) | {"told": (), "told_at": None, "visits": ()}


def _reopened(case: Case, event: Event) -> Fields:
    """An appeal that nobody can decide now may be made again."""
    appealed = case.appealed[:-1] if case.appeal_open else case.appealed
    return _new_round(case, event) | {
        "closed_at": None,
        "objected_at": None,
        "appeal_open": False,
        "appealed": appealed,
    }


def _merged(case: Case, event: Event) -> Fields:
    return helping.order_over(case) | {"master": event.data.master_case_id, "merged_at": event.occurred_at}


def _urgency_changed(case: Case, event: Event) -> Fields:
    fact, after = event.data, event.urgency
    by_person = event.actor.role is not Role.SYSTEM
    known: Fields = _become(fact) | (_judged(case, case.feared) if by_person else {})
    known["emergency"] = case.emergency or fact.emergency
    if after and after.level > fact.before.level:
        fields: Fields = {
            "raised_to": after,
            "heard": tuple(dict.fromkeys((*case.heard, *(fact.floors or ())))),
        }
        return known | fields | ({"lowered": None} if by_person else {})
    judged = (
        Lowered(after, event.category, fact.floors, fact.points or 0)
        if after and fact.floors is not None
        else None
    )
    return known | {"raised_to": None, "lowered": judged}


def _privacy_changed(case: Case, event: Event) -> Fields:
    """Who consents to less takes back what he wished before."""
    fact: facts.CasePrivacyChanged = event.data
    fields: Fields = {"privacy": fact.after, "private_at_least": fact.after}
    if fact.after.level > fact.before.level:
        return fields
    return fields | {
        "confidential": case.confidential and fact.after.level >= Privacy.CONFIDENTIAL.level,
        "consented_as": event.category or case.wanted_category,
    }


def _become(fact: facts.CaseUrgencyChanged | facts.CaseEscalated) -> Fields:
    """An emergency, if it says so."""
    said: Fields = {"procedure": fact.procedure, "copies": fact.copies, "tracker": fact.tracker}
    return {name: value for name, value in said.items() if value is not None}


def _reclassified(case: Case, event: Event) -> Fields:
    return {"wanted_category": event.data.category or case.wanted_category} | helping.order_over(case)


def _approval_turn(case: Case, event: Event) -> Fields:
    """The lead is the unit whose turn it is; who helped with an order before may be the one complained of."""
    return {"lead": event.data.unit or case.lead, "co_handlers": (), "handler": None}


def _approval_returned(case: Case, event: Event) -> Fields:
    """What a tier above finds missing may be asked for again."""
    again = {"round": case.round + 1, "materials_asked": False, "materials_came": False}
    return _approval_turn(case, event) | again


def _approval_reopened(case: Case, event: Event) -> Fields:
    """The whole way lies before it again; what was publicised is not what will be decided."""
    again = _approval_returned(case, event) | _reopened(case, event)
    return again | {"dispatched_at": event.occurred_at, "publicity_ends": None}


def _reviewed(case: Case, event: Event) -> Fields:
    ends = next((change.limit_at for change in event.clocks if change.name is Clock.PUBLICITY), None)
    return _approval_turn(case, event) | {"publicity_ends": ends or case.publicity_ends}


def _objection_answered(case: Case, event: Event) -> Fields:
    left = list(case.objections_at)
    if event.data.answered_by in left:
        left.remove(event.data.answered_by)
    return {"objections": max(case.objections - 1, 0), "objections_at": tuple(left)}


_CHANGES: dict[type, Callable[[Case, Event], Fields]] = {
    facts.CaseVerifyRequested: lambda _, event: {"tracker": event.data.unit},
    facts.CaseVerified: lambda _, event: {"verified": event.data.result},
    facts.CaseAccepted: _accepted,
    facts.CaseMerged: _merged,
    facts.CaseUnmerged: lambda *_: {"master": None, "merged_at": None},
    facts.CaseFiled: _filed,
    CaseConfirmRequested: lambda case, event: {
        "confirmed": False,
        "feared": tuple(dict.fromkeys((*case.feared, *(event.data.floors or ())))),
    },
    CaseConfirmed: lambda case, _: _judged(case, case.feared),
    facts.CaseDispatched: _dispatched,
    facts.CaseSigned: _signed,
    facts.CaseReturned: lambda case, event: {
        "returned_by": (*case.returned_by, event.data.unit),
        "handler": None,
    },
    facts.CaseReclassified: _reclassified,
    facts.CaseConsultOpened: lambda _, event: {"superior": event.data.superior},
    facts.CaseDesignated: _designated,
    facts.CaseProgress: _progress,
    facts.CaseCalledIn: lambda case, event: helping.called_in(case, event.data.units),
    facts.CaseExtended: lambda case, event: {"extensions": case.extensions + event.data.approved},
    facts.CaseSuspended: lambda _, event: {"was_suspended": True, "suspended_until": event.data.until},
    facts.CaseResumed: lambda *_: {"suspended_until": None},
    facts.CaseEscalated: _escalated,
    facts.CaseSupervised: _supervised,
    facts.CaseHandled: _handled,
    closing.CaseCheckRequested: lambda _, event: {"checker": event.data.unit},
    closing.CaseRework: lambda case, event: (
        # who said by himself that it is solved, before it failed its check, is asked all the same
        _worked_again(case, event) | {"reworks": case.reworks + 1, "visits": ()}
    ),
    closing.CaseFeedbackGiven: lambda case, event: {
        "told": (*case.told, event.data.report_id or case.report_id),
        "told_at": event.occurred_at,
    },
    closing.CaseVisited: _visited,
    facts.CaseUnjoined: lambda case, event: {
        "told": tuple(report for report in case.told if report != event.data.report_id)
    },
    closing.CaseRedo: lambda case, event: _new_round(case, event) | {"redos": case.redos + 1},
    closing.CaseClosed: lambda _, event: {"closed_at": event.occurred_at},
    closing.CaseObjected: lambda _, event: {"objected_at": event.occurred_at},
    closing.CaseReopened: _reopened,
    facts.CaseLineCalled: lambda case, event: {"lines": (*case.lines, event.data.line)},
    facts.CaseReminded: lambda case, event: {"reminders": (*case.reminders, event.data.report_id)},
    facts.CaseUrgencyChanged: _urgency_changed,
    facts.CasePrivacyChanged: _privacy_changed,
    facts.CaseAppealOpened: lambda case, event: {
        "appealed": (*case.appealed, event.data.round),
        "appeal_open": True,
    },
    facts.CaseAppealDecided: lambda *_: {"appeal_open": False},
    approval.ApprovalStarted: lambda case, event: (
        _approval_turn(case, event)
        | helping.NOBODY
        | {"dispatched_at": event.occurred_at, "first_responsible": case.first_responsible or event.data.unit}
    ),
    approval.ApprovalMaterialsAsked: lambda *_: {"materials_asked": True},
    approval.ApprovalMaterialsReceived: lambda *_: {"materials_came": True},
    approval.ApprovalDefined: _approval_turn,
    approval.ApprovalReturned: _approval_returned,
    approval.ApprovalReviewed: _reviewed,
    approval.ApprovalReopened: _approval_reopened,
    approval.ApprovalObjection: lambda case, event: {
        "objections": case.objections + 1,
        "objections_at": (*case.objections_at, event.data.received_by),
    },
    approval.ApprovalObjectionAnswered: _objection_answered,
}
