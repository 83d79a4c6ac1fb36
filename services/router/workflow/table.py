"""The state machine as one table (domain §11.6): in which state which command, by whom, with what guard and clocks."""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from typing import Literal

from contracts.vocabulary import CaseState as S
from contracts.vocabulary import Clock as K
from contracts.vocabulary import Procedure, Role
from services.router.workflow.commands import (
    approving,
    assigning,
    closing,
    confirming,
    escalating,
    going_on,
    handling,
    intake,
    linking,
    objecting,
    oversight,
)
from services.router.workflow.situation import Data, Lack, Said, Situation

Membership = Literal["lead", "superior", "at_work", "late", "turn", "contact", "anyone"]


def _nothing_lacks(_: Situation) -> Iterator[Lack]:
    return iter(())


@dataclass(frozen=True)
class Transition:
    """A row; `to` None keeps the state. `by_system`: the system gives the command too, or alone when `who` is empty.

    A row for a `procedure` goes before the one that says none; who gives it, and with what data, is the same for both.

    Where the clock that it is `about` does not run, there is nothing to do.

    A clock in `starts` that is paused goes on, one that runs is left alone, unless it stands in `stops` too.
    """

    id: str
    states: tuple[S, ...]
    command: str
    to: S | None
    event: str
    says: Callable[[Situation], Said]
    who: tuple[Role, ...] = ()
    of: Membership = "anyone"
    by_system: bool = False
    data: type[Data] = Data
    guard: Callable[[Situation], Iterator[Lack]] = field(default=_nothing_lacks)
    procedure: Procedure | None = None
    about: K | None = None
    stops: tuple[K, ...] = ()
    starts: tuple[K, ...] = ()
    pauses: tuple[K, ...] = ()
    resumes: tuple[K, ...] = ()

    def is_due(self, clocks: Container[K]) -> bool:
        """With those clocks on the case."""
        return self.about is None or self.about in clocks


_UNIT = (Role.UNIT_LEAD, Role.HANDLER, Role.GRID_WORKER)
_CENTRE = (Role.DISPATCHER, Role.SHIFT_LEADER)
DESK = (Role.OPERATOR, *_CENTRE)
_CHECKERS = (Role.CHECKER, Role.GRID_WORKER, Role.SUPERVISOR, *DESK)
_VISITORS = (Role.VISITOR, Role.SUPERVISOR, *DESK)

_ALL = tuple(K)
# who objects to what is refused is answered all the same
_ALL_BUT_AN_ANSWER = tuple(clock for clock in K if clock is not K.OBJECTION_ANSWER)
_ORDERED = intake.DISPATCH_CLOCKS
_OF_LEAD = going_on.OF_LEAD
_AT_WORK_ON_IT = (*_OF_LEAD, K.REPORT_IN)  # of the lead, and of those whom it called in
_STANDS_STILL = (*_AT_WORK_ON_IT, K.CLASSIFY)  # and of the desk, where nobody can classify what nobody could

_BEFORE_WORK = (S.REPORTED, S.ACCEPTED, S.FILED)
_AT_WORK = (S.DISPATCHED, S.HANDLING)
_APPROVAL = (S.DEFINING, S.TOWN_REVIEW, S.DISTRICT_REVIEW)
_OVERSEEN = (
    *(S.REPORTED, S.VERIFYING, S.ACCEPTED, S.FILED, S.DISPATCHED, S.HANDLING, S.RETURNED, S.CONSULTING),
    *(S.HANDLED, S.CHECKING, S.FEEDBACK, *_APPROVAL),
)
_OPEN = (*_OVERSEEN, S.SUSPENDED)
_DISPATCHED = tuple(state for state in _OPEN if state not in (S.VERIFYING, *_BEFORE_WORK))
_VOIDABLE = (S.ACCEPTED, S.FILED, *_AT_WORK, S.RETURNED, S.CONSULTING, S.SUSPENDED)

T = Transition

