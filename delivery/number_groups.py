"""What stands between the figures of a number, and which groups of figures are no one number."""

import re
from itertools import pairwise

# an amount and a list have some of these marks too; what is which, `is_ordinary` says
_LIST_MARKS = ",，、;；/／\\n"
_MARKS = (
    r"\s\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.．·•・‧∙⋅。'’*_|\\~～+()（）‐‑‒–—―−﹣－\-"
    + _LIST_MARKS
)
GAP = f"[{_MARKS}]{{0,4}}"
# inside of one number whose length nobody knows: what is listed after it is not part of it
NARROW_GAP = r"[ \u00a0\u3000.·•‐‑‒–—―−－\-]{0,3}"

LIST_MARK = re.compile(f"[{_LIST_MARKS}]")
_THOUSANDS = re.compile(r"\d{1,3}(?:(?P<mark>[,，.'’ ])\d{3})(?:(?P=mark)\d{3})+(?:[.,]\d{1,2})?")
_DECIMALS = re.compile(r"\d+\.\d{1,3}(?:[^\d.]+\d+\.\d{1,3})+(?:[^\d.]+\d+)?")
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:[0-2]?\d|3[01])|(?:[0-2]?\d|3[01])[-/.](?:[0-2]?\d|3[01])[-/.](?:19|20)\d\d)(?!\d)"
    r"|^(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])(?!\d)"
)
_GROUP = re.compile(r"\d+")
_LISTED = 5  # so many numbers, each greater than the one before, are a list
# what a number with marks of a list in it must look like to be one: telephones, landlines, cards
_GROUPED = re.compile("3 4 4|3 8|7 4|4 [78]|4 4 4|4 4 4 4(?: [1-4])?|6 1[0-3]")


def is_ordinary(text: str) -> bool:
    """An amount, a date or a list of numbers, such as those of houses; what has no gap is none of them."""
    groups = _GROUP.findall(text)
    return len(groups) > 1 and bool(
        _THOUSANDS.fullmatch(text)
        or _DECIMALS.fullmatch(text)
        or holds_date(text)
        or rises(text)
        or (LIST_MARK.search(text) and not _is_said_as_one(groups))
    )


def holds_date(text: str) -> bool:
    return _DATE.search(text) is not None


def rises(text: str) -> bool:
    numbers = [int(group) for group in _GROUP.findall(text)]
    return len(numbers) >= _LISTED and all(one < following for one, following in pairwise(numbers))


def _is_said_as_one(groups: list[str]) -> bool:
    """Grouped as a number is, or said figure by figure, of which some may be said twice at once."""
    lengths = [len(group) for group in groups if group not in _COUNTRY]
    return _GROUPED.fullmatch(" ".join(map(str, lengths))) is not None or (
        max(lengths) <= 2 and lengths.count(1) > lengths.count(2)
    )


_COUNTRY = ("86", "0086")
