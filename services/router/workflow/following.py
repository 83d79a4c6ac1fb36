"""What the system itself does next, so that no case waits where nobody has to decide (domain §11.6)."""

from typing import NamedTuple

from contracts.envelope import SYSTEM, Actor
from contracts.vocabulary import CaseState as S
from contracts.vocabulary import Check, Procedure, Urgency
from services.router.workflow.case import Case
from services.router.workflow.commands.confirming import ConfirmData, is_to_confirm
from services.router.workflow.commands.intake import AcceptData, ClassifyData
from services.router.workflow.commands.linking import CallLineData, MergeData, RaisedData
from services.router.workflow.situation import Around, Data

# states that the system itself leaves at once: no clock ever runs in them
PASSED_THROUGH = frozenset({S.ACCEPTED, S.FILED, S.HANDLED})
_SAMPLE_PERCENT = 20
_EMPTY = Data()
_CLASSIFY = ClassifyData()
_DANGEROUS = RaisedData(urgency=Urgency.CRITICAL, reason="the reporter was asked by phone: there is danger")


class Following(NamedTuple):
    command: str
    data: Data = _EMPTY
    actor: Actor = SYSTEM


def following(done: Following, case: Case, lines: tuple[str, ...], around: Around) -> Following | None:
    """The command that the system gives after `done` in the state that `case` has come to; None when somebody has to
    act. `lines` are the emergency lines that are to be called over it, each once."""
    if _is_dangerous_after_all(done, case):
        return Following("set_urgency", _DANGEROUS)
    match case.state:
        case S.REPORTED if case.verified == "true":
            return Following("accept", AcceptData())
        case S.ACCEPTED:
            return Following("classify", _CLASSIFY)
        case S.FILED:
            return _on_its_way(case, around)
        case S.DISPATCHED | S.DEFINING if is_to_confirm(case):
            return Following("request_confirm")
        case S.HANDLED:
            return Following("request_check" if is_checked(case) else "skip_check")
        case _ if line := next((line for line in lines if line not in case.lines), None):
            return Following("call_line", CallLineData(line=line))
        case S.SUSPENDED if case.urgency.level > Urgency.ELEVATED.level:
            return Following("resume")  # what is dangerous does not wait (T22)
        case _:
            return None


def _is_dangerous_after_all(done: Following, case: Case) -> bool:
    asked = isinstance(done.data, ConfirmData) and done.data.dangerous
    return asked and case.urgency is not Urgency.CRITICAL


def _on_its_way(case: Case, around: Around) -> Following:
    if around.master is not None and around.alike is not None:
        return Following("merge", MergeData(master_case_id=around.master.case_id, score=around.alike))
    if case.procedure is Procedure.APPROVAL:
        return Following("start_approval")
    if case.procedure is Procedure.ON_SPOT and around.on_spot is not None:
        return Following("resolve_on_spot", around.on_spot.data, around.on_spot.worker)
    return Following("dispatch")


def is_checked(case: Case) -> bool:
    """By the category; of what was settled on the spot a fifth, the same ones whenever it is asked."""
    if case.check is Check.NONE:
        return False
    return case.procedure is not Procedure.ON_SPOT or case.case_id.int % 100 < _SAMPLE_PERCENT
