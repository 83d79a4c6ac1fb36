"""Which message a fact asks for: the receipt, a new outward step, how far it is when the reporter asks again, the
result, the invitation to say how it went."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.envelope import CaseEnvelope
from contracts.vocabulary import Language, OutwardStep
from delivery.channels.timing import Timetable
from delivery.redaction import without_marks
from services.intake.outward import Standing, standing_after
from services.intake.reasons import LASTING

JOINED = "case.merged"
REMINDED = "case.reminded"
WORK_IS_DONE = (OutwardStep.FEEDBACK, OutwardStep.CLOSED)


class Kind(StrEnum):
    RECEIPT = "receipt"
    PROGRESS = "progress"
    FEEDBACK = "feedback"
    VISIT = "visit"


@dataclass(frozen=True)
class Reachable:
    """A report whose reporter gave a contact and did not ask for confidentiality; `follows` are the cases that tell of
    it: its own and, once that is merged, the one that answers for it. The contact itself is not here."""

    report_id: UUID
    case_id: UUID
    language: Language
    follows: frozenset[UUID]


@dataclass(frozen=True)
class Told:
    """The last step that a reporter was told, and which fact of which case said it."""

    step: OutwardStep
    case_id: UUID
    case_version: int


@dataclass(frozen=True)
class NewMessage:
    report: Reachable
    kind: Kind
    standing: Standing | None
    event: Any
    due_at: datetime


def messages_of(
    events: Sequence[CaseEnvelope[Any]],
    reports: Sequence[Reachable],
    told: Mapping[UUID, Told],
    standings: Mapping[UUID, Standing],
    timetable: Timetable,
) -> Iterator[NewMessage]:
    """In the order of the facts; `standings` are where the cases stand that `asked_about` names."""
    last = dict(told)
    for event in events:
        for report in reports:
            if event.case_id in report.follows:
                yield from _of_report(event, report, last, standings, timetable)


def asked_about(events: Sequence[CaseEnvelope[Any]]) -> set[UUID]:
    """The cases whose facts do not say where they stand: those that others were merged into, or are asked for again."""
    return masters_among(events) | {event.case_id for event in events if event.type == REMINDED}


def masters_among(events: Sequence[CaseEnvelope[Any]]) -> set[UUID]:
    return {event.data.master_case_id for event in events if event.type == JOINED}


def newest(messages: Sequence[NewMessage]) -> list[NewMessage]:
    """Of the steps that a report made at once only the last is told, and what lasts; where work began anew, not that it
    was done."""
    kept: list[NewMessage] = []
    moved, begun_anew = set[UUID](), set[UUID]()
    for message in reversed(messages):
        report = message.report.report_id
        overtaken = report in moved and not _lasts(message)
        if not (overtaken if message.kind is Kind.PROGRESS else report in begun_anew):
            kept.append(message)
        if message.kind is Kind.PROGRESS:
            moved.add(report)
            begun_anew |= reports_begun_anew([message])
    return kept[::-1]


def reports_begun_anew(messages: Iterable[NewMessage]) -> set[UUID]:
    """Those on which there is work now, whatever was done before."""
    return {
        message.report.report_id
        for message in messages
        if message.standing is not None and message.standing.step not in WORK_IS_DONE
    }


def says_it_again(message: NewMessage, known: Mapping[UUID, OutwardStep]) -> bool:
    """Where the steps in between were overtaken, as when a case is parted from another or classified anew; who asks
    again is answered."""
    if message.kind is not Kind.PROGRESS or message.standing is None or message.event.type == REMINDED:
        return False
    return message.standing.reason is None and known.get(message.report.report_id) is message.standing.step


def _lasts(message: NewMessage) -> bool:
    reason = message.standing.reason if message.standing else None
    return reason is not None and reason.code in LASTING


def _of_report(
    event: CaseEnvelope[Any],
    report: Reachable,
    last: dict[UUID, Told],
    standings: Mapping[UUID, Standing],
    timetable: Timetable,
) -> Iterator[NewMessage]:
    due_at = timetable.after_quiet(event.recorded_at)
    before = last.get(report.report_id)
    standing = _standing(event, report, standings)
    if standing is not None and _is_news(standing, event, before):
        last[report.report_id] = Told(standing.step, event.case_id, event.case_version)
        yield NewMessage(report, Kind.PROGRESS, standing, event, due_at)
    if kind := _beside(event, report):
        yield NewMessage(report, kind, None, event, due_at)


def _standing(
    event: CaseEnvelope[Any], report: Reachable, standings: Mapping[UUID, Standing]
) -> Standing | None:
    if event.type == JOINED:
        return standings.get(event.data.master_case_id)
    if event.type == REMINDED:
        asks = event.data.report_id in (None, report.report_id)
        return standings.get(event.case_id, Standing(OutwardStep.REPORTED)) if asks else None
    return standing_after(event)


def _is_news(standing: Standing, event: CaseEnvelope[Any], before: Told | None) -> bool:
    """A step that was not the last, a fact that says why, or what the reporter asked for."""
    if before is None:
        return True
    is_late = before.case_id == event.case_id and event.case_version <= before.case_version
    says_more = standing.reason is not None or event.type == REMINDED
    return not is_late and (standing.step is not before.step or says_more)


def _beside(event: CaseEnvelope[Any], report: Reachable) -> Kind | None:
    if event.type == "case.checked":
        return Kind.FEEDBACK
    if event.type == "case.feedback_given" and event.data.outcome == "told":
        meant = event.data.report_id
        return Kind.VISIT if meant in (None, report.report_id) else None
    return None


# beside those that move a step, which handlers hear anyway
ASKED = ("case.checked", "case.feedback_given", REMINDED)


def language_of(text: str) -> Language:
    """That of the report's own words: English only where they hold Latin letters and nothing Chinese. The marks of what
    was taken out are ours."""
    own = without_marks(text)
    if any("\u3400" <= character <= "\u9fff" for character in own):
        return Language.ZH
    return Language.EN if any(one.isascii() and one.isalpha() for one in own) else Language.ZH
