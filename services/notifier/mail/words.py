"""The letters of subscriptions by e-mail, in Chinese and English."""

from collections.abc import Sequence
from typing import NamedTuple

from contracts.vocabulary import Language
from delivery.channels.letter import Letter, letter
from services.notifier.people.phrases import URGENCIES, Phrase
from services.notifier.people.words import Notified, Style, digest, said


class Mail(NamedTuple):
    subject: str
    letter: Letter
    unsubscribe: str | None


CONFIRM: dict[str, Phrase] = {
    "subject": {Language.ZH: "请确认订阅“{name}”", Language.EN: 'Please confirm the subscription "{name}"'},
    "line": {
        Language.ZH: "有人为此邮箱订阅了案件通知。打开下面的链接确认后才会发送；若非本人操作，请忽略。",
        Language.EN: "Somebody subscribed this address to notices of cases. Nothing is sent before you confirm; "
        "if it was not you, ignore this.",
    },
    "why": {Language.ZH: "此邮件只发送一次。", Language.EN: "This is sent once."},
}
WHY: Phrase = {
    Language.ZH: "您订阅了“{name}”。",
    Language.EN: 'You subscribed to "{name}".',
}
SEVERAL: Phrase = {
    Language.ZH: "【{urgency}】{number} 条通知",
    Language.EN: "[{urgency}] {number} notices",
}
PAGES: dict[str, tuple[str, str]] = {
    "confirm": ("确认订阅 Confirm the subscription", "确认 Confirm"),
    "confirmed": ("订阅已确认 The subscription is confirmed", ""),
    "leave": ("退订 Unsubscribe", "退订 Unsubscribe"),
    "left": ("已退订，不再发送 Unsubscribed, nothing more is sent", ""),
}


def confirmation(name: str, link: str, language: Language) -> Mail:
    subject = CONFIRM["subject"][language].format(name=name)
    lines = [CONFIRM["line"][language]]
    return Mail(
        subject, letter(subject, lines, language=language, why=CONFIRM["why"][language], link=link), None
    )


def news(notified: Sequence[Notified], name: str, leave: str, style: Style, *, is_daily: bool) -> Mail:
    """One fact as itself, a day's as a digest, several others headed by the first; the most urgent are given first."""
    words = said(notified[0], style) if len(notified) == 1 else digest(notified, style)
    subject = words.subject if len(notified) == 1 or is_daily else _several(notified, style.language)
    why = WHY[style.language].format(name=name)
    body = letter(subject, words.lines, language=style.language, why=why, link=words.link, unsubscribe=leave)
    return Mail(subject, body, leave)


def _several(notified: Sequence[Notified], language: Language) -> str:
    return SEVERAL[language].format(urgency=URGENCIES[notified[0].urgency][language], number=len(notified))


def page(which: str) -> str:
    """What a browser is shown; the button posts to the same address, so that no scanner of links does it."""
    title, button = PAGES[which]
    form = f'<form method="post"><button>{button}</button></form>' if button else ""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>casegrid</title>'
        '<meta name="viewport" content="width=device-width"></head>'
        f'<body style="font-family: sans-serif; margin: 2em"><h1>{title}</h1>{form}</body></html>'
    )
