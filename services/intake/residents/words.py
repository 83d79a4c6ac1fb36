"""The words for reporters, in Chinese and English: the receipt number, the step, a link, and nothing of the case."""

from contracts.vocabulary import Language, OutwardStep
from delivery.channels.letter import Letter, letter
from services.intake.residents.due import Kind

Phrase = dict[Language, str]


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
FOLLOW = _p("查询进度：{link}", "Follow it here: {link}")
WHY = _p("您上报时留下了此联系方式。", "You left this contact with your report.")


def words(
    kind: Kind, step: OutwardStep | None, receipt_no: str, language: Language, status_url: str
) -> tuple[str, str, Letter]:
    """Subject, a text short enough for an SMS, and the letter; `status_url` goes before the receipt number."""
    subject = SUBJECT[language].format(receipt=receipt_no)
    said = MESSAGES[kind][language].format(receipt=receipt_no, step=STEPS[step][language] if step else "")
    link = f"{status_url}{receipt_no}" if status_url else None
    short = said + (FOLLOW[language].format(link=link) if link else "")
    if language is Language.EN and link:
        short = f"{said} {FOLLOW[language].format(link=link)}"
    return subject, short, letter(subject, [said], language=language, why=WHY[language], link=link)
