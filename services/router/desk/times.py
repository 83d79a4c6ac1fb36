"""Limits as the desk says them, and how long it is until one."""

from datetime import datetime

from delivery.pages.speaking import Lang
from delivery.pages.times import span_of
from services.router.clocks.limits import Limit

_LIMIT_UNITS = {
    "minute": ("分钟", "min"),
    "urgent_hour": ("紧急工作时", "h round the clock"),
    "natural_day": ("自然日", "calendar days"),
    "work_minute": ("工作分钟", "min of work"),
    "work_hour": ("工作时", "h of work"),
    "work_day": ("工作日", "working days"),
    "next_day_end": ("个工作日后下班前", "working days on, at close of work"),
}


def from_now(moment: datetime, now: datetime, lang: Lang) -> str:
    """`in 25 min`, `2 h late`."""
    span = span_of(abs(moment - now), lang)
    late = moment < now
    if lang == "zh":
        return f"超期 {span}" if late else f"还有 {span}"
    return f"{span} late" if late else f"in {span}"


def limit_in_words(limit: Limit, lang: Lang) -> str:
    zh, en = _LIMIT_UNITS[limit.unit]
    amount = f"{limit.amount:.1f}".removesuffix(".0")
    return f"{amount} {zh if lang == 'zh' else en}"
