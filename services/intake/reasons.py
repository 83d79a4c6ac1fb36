"""Why a report stands where it does: which fact gives which code, and a resident's words for each."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contracts.envelope import CaseEnvelope, Fact
from contracts.vocabulary import Language

Phrase = dict[Language, str]


class Reason(NamedTuple):
    """A code, the moment that it names, and what staff wrote for the reporter: where the law sends him, or what a unit
    lets him know. It is redacted, goes into his message and onto no public page."""

    code: str
    until: datetime | None = None
    note: str | None = None


class _Meaning(NamedTuple):
    """`detail`: the field that tells codes of one fact apart; `note`: the field that staff wrote for the reporter."""

    code: str
    detail: str | None = None
    note: str | None = None


# the only one whose note is a unit's word and not a way that the law names
PROGRESS = "progress"

_OF: dict[str, _Meaning] = {
    "case.rejected": _Meaning("rejected", detail="reason", note="legal_channel"),
    "case.handed_over": _Meaning("handed_over"),
    "case.voided": _Meaning("voided"),
    "case.progress": _Meaning(PROGRESS, note="note"),
    "case.extended": _Meaning("more_time"),
    "case.suspended": _Meaning("waits"),
    "case.resumed": _Meaning("goes_on"),
    "approval.started": _Meaning("application"),
    "approval.materials_asked": _Meaning("materials_asked"),
    "approval.reviewed": _Meaning("publicised"),
    "approval.approved": _Meaning("approved"),
    "approval.reopened": _Meaning("application_again"),
    "approval.refused": _Meaning("refused", detail="outcome", note="way_to_object"),
}


def _p(zh: str, en: str) -> Phrase:
    return {Language.ZH: zh, Language.EN: en}


# each goes on where the message says whose report it is
REASONS: dict[str, Phrase] = {
    "rejected": _p("不予受理", "cannot be taken up"),
    "rejected.legal_channel": _p(
        "不予受理：依法应通过其他法定途径办理", "cannot be taken up: the law names another way for it"
    ),
    "rejected.in_petition": _p(
        "不予受理：该事项已进入信访程序", "cannot be taken up: it is in the petition procedure already"
    ),
    "rejected.same_matter": _p(
        "不予受理：同一事项正在办理或已经办理，且没有新的情况",
        "cannot be taken up: the same matter is being worked on or was, and nothing about it is new",
    ),
    "rejected.secret_or_privacy": _p(
        "不予受理：涉及秘密或他人隐私", "cannot be taken up: it touches secrets or the privacy of others"
    ),
    "rejected.outside_government": _p(
        "不予受理：不属于政府职责范围，请通过市场或社会渠道解决",
        "cannot be taken up: it is no duty of the government; please turn to a commercial or social service",
    ),
    "rejected.against_law_or_morals": _p(
        "不予受理：诉求不符合法律规定或公序良俗",
        "cannot be taken up: what it asks for is against the law or public morals",
    ),
    "rejected.lawfully_concluded": _p(
        "不予受理：该事项已依法终结", "cannot be taken up: the matter has been lawfully concluded"
    ),
    "rejected.not_true": _p(
        "不予受理：经核实未发现所述情况", "cannot be taken up: we looked and did not find what it describes"
    ),
    "rejected.spam": _p("不予受理：未包含可办理的内容", "cannot be taken up: it holds nothing to work on"),
    "handed_over": _p("已移交负责的单位办理", "has been handed over to those who answer for it"),
    "voided": _p("已撤销，不再办理", "has been withdrawn and is not worked on any more"),
    PROGRESS: _p("办理有新的进展", "has moved forward"),
    "more_time": _p("需要更多时间，预计 {until} 前办结", "needs more time; it is expected by {until}"),
    "waits": _p(
        "因客观原因暂缓办理，至 {until}", "has to wait until {until}: nothing can be done about it before"
    ),
    "goes_on": _p("已恢复办理", "is being worked on again"),
    "application": _p("已进入审批", "is being examined as an application"),
    "application_again": _p("已重新进入审批", "is being examined as an application again"),
    "materials_asked": _p(
        "需要补充材料，办理单位将一次性告知您", "needs more papers; the unit will tell you which"
    ),
    "publicised": _p(
        "已通过镇街审核，正在公示", "has passed the town's review and is on public notice"
    ),
    "approved": _p("已获批准", "has been approved"),
    "refused": _p(
        "未获批准，工作人员将告知理由和救济途径",
        "has been refused; you will be told why and how to object",
    ),
    "refused.not_eligible": _p(
        "不符合条件，未获批准，工作人员将告知理由和救济途径",
        "does not meet the conditions and has been refused; you will be told why and how to object",
    ),
}  # fmt: skip

OF_AN_APPLICATION = tuple(meaning.code for name, meaning in _OF.items() if name.startswith("approval."))

# told also to who learns of a later step at the same time: it says what the later one does not
LASTING = (PROGRESS, "approved", "refused", "refused.not_eligible")


def reason_of(event: CaseEnvelope[Fact], expected_by: datetime | None) -> Reason | None:
    """None where the step says all. A code of a later version's is told as the one that it belongs to."""
    meaning = _OF.get(event.type)
    if meaning is None:
        return None
    detail = f"{meaning.code}.{event.data.said(meaning.detail)}" if meaning.detail else meaning.code
    code = detail if detail in REASONS else meaning.code
    until = event.data.said("until") or (expected_by if meaning.code == "more_time" else None)
    if until is None and "{until}" in REASONS[code][Language.ZH]:
        return None
    return Reason(code, until, event.data.said(meaning.note) if meaning.note else None)


def said_of(reason: Reason, language: Language, zone: ZoneInfo) -> str:
    until = reason.until.astimezone(zone).strftime("%Y-%m-%d %H:%M") if reason.until else ""
    return REASONS[reason.code][language].format(until=until)
