"""The words for reporters, in Chinese and English: the receipt number, the step or why it is so, where the law sends
them or what a unit lets them know, a link, and nothing else of the case."""

from zoneinfo import ZoneInfo

from contracts.vocabulary import Language, OutwardStep
from delivery.channels.letter import Letter, letter
from services.intake.outward import Standing
from services.intake.reasons import PROGRESS, Phrase, Reason, said_of
from services.intake.residents.due import Kind

_LONGEST_NOTE = 100  # characters in an SMS; the letter has all of it


def _p(zh: str, en: str) -> Phrase:
    return {Language.ZH: zh, Language.EN: en}


SUBJECT = _p("您的上报 {receipt}", "Your report {receipt}")
MESSAGES: dict[Kind, Phrase] = {
    Kind.RECEIPT: _p("已收到您的上报，受理编号 {receipt}。", "We have received your report; its number is {receipt}."),
    Kind.PROGRESS: _p("您的上报（受理编号 {receipt}）{step}。", "Your report {receipt} {step}."),
    Kind.FEEDBACK: _p(
        "您的上报（受理编号 {receipt}）已处置并核查，工作人员将向您反馈结果。",
        "The work on your report {receipt} is done and checked; you will be told the result.",
    ),
    Kind.VISIT: _p(
        "您的上报（受理编号 {receipt}）已反馈，请告诉我们问题是否解决、您是否满意。",
        "You were told the result of your report {receipt}; please tell us whether it is solved.",
    ),
}  # fmt: skip
STEPS: dict[OutwardStep, Phrase] = {
    OutwardStep.REPORTED: _p("已上报", "has been taken down"),
    OutwardStep.ACCEPTED: _p("已受理立案", "has been accepted"),
    OutwardStep.DISPATCHED: _p("已派遣承办单位", "has been given to the unit that answers for it"),
    OutwardStep.HANDLING: _p("正在处置", "is being worked on"),
    OutwardStep.FEEDBACK: _p("已处置，待核查反馈", "has been worked on and is being checked"),
    OutwardStep.CLOSED: _p("已结案", "has been closed"),
}
WAY = _p("途径：{note}。", "The way to go: {note}.")
WORD = _p("承办单位告知：{note}。", "The unit lets you know: {note}.")
FOLLOW = _p("查询进度：{link}", "Follow it here: {link}")
WHY = _p("您上报时留下了此联系方式。", "You left this contact with your report.")


def words(
    kind: Kind,
    standing: Standing | None,
    receipt_no: str,
    language: Language,
    *,
    status_url: str,
    zone: ZoneInfo,
) -> tuple[str, str, Letter]:
    """Subject, a text short enough for an SMS, and the letter; `status_url` goes before the receipt number."""
    subject = SUBJECT[language].format(receipt=receipt_no)
    stands = _stands(standing, language, zone) if standing else ""
    said = MESSAGES[kind][language].format(receipt=receipt_no, step=stands)
    reason = standing.reason if standing and standing.reason and standing.reason.note else None
    link = f"{status_url}{receipt_no}" if status_url else None
    parts = [
        said,
        *([_note(reason, language, longest=_LONGEST_NOTE)] if reason else []),
        *([FOLLOW[language].format(link=link)] if link else []),
    ]
    lines = [said, *([_note(reason, language)] if reason else [])]
    short = ("" if language is Language.ZH else " ").join(parts)
    return subject, short, letter(subject, lines, language=language, why=WHY[language], link=link)


def _stands(standing: Standing, language: Language, zone: ZoneInfo) -> str:
    return said_of(standing.reason, language, zone) if standing.reason else STEPS[standing.step][language]


def _note(reason: Reason, language: Language, *, longest: int | None = None) -> str:
    phrase = WORD if reason.code == PROGRESS else WAY
    return phrase[language].format(note=_cut(reason.note or "", longest).rstrip("。."))


def _cut(text: str, longest: int | None) -> str:
    return text if longest is None or len(text) <= longest else text[: longest - 1] + "…"
