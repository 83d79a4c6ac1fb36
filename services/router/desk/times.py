"""Moments and spans as the desk says them: how long from now, and the hour on the wall of the calendar's zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.router.clocks.limits import Limit
from services.router.desk.words import Lang

_UNITS = {"zh": (" 天", " 小时", " 分钟"), "en": (" d", " h", " min")}
_LIMIT_UNITS = {
    "minute": ("分钟", "min"),
    "urgent_hour": ("紧急工作时", "h round the clock"),
    "natural_day": ("自然日", "calendar days"),
    "work_minute": ("工作分钟", "min of work"),
    "work_hour": ("工作时", "h of work"),
    "work_day": ("工作日", "working days"),
    "next_day_end": ("个工作日后下班前", "working days on, at close of work"),
}


def on_the_wall(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def from_now(moment: datetime, now: datetime, lang: Lang) -> str:
    """`in 25 min`, `2 h late`."""
    span = span_of(abs(moment - now), lang)
    late = moment < now
    if lang == "zh":
        return f"超期 {span}" if late else f"还有 {span}"
    return f"{span} late" if late else f"in {span}"


def span_of(time: timedelta, lang: Lang) -> str:
    """The two largest units that say something: `3 h 10 min`, never seconds."""
    minutes = int(time.total_seconds() // 60)
    amounts = (minutes // 1440, minutes % 1440 // 60, minutes % 60)
    first = next((place for place, amount in enumerate(amounts) if amount), 2)
    pairs = list(zip(amounts, _UNITS[lang], strict=True))[first : first + 2]
    return " ".join(f"{amount}{unit}" for amount, unit in pairs if amount or len(pairs) == 1)


def limit_in_words(limit: Limit, lang: Lang) -> str:
    zh, en = _LIMIT_UNITS[limit.unit]
    amount = f"{limit.amount:.1f}".removesuffix(".0")
    return f"{amount} {zh if lang == 'zh' else en}"
