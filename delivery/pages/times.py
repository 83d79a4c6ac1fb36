"""Moments and spans as pages say them: the hour on the wall of a zone, and how long."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from delivery.local_time import local
from delivery.pages.speaking import Lang

_UNITS = {"zh": (" 天", " 小时", " 分钟"), "en": (" d", " h", " min")}


def on_the_wall(moment: datetime, zone: ZoneInfo) -> str:
    return local(moment, zone).strftime("%Y-%m-%d %H:%M")


def span_of(time: timedelta, lang: Lang) -> str:
    """The two largest units that say something: `3 h 10 min`, never seconds."""
    minutes = int(time.total_seconds() // 60)
    amounts = (minutes // 1440, minutes % 1440 // 60, minutes % 60)
    first = next((place for place, amount in enumerate(amounts) if amount), 2)
    pairs = list(zip(amounts, _UNITS[lang], strict=True))[first : first + 2]
    return " ".join(f"{amount}{unit}" for amount, unit in pairs if amount or len(pairs) == 1)


def in_zone(text: str, zone: ZoneInfo) -> str:
    """What a browser's control for a local time holds, as ISO 8601 with the zone's offset; what is no time stays as it
    is, for a model to refuse."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).isoformat()