TRANSITIONS = (
    T("T01", (), "submit", S.REPORTED, "report.submitted", intake.submitted, starts=(K.ACCEPT,)),
    T("T02", (S.REPORTED,), "request_verify", S.VERIFYING, "case.verify_requested", intake.verify_requested, DESK,
      by_system=True, guard=intake.lacks_something_to_verify, pauses=(K.ACCEPT,), starts=(K.VERIFY,)),
    T("T03", (S.VERIFYING,), "submit_verify", S.REPORTED, "case.verified", intake.verified, (Role.GRID_WORKER,),
      data=intake.SubmitVerifyData, guard=intake.lacks_a_photo, stops=(K.VERIFY,), starts=(K.ACCEPT,)),
    T("T04", (S.REPORTED,), "accept", S.ACCEPTED, "case.accepted", intake.accepted, (*DESK, Role.GRID_WORKER),
      by_system=True, data=intake.AcceptData, guard=intake.lacks_truth, stops=(K.ACCEPT,), starts=(K.CLASSIFY,)),
    T("T05", (S.REPORTED,), "reject", S.REJECTED, "case.rejected", intake.rejected, DESK, data=intake.RejectData,
      guard=intake.lacks_the_channel, stops=_ALL),
    T("T06", _BEFORE_WORK, "hand_over", S.HANDED_OVER, "case.handed_over", intake.handed_over, DESK, by_system=True,
      data=intake.HandOverData, guard=intake.lacks_an_end_here, stops=_ALL),
    T("T07", (*_BEFORE_WORK, *_AT_WORK), "merge", S.MERGED, "case.merged", linking.merged, _CENTRE, by_system=True,
      data=linking.MergeData, guard=linking.lacks_a_master, stops=_ALL),
    T("T08", (S.MERGED,), "unmerge", S.ACCEPTED, "case.unmerged", linking.unmerged, _CENTRE, data=linking.UnmergeData,
      guard=linking.lacks_a_right_to_unmerge, starts=(K.CLASSIFY,)),
    T("T09", (S.ACCEPTED,), "classify", S.FILED, "case.filed", intake.filed, DESK, by_system=True,
      data=intake.ClassifyData, guard=intake.lacks_a_known_category, stops=(K.CLASSIFY,), starts=(K.DISPATCH,)),
    T("T10", (S.FILED,), "dispatch", S.DISPATCHED, "case.dispatched", intake.dispatched, _CENTRE, by_system=True,
      stops=(K.DISPATCH,), starts=_ORDERED),
    T("T11", (S.FILED,), "resolve_on_spot", S.HANDLED, "case.handled", intake.resolved_on_spot, (Role.GRID_WORKER,),
      data=intake.ResolveOnSpotData, guard=intake.lacks_for_the_spot, stops=(K.DISPATCH,)),
    T("T12", (S.FILED,), "start_approval", S.DEFINING, "approval.started", intake.approval_started, by_system=True,
      guard=intake.lacks_for_approval, stops=(K.DISPATCH,), starts=(K.DEFINE, K.HANDLE)),
    T("T13", (S.DISPATCHED,), "sign", S.HANDLING, "case.signed", handling.signed, _UNIT, "lead", data=handling.SignData,
      stops=(K.SIGN,)),
    T("T14", _AT_WORK, "return", S.RETURNED, "case.returned", assigning.returned, (Role.UNIT_LEAD, Role.GRID_WORKER),
      "lead", data=assigning.ReturnData, guard=assigning.lacks_a_right_to_return, stops=(K.SIGN,),
      pauses=_AT_WORK_ON_IT, starts=(K.RETURN_REVIEW,)),
    T("T15", (S.RETURNED,), "redispatch", S.DISPATCHED, "case.dispatched", assigning.redispatched, _CENTRE,
      data=assigning.RedispatchData, guard=assigning.lacks_a_unit, stops=(K.RETURN_REVIEW,), starts=(K.SIGN,),
      resumes=(K.REPORT_IN,)),
    T("T16", (S.RETURNED,), "reclassify", S.ACCEPTED, "case.reclassified", assigning.reclassified, _CENTRE,
      data=assigning.ReclassifyData, guard=assigning.lacks_another_category, stops=_ALL, starts=(K.CLASSIFY,)),
    T("T17", (S.RETURNED, *_AT_WORK), "consult", S.CONSULTING, "case.consult_opened", assigning.consult_opened, _CENTRE,
      data=assigning.ConsultData, guard=assigning.lacks_a_dispute, stops=(K.SIGN, K.RETURN_REVIEW),
      pauses=_STANDS_STILL, starts=(K.CONSULT,)),
    T("T18", (S.CONSULTING,), "designate", S.DISPATCHED, "case.designated", assigning.designated,
      (Role.SUPERVISOR, Role.SHIFT_LEADER, Role.UNIT_LEAD), "superior", data=assigning.DesignateData,
      guard=assigning.lacks_a_unit, stops=(K.CONSULT, *_AT_WORK_ON_IT), starts=(K.SIGN,), resumes=(K.CLASSIFY,)),
    T("T19", _AT_WORK, "progress", None, "case.progress", handling.progressed, _UNIT, "at_work",
      data=handling.ProgressData, guard=handling.lacks_for_an_entry),
    T("T20", (S.HANDLING,), "call_in", None, "case.called_in", handling.called_in, (Role.UNIT_LEAD,), "lead",
      data=handling.CallInData, guard=handling.lacks_a_whistle, stops=(K.REPORT_IN,), starts=(K.REPORT_IN,)),
    T("T21", (S.HANDLING,), "extend", None, "case.extended", handling.extended, _CENTRE, data=handling.ExtendData,
      guard=handling.lacks_a_right_to_more_time),
    T("T22", (S.HANDLING,), "suspend", S.SUSPENDED, "case.suspended", handling.suspended, _CENTRE,
      data=handling.SuspendData, guard=handling.lacks_a_reason_to_wait, pauses=_STANDS_STILL),
    T("T23", (S.SUSPENDED,), "resume", S.HANDLING, "case.resumed", handling.resumed, _CENTRE, by_system=True,
      resumes=_STANDS_STILL),
    T("T24", _AT_WORK, "escalate_lead", S.DISPATCHED, "case.escalated", escalating.escalated, _UNIT, "lead",
      by_system=True, data=assigning.EscalateData, guard=escalating.lacks_a_parent, stops=(K.SIGN,), starts=(K.SIGN,)),
    T("T25", _OVERSEEN, "oversee", None, "case.supervised", oversight.supervised, (Role.SUPERVISOR, Role.SHIFT_LEADER),
      by_system=True, data=oversight.OverseeData),
    T("T26", (S.HANDLING,), "finish", S.HANDLED, "case.handled", handling.handled, _UNIT, "lead",
      data=handling.FinishData, guard=handling.lacks_evidence, stops=(*_AT_WORK_ON_IT, K.CLASSIFY)),
    T("T27", (S.HANDLED,), "request_check", S.CHECKING, "case.check_requested", closing.check_requested, by_system=True,
      starts=(K.CHECK,)),
    T("T28", (S.HANDLED,), "skip_check", S.FEEDBACK, "case.checked", closing.check_skipped, by_system=True,
      starts=(K.FEEDBACK,)),
    T("T29", (S.CHECKING,), "check_pass", S.FEEDBACK, "case.checked", closing.check_passed, _CHECKERS,
      data=closing.CheckPassData, guard=closing.lacks_for_passing, stops=(K.CHECK,), starts=(K.FEEDBACK,)),
    T("T30", (S.CHECKING,), "check_fail", S.HANDLING, "case.rework", closing.check_failed, _CHECKERS,
      data=closing.CheckFailData, guard=closing.lacks_another_checker, stops=(K.CHECK,)),
    T("T31", (S.FEEDBACK,), "record_feedback", None, "case.feedback_given", closing.feedback_recorded, (*_UNIT, *DESK),
      "contact", data=closing.FeedbackData, guard=closing.lacks_somebody_to_tell),
    T("T32", (S.FEEDBACK,), "record_visit", None, "case.visited", closing.visit_recorded, _VISITORS,
      data=closing.VisitData, guard=closing.lacks_for_the_visit),
    T("T33", (S.FEEDBACK,), "redo", S.HANDLING, "case.redo", closing.redone, _VISITORS, by_system=True,
      data=closing.RedoData, guard=closing.lacks_a_reason_to_redo, stops=(K.FEEDBACK, K.VISIT)),
    T("T34", (S.FEEDBACK,), "close", S.CLOSED, "case.closed", closing.closed, (*DESK, Role.SUPERVISOR), by_system=True,
      data=closing.CloseData, guard=closing.lacks_for_closing, stops=_ALL),
    T("T35", (S.CLOSED,), "reopen", S.HANDLING, "case.reopened", closing.reopened, _CENTRE, data=closing.ReopenData,
      guard=closing.lacks_time_to_reopen, stops=(K.APPEAL,), starts=(K.HANDLE,)),
    T("T36", (S.CLOSED,), "archive", S.ARCHIVED, "case.archived", closing.archived, by_system=True,
      guard=closing.lacks_quiet, stops=_ALL),
    T("T37", _VOIDABLE, "void", S.VOIDED, "case.voided", linking.voided, (Role.SHIFT_LEADER,), data=linking.VoidData,
      guard=linking.lacks_for_voiding, stops=_ALL),
    T("T38", _OPEN, "call_line", None, "case.line_called", linking.line_called, (*_UNIT, *DESK), by_system=True,
      data=linking.CallLineData, guard=linking.lacks_a_known_line),
    T("T39", _OPEN, "remind", None, "case.reminded", linking.reminded, (Role.RESIDENT, Role.OPERATOR), by_system=True,
      data=linking.RemindData, guard=linking.lacks_a_reporter),
    T("T40", _OPEN, "set_urgency", None, "case.urgency_changed", linking.urgency_set, (Role.SHIFT_LEADER,),
      by_system=True, data=linking.SetUrgencyData, guard=linking.lacks_a_right_to_set_urgency),
    T("T41", (*_OPEN, S.CLOSED), "set_privacy", None, "case.privacy_changed", linking.privacy_set,
      (Role.OPERATOR, Role.SHIFT_LEADER, Role.RESIDENT), data=linking.SetPrivacyData, guard=linking.lacks_consent),
    T("T42", (S.CLOSED,), "appeal_timeout", None, "case.appeal_opened", oversight.appeal_opened,
      (Role.UNIT_LEAD, Role.GRID_WORKER), "late", data=oversight.AppealData, guard=oversight.lacks_lateness,
      starts=(K.APPEAL,)),
    T("T43", (S.CLOSED,), "decide_appeal", None, "case.appeal_decided", oversight.appeal_decided, (Role.SHIFT_LEADER,),
      data=oversight.AppealDecisionData, guard=oversight.lacks_both_levels, stops=(K.APPEAL,)),
    T("T44", (S.FEEDBACK,), "join", None, "case.joined", linking.joined, by_system=True, data=linking.JoinData,
      starts=(K.FEEDBACK,)),
    T("T45", (S.FEEDBACK,), "unjoin", None, "case.unjoined", linking.unjoined, by_system=True, data=linking.JoinData),
    T("T46", _AT_WORK, "redispatch", S.DISPATCHED, "case.dispatched", assigning.redispatched, _CENTRE,
      data=assigning.RedispatchData, guard=assigning.lacks_a_gone_lead, stops=(K.SIGN,), starts=(K.SIGN,)),
    T("T47", (S.DISPATCHED, S.RETURNED, S.CONSULTING, *_APPROVAL), "request_confirm", None, "case.confirm_requested",
      confirming.confirm_requested, by_system=True, starts=(K.ACCEPT,)),
    T("T48", _DISPATCHED, "confirm", None, "case.confirmed", confirming.confirmed, DESK, data=confirming.ConfirmData,
      about=K.ACCEPT, stops=(K.ACCEPT,)),
    T("T49", _AT_WORK, "reclassify", S.ACCEPTED, "case.reclassified", assigning.reclassified, _CENTRE,
      data=assigning.ReclassifyData, guard=assigning.lacks_a_category_at_all, stops=_ALL, starts=(K.CLASSIFY,)),
    T("T50", (S.CLOSED,), "object", None, "case.objected", objecting.objected, by_system=True,
      data=objecting.ObjectData, guard=objecting.lacks_a_right_to_object),
    T("T51", (S.CLOSED,), "oversee", None, "case.supervised", oversight.supervised, by_system=True,
      data=oversight.OverseeData, guard=oversight.lacks_an_open_appeal),
    T("T52", (*(state for state in _DISPATCHED if state is not S.FEEDBACK), S.CLOSED), "answer", None, "case.visited",
      closing.visit_recorded, by_system=True, data=closing.VisitData, guard=closing.lacks_an_answer),
    T("A01", (S.DEFINING,), "ask_materials", None, "approval.materials_asked", approving.materials_asked, _UNIT, "turn",
      data=approving.MaterialsData, guard=approving.lacks_a_first_asking, pauses=(K.DEFINE,)),
    T("A02", (S.DEFINING,), "define", S.TOWN_REVIEW, "approval.defined", approving.defined, _UNIT, "turn",
      data=approving.DefineData, guard=approving.lacks_to_define, stops=(K.DEFINE,), starts=(K.TOWN_REVIEW,)),
    T("A03", (S.DEFINING,), "refuse", S.FEEDBACK, "approval.refused", approving.refused, _UNIT, "turn",
      data=approving.RefuseData, guard=approving.lacks_a_person, stops=_ALL_BUT_AN_ANSWER, starts=(K.FEEDBACK,)),
    T("A04", (S.TOWN_REVIEW,), "return_materials", S.DEFINING, "approval.returned", approving.returned_one_step, _UNIT,
      "turn", data=approving.ReasonData, guard=approving.lacks_whom_to_return_to, pauses=(K.TOWN_REVIEW,),
      starts=(K.DEFINE,)),
    T("A05", (S.TOWN_REVIEW,), "review_pass", S.DISTRICT_REVIEW, "approval.reviewed", approving.reviewed, _UNIT, "turn",
      data=approving.ReviewData, guard=approving.lacks_a_district, stops=(K.TOWN_REVIEW,),
      starts=(K.DISTRICT_REVIEW, K.PUBLICITY)),
    T("A06", (S.TOWN_REVIEW,), "refuse", S.FEEDBACK, "approval.refused", approving.refused, _UNIT, "turn",
      data=approving.RefuseData, guard=approving.lacks_a_person, stops=_ALL_BUT_AN_ANSWER, starts=(K.FEEDBACK,)),
    T("A07", (S.DISTRICT_REVIEW,), "return_materials", S.TOWN_REVIEW, "approval.returned", approving.returned_one_step,
      _UNIT, "turn", data=approving.ReasonData, guard=approving.lacks_whom_to_return_to, pauses=(K.DISTRICT_REVIEW,),
      starts=(K.TOWN_REVIEW,)),
    T("A08", (S.DISTRICT_REVIEW,), "record_objection", None, "approval.objection", approving.objection_recorded,
      (*_UNIT, *DESK), data=approving.ObjectionData, guard=approving.lacks_a_receiver, starts=(K.OBJECTION_ANSWER,)),
    T("A09", (*_APPROVAL, S.FEEDBACK), "answer_objection", None, "approval.objection_answered",
      approving.objection_answered, (*_UNIT, *DESK), data=approving.AnswerData, about=K.OBJECTION_ANSWER,
      guard=approving.lacks_an_objection),
    T("A10", (S.DISTRICT_REVIEW,), "approve", S.FEEDBACK, "approval.approved", approving.approved, _UNIT, "turn",
      guard=approving.lacks_publicity, stops=_ALL, starts=(K.FEEDBACK,)),
    T("A11", (S.DISTRICT_REVIEW,), "refuse", S.FEEDBACK, "approval.refused", approving.refused, _UNIT, "turn",
      data=approving.RefuseData, guard=approving.lacks_a_person, stops=_ALL_BUT_AN_ANSWER, starts=(K.FEEDBACK,)),
    T("A12", _APPROVAL, "withdraw", S.VOIDED, "case.voided", approving.withdrawn, DESK, data=approving.WithdrawData,
      guard=approving.lacks_for_withdrawing, stops=_ALL),
    T("A13", (S.DEFINING,), "receive_materials", None, "approval.materials_received", approving.materials_received,
      _UNIT, "turn", guard=approving.lacks_an_asking, resumes=(K.DEFINE,)),
    T("A14", (S.CLOSED,), "reopen", S.DEFINING, "approval.reopened", approving.reopened, _CENTRE,
      data=closing.ReopenData, procedure=Procedure.APPROVAL, guard=approving.lacks_for_reopening, stops=(K.APPEAL,),
      starts=(K.DEFINE, K.HANDLE)),
)  # fmt: skip

_BY_COMMAND: dict[tuple[S, str, Procedure | None], Transition] = {
    (state, row.command, row.procedure): row for row in TRANSITIONS for state in row.states
}
_BY_EVENT: dict[tuple[S, str], Transition] = {
    (state, row.event): row for row in TRANSITIONS for state in row.states
}
COMMANDS = tuple(dict.fromkeys(row.command for row in TRANSITIONS if row.states))


def transition(state: S, command: str, procedure: Procedure | None = None) -> Transition | None:
    """The row of a case of that procedure."""
    return _BY_COMMAND.get((state, command, procedure)) or _BY_COMMAND.get((state, command, None))


def givers(command: str) -> set[Role]:
    """The roles that may give it, in one state or another; none where the system alone gives it."""
    return {role for row in TRANSITIONS if row.command == command for role in row.who}


def state_after(state: S, event: str) -> S:
    """The state to which an event of that type leads; what the case kept stays where no row says otherwise."""
    row = _BY_EVENT.get((state, event))
    return row.to or state if row else state


def allowed(state: S) -> list[str]:
    """The commands that a person may give in `state`."""
    given = (row.command for (at, *_), row in _BY_COMMAND.items() if at is state and row.who)
    return list(dict.fromkeys(given))
