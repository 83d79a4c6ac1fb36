"""Promise 6: no personal data leaves. Takes it out of free text before the text goes anywhere (domain §8.2)."""

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟"
    "汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文欧"
)
_DOUBLE_SURNAMES = "欧阳|上官|司马|诸葛|皇甫|尉迟|公孙|慕容|司徒|令狐|东方|夏侯"
_SURNAME = f"(?:{_DOUBLE_SURNAMES}|[{_SURNAMES}])"
_TITLES = "先生|女士|小姐|阿姨|师傅|大爷|大妈|老师|叔叔|奶奶|爷爷"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

# full-width digits, letters and marks count as their plain forms, one for one
_PLAIN = {
    code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
_PLAIN |= {ord("＋"): "+", ord("－"): "-", ord("（"): "(", ord("）"): ")", ord("＠"): "@", ord("．"): "."}

# what nobody sees (Unicode's Default_Ignorable_Code_Point), wherever it stands in a number or a name
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


class Redacted(NamedTuple):
    """`found` counts what was taken out by kind; `unsure` asks a person to look."""

    text: str
    found: Counter[str]
    unsure: bool


class Pattern(NamedTuple):
    """What a kind of personal data looks like; every repetition is bounded, so matching takes linear time."""

    kind: str
    mark: str
    expression: re.Pattern[str]
    holds: Callable[[str], bool] = lambda _: True


def redact(text: str) -> Redacted:
    """`text` with a mark in place of each piece of personal data; what is marked stays as it is. Characters that nobody
    sees are kept, such as those within emoji, unless something personal shows once they are gone."""
    as_it_came = _marked(text.translate(_PLAIN))
    if UNSEEN.search(as_it_came.text) is None:
        return as_it_came
    seen = _marked(UNSEEN.sub("", as_it_came.text))
    text = seen.text if seen.found else as_it_came.text
    return Redacted(text, as_it_came.found + seen.found, as_it_came.unsure or seen.unsure)


def _marked(text: str) -> Redacted:
    found: Counter[str] = Counter()
    for pattern in _PATTERNS:
        if pattern.expression.search(text):  # most reports hold nothing of any kind
            text = pattern.expression.sub(partial(_replace, pattern=pattern, found=found), text)
    return Redacted(text, found, unsure=_DOUBTFUL.search(text) is not None)


def _replace(match: re.Match[str], *, pattern: Pattern, found: Counter[str]) -> str:
    """Only the group called `it` goes, where there is one: the words that led to it stay readable."""
    if not pattern.holds(match[0]):
        return match[0]
    found[pattern.kind] += 1
    if "it" not in pattern.expression.groupindex:
        return pattern.mark
    start, end = match.start("it") - match.start(), match.end("it") - match.start()
    return match[0][:start] + pattern.mark + match[0][end:]


def _is_card_number(text: str) -> bool:
    """Luhn's check keeps component codes, which have as many digits, out of it."""
    digits = [int(digit) for digit in text if digit.isdigit()][::-1]
    doubled = (digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _of(kind: str, mark: str, expression: str, holds: Callable[[str], bool] = lambda _: True) -> Pattern:
    return Pattern(kind, mark, re.compile(expression), holds)


_PHONE, _NAME, _DOOR = "［电话］", "［姓名］", "［门牌］"

_PATTERNS = (
    _of("email", "［邮箱］", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,24}){1,4}"),
    _of("id", "［证件］", r"(?<![0-9A-Za-z])\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![0-9A-Za-z])"),
    _of("id", "［证件］", r"(?:身份证|证件)[号码：: 是为]{0,6}(?P<it>\d{15})(?!\d)"),
    _of("card", "［卡号］", r"(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)", _is_card_number),
    _of("card", "［卡号］", r"(?:卡号|账号|帐号|[Aa]ccount)[：: 是为#]{0,4}(?P<it>\d[\d -]{10,24}\d)"),
    _of("phone", _PHONE, r"(?<![\d.])(?:(?:\+|00)?86[ -]?)?1[3-9]\d(?:[ .-]?\d{4}){2}(?!\d)"),
    _of("phone", _PHONE, r"(?<![\d.])\(?0\d{2,3}\)?[ -]?\d{7,8}(?!\d)"),
    _of("phone", _PHONE, r"(?<![\d.])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d)"),
    _of("phone", _PHONE, r"\+\d{1,3}[ -]?\d{1,4}(?:[ -]?\d{2,4}){2,4}(?!\d)"),
    _of("phone", _PHONE, r"[一幺][三四五六七八九](?:[ 、-]?[〇零一二三四五六七八九幺两]){9}"),
    _of(
        "phone",
        _PHONE,
        r"(?:电话|手机|座机|号码|联系方式|[Tt]el|[Pp]hone|[Cc]all me (?:at|on))[^\d，。,.\n]{0,8}(?P<it>\d[\d -]{5,18}\d)",
    ),
    _of("plate", "［车牌］", rf"[{_PROVINCES}][A-HJ-Z][·• ]?[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])"),
    _of("account", "［账号］", r"(?i:微信号?|wechat|weixin|vx|qq号?)(?: ?id)?[：: 是]{0,3}(?P<it>[A-Za-z0-9][A-Za-z0-9_-]{4,24})"),
    _of("name", _NAME, rf"(?:我叫|我名叫|姓名|本人|联系人|报案人|户主)[：: 是叫]{{0,3}}(?P<it>{_SURNAME}[\u4e00-\u9fff]{{1,2}}?)(?=$|[^\u4e00-\u9fff]|住|家|电|手|在|的|反|报|说|，)"),
    _of("name", _NAME, rf"(?P<it>{_SURNAME}[\u4e00-\u9fff]{{0,2}}?)(?=(?:{_TITLES}))"),
    _of("name", _NAME, r"(?:[Mm]y name is|[Nn]ame: ?|[Cc]ontact(?: person)?: ?) ?(?P<it>[A-Z][a-zA-Z'-]{1,20}(?: [A-Z][a-zA-Z'-]{1,20}){0,2})"),
    _of("name", _NAME, r"(?:I am|I'm|[Tt]his is|[Aa]sk for) (?P<it>[A-Z][a-z'-]{1,20} [A-Z][a-z'-]{1,20})"),
    _of("name", _NAME, r"(?:Mr|Mrs|Ms|Miss|Dr)\.? (?P<it>[A-Z][a-z'-]{1,20}(?: [A-Z][a-z'-]{1,20})?)"),
    _of("door", _DOOR, r"(?P<it>\d{1,3} ?单元 ?\d{1,5}(?:室|号|房|户)?|(?<!\d)\d{3,4}(?:室|房(?!间|子|屋|产|东|租|管)))"),
    _of("door", _DOOR, r"(?<![A-Za-z])(?:[Aa]pt|[Aa]partment|[Rr]oom|[Rr]m|[Ff]lat)\.? ?#?(?P<it>\d{1,5}[A-Za-z]?|[A-Z]\d{0,4})(?![A-Za-z0-9])"),
)  # fmt: skip

# what may still be somebody's number or name
_DOUBTFUL = re.compile(r"(?<![\d.])\d[\d -]{7,24}\d(?!\d)|我叫(?!［)|姓名[：:](?! ?［)|[Mm]y name is (?!［)")
