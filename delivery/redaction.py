"""Promise 6: no personal data leaves. Takes it out of free text before the text goes anywhere (domain §8.2)."""

import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from contracts.width import in_plain_width
from delivery.number_groups import GAP, LIST_MARK, NARROW_GAP, holds_date, is_ordinary, rises
from delivery.number_readings import AS_IT_CAME, AS_SEEN, IN_FIGURES, IN_WORDS, Reading

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟"
    "汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文欧"
)
_DOUBLE_SURNAMES = "欧阳|上官|司马|诸葛|皇甫|尉迟|公孙|慕容|司徒|令狐|东方|夏侯"
_SURNAME = f"(?:{_DOUBLE_SURNAMES}|[{_SURNAMES}])"
# they lead to a name only behind words after which nothing else is likely: many are everyday words as well
_RARER = (
    "褚卫尤施严华陶戚喻柏窦章云葛奚郎鲁韦昌苗凤俞柳鲍费廉岑倪滕殷毕邬安乐皮卞齐伍元卜平穆湛祁禹狄米贝明臧计成谈茅庞纪舒屈项祝"
    "阮蓝闵席季麻强路娄危童颜梅盛刁骆樊凌霍虞支柯管莫房解应宗丁宣郁单杭洪包诸左石吉邢滑裴荣翁荀惠甄曲封芮储靳松井富巫乌焦巴牧山谷车"
    "宓班仰秋仲伊宫宁仇栾甘厉戎祖符景詹束幸司黎印宿怀蒲从鄂索咸籍卓蔺屠蒙池阴胥双闻党翟贡劳姬申扶冉宰雍桑桂濮牛寿通边燕冀浦尚农温庄"
    "晏柴瞿连习艾鱼容向古慎戈终居衡步耿满弘匡寇广东利蔚隆师巩聂敖融冷辛阚简饶沙鞠丰巢关相查荆红游竺权盖益桓肖付闫代岳苟覃冼谌粟佘涂兰"
    "尧敬蹇占植练官佟仝亓麦海商信战冶邸禤缪嵇隗谯鄢揭逄郜蔚"
)
_RARER_DOUBLE = "端木|轩辕|司空|宇文|长孙|独孤|南宫|西门|申屠|呼延|钟离|闻人|澹台|淳于|单于|太史|百里|赫连|鲜于|拓跋|完颜|纳兰|第五"
_NOBODY = (
    "单位|管家|管理|师傅|师父|车|房东|路人|路过|明天|平时|应急|应该|司机|经理|东西|东家|水电|广告|代理|代驾|官方|商家|店家|老板|"
    "左右|左边|山下|山上|海关|通知|安全|安保|党员|双方|成天|向前|相关|连续|解决|从来|从此|居委|农民"
)
_TITLES = "先生|女士|小姐|阿姨|师傅|大爷|大妈|老师|叔叔|奶奶|爷爷"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"


class Redacted(NamedTuple):
    """`found` counts what was taken out by kind."""

    text: str
    found: Counter[str]


class Pattern(NamedTuple):
    """What a kind of personal data looks like; every repetition is bounded, so matching takes linear time."""

    kind: str
    mark: str
    expression: re.Pattern[str]
    holds: Callable[[str], bool]

    @property
    def it(self) -> str | int:
        """The group that is taken out, where the words that led to it stay readable; else all of it."""
        return "it" if "it" in self.expression.groupindex else 0


_READINGS = (AS_IT_CAME, AS_SEEN, IN_FIGURES, IN_WORDS)
_NUMBERS = ("id", "card", "phone")  # an account may be made of letters too
_IN_A_ROW = re.compile(rf"\d(?:{GAP}\d){{4}}")  # fewer figures are no number of anybody


def redact(text: str) -> Redacted:
    """`text` with a mark in place of each piece of personal data, however it is written; the rest stays as it is."""
    written, text = text, in_plain_width(text)
    found: Counter[str] = Counter()
    read = _read(text)
    has_number = any(said.has_number for said in read.values())
    for pattern in _PATTERNS if has_number else _OTHER_THAN_NUMBERS:
        for reading in reversed(tuple(read)):  # what is half in figures, half in words is one number
            said = read.get(reading)
            if said and _may_hold(pattern.kind, reading, said) and (spans := _spans(pattern, said.text)):
                places = reading.places(text)
                written = _marked(written, pattern.mark, spans, places)
                text = _marked(text, pattern.mark, spans, places)
                found[pattern.kind] += len(spans)
                read = _read(text)
    return Redacted(written, found)


class _Said(NamedTuple):
    text: str
    has_number: bool


def _read(text: str) -> dict[Reading, _Said]:
    """What the readings make of it, each only where it says something else than those before it."""
    read: dict[Reading, _Said] = {}
    said_before: set[str] = set()
    for reading in _READINGS:
        said = reading.of(text)
        if said in said_before:
            continue
        has_number = _IN_A_ROW.search(said) is not None
        if has_number or reading is not IN_WORDS:
            said_before.add(said)
            read[reading] = _Said(said, has_number)
    return read


def _may_hold(kind: str, reading: Reading, said: _Said) -> bool:
    """Figures said in words count in numbers only: 一楼 is a floor, and 张三 a name."""
    if kind in _NUMBERS:
        return said.has_number
    return reading is not IN_WORDS or kind == "account"


def _spans(pattern: Pattern, text: str) -> list[tuple[int, int]]:
    """Where it stands."""
    spans: list[tuple[int, int]] = []
    match = pattern.expression.search(text)
    while match:
        holds = pattern.holds(match[0])
        if holds:
            spans.append(match.span(pattern.it))
        match = pattern.expression.search(text, match.end() if holds else match.start() + 1)
    return spans


def without_marks(text: str) -> str:
    """What is left of somebody's own words in a redacted text."""
    return _MARKS.sub("", text)


def _marked(text: str, mark: str, spans: list[tuple[int, int]], places: list[tuple[int, int]]) -> str:
    parts, kept = [], 0
    for start, end in spans:
        parts += [text[kept : places[start][0]], mark]
        kept = places[end][0] if end < len(places) else len(text)  # with what lies on its last figure
    return "".join(parts) + text[kept:]


def _is_card_number(text: str) -> bool:
    """Luhn's check keeps component codes, which have as many digits, out of it."""
    digits = "".join(_GROUP.findall(text))[::-1]
    doubled = digits[1::2].translate(_DOUBLED)
    return sum(map(int, digits[::2] + doubled)) % 10 == 0 and not is_ordinary(text)


def _is_identity(text: str) -> bool:
    """It holds a birthday, which may stand apart: then the code of the place before it does too."""
    return not rises(text) and (not holds_date(text) or _PLACE.match(text) is not None)


def _is_telephone(text: str) -> bool:
    return not is_ordinary(text)


def _is_american(text: str) -> bool:
    """Ten figures are a telephone's where they are grouped as one, or said one by one."""
    groups = [len(group) for group in _GROUP.findall(text)]
    return (groups == [3, 3, 4] and not LIST_MARK.search(text)) or (
        groups == [1] * 10 and not is_ordinary(text)
    )


def _is_plate(text: str) -> bool:
    """A word in Latin letters behind the name of a province is none."""
    return sum(letter.isdigit() for letter in text) >= 3


_PLACE = re.compile(r"\d{6}(?!\d)")
_GROUP = re.compile(r"\d+")
_DOUBLED = str.maketrans("0123456789", "0246813579")  # and the two digits of what is doubled added up


def _of(kind: str, mark: str, expression: str, holds: Callable[[str], bool] = lambda _: True) -> Pattern:
    return Pattern(kind, mark, re.compile(expression, re.ASCII), holds)


def _more(digits: int) -> str:
    return rf"(?:{GAP}\d){{{digits}}}"


_ALONE = r"(?<!\d)(?<!\d\.)"  # neither the rest of a number nor what comes after its decimal point
_BIRTHDAY = rf"{GAP}(?:1{GAP}9|2{GAP}0){_more(2)}{GAP}(?:0{GAP}[1-9]|1{GAP}[0-2]){GAP}(?:0{GAP}[1-9]|[12]{GAP}\d|3{GAP}[01])"
_ISSUER = rf"(?=4|6{GAP}[025]|5{GAP}[1-5]|3{GAP}[457]|9{GAP}5{GAP}5{GAP}8)"
_AREA = rf"[3-9]{GAP}\d{GAP}\d{GAP}[2-9]"
_ENDS = r"$|[^\u4e00-\u9fff]|住|家|电|手|在|的|反|报|说"  # of a name
_ENDS_FOR_SURE = rf"{_ENDS}|是|我|要|因|就|也|请|您|你"  # where nothing but a name is likely
_SAID = "零〇一二三四五六七八九"
_ROOM = rf"(?:\d{{3,5}}(?:[、/]\d{{3,4}}){{0,20}}|[{_SAID}]{{3,4}})(?: ?(?:室|号房?|房))?"
# what is counted, or another part of the building, or open to everybody, or a list of which that is said
_COUNTED = (
    rf"[ -]?(?:[\d{_SAID}十多余来年月日人个家米平元块万度层楼套只条棵辆盏次天小分岁点位间吨处届千公倍mM㎡%％栋幢座户]"
    r"|单元|号?(?:门面|商铺|店|铺))|[、/]\d{3,4}(?!\d)"
)
_PHONE, _NAME, _DOOR = "［电话］", "［姓名］", "［门牌］"

_PATTERNS = (
    _of("email", "［邮箱］", r"(?u:(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,24}|。[A-Za-z]{2,24}){1,4})"),
    _of("id", "［证件］", r"(?<![0-9A-Za-z])\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![0-9A-Za-z])"),
    _of("id", "［证件］", rf"(?<![0-9A-Za-z])[1-9]{_more(5)}{_BIRTHDAY}{_more(3)}{GAP}[\dXx](?![0-9A-Za-z])", _is_identity),
    _of("id", "［证件］", rf"(?:身份证|证件)[号码：: 是为]{{0,6}}(?P<it>\d{_more(14)})(?!\d)"),
    _of("id", "［证件］", rf"(?:护照|通行证|台胞证|回乡证|居留证|[Pp]assport)[号码：: 是为NnOo.#]{{0,6}}(?P<it>[A-Za-z]{{0,2}}{NARROW_GAP}\d(?:{NARROW_GAP}\d){{6,9}})(?!\d)"),
    _of("card", "［卡号］", r"(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)", _is_card_number),
    *(_of("card", "［卡号］", rf"(?<!\d){_ISSUER}\d{_more(more)}(?!\d)", _is_card_number) for more in (18, 17, 16, 15)),
    _of("card", "［卡号］", rf"(?:卡号|账号|帐号|[Aa]ccount)[：: 是为#]{{0,4}}(?P<it>\d(?:{NARROW_GAP}\d){{11,24}})"),
    _of("phone", _PHONE, r"(?<!\d)1[3-9]\d{9}(?!\d)"),
    _of("phone", _PHONE, rf"{_ALONE}(?:(?:\+|00)?{GAP}8{GAP}6{GAP})?1{GAP}[3-9]{_more(9)}(?!\d)", _is_telephone),
    _of("phone", _PHONE, r"(?<![\d.])\(?0\d{2,3}\)?[ -]?\d{7,8}(?!\d)"),
    _of("phone", _PHONE, rf"{_ALONE}\(?0{GAP}(?:(?:1{GAP}0|2{GAP}\d){GAP}[2-9]{_more(7)}|{_AREA}{_more(5)}\d(?!\d)|{_AREA}{_more(7)}|{_AREA}{_more(6)})(?!\d)", _is_telephone),
    _of("phone", _PHONE, r"(?<![\d.])(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d)"),
    _of("phone", _PHONE, rf"{_ALONE}[2-9]{_more(9)}(?!\d)", _is_american),
    _of("phone", _PHONE, r"\+\d{1,3}[ -]?\d{1,4}(?:[ -]?\d{2,4}){2,4}(?!\d)"),
    _of("phone", _PHONE, rf"(?:\+|{_ALONE}00){NARROW_GAP}[1-9](?:{NARROW_GAP}\d){{7,14}}(?!\d)", _is_telephone),
    _of(
        "phone",
        _PHONE,
        rf"(?:电话|手机|座机|号码|联系方式|[Tt]el|[Pp]hone|[Cc]all me (?:at|on))[^\d，。,.\n]{{0,8}}(?P<it>\d(?:{NARROW_GAP}\d){{6,19}})",
    ),
    _of("plate", "［车牌］", rf"[{_PROVINCES}] ?[A-HJ-Za-hj-z][·•. -]{{0,2}}(?:[A-HJ-NP-Za-hj-np-z0-9][ -]?){{4,5}}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳](?![A-Za-z0-9])", _is_plate),
    _of("account", "［账号］", r"(?i:微信号?|wechat|weixin|vx|qq号?)(?: ?id)?[：: 是]{0,3}(?P<it>[A-Za-z0-9][A-Za-z0-9_-]{4,24})"),
    _of("name", _NAME, rf"(?:我叫|我名叫|姓名|本人|联系人|报案人|户主|投诉人|举报人|反映人|申请人|当事人|来电人|报修人)[：: 是叫]{{0,3}}(?P<it>{_SURNAME}[\u4e00-\u9fff]{{1,2}}?)(?={_ENDS})"),
    _of("name", _NAME, rf"(?:我叫|我名叫|我的名字[叫是]|名字叫|(?:姓名|联系人|报案人|户主|投诉人|举报人|反映人|申请人|当事人|来电人|报修人)[：:]) {{0,2}}(?P<it>(?!{_NOBODY})(?:{_SURNAME}|{_RARER_DOUBLE}|[{_RARER}])[\u4e00-\u9fff]{{1,2}}?|[\u4e00-\u9fff]{{2,8}}[·•・][\u4e00-\u9fff]{{2,8}}?)(?={_ENDS_FOR_SURE})"),
    _of("name", _NAME, rf"(?P<it>{_SURNAME}[\u4e00-\u9fff]{{0,2}}?)(?=(?:{_TITLES}))"),
    _of("name", _NAME, r"(?:[Mm]y name is|[Nn]ame: ?|[Cc]ontact(?: person)?: ?) ?(?P<it>[A-Z][a-zA-Z'-]{1,20}(?: [A-Z][a-zA-Z'-]{1,20}){0,2})"),
    _of("name", _NAME, r"(?:I am|I'm|[Tt]his is|[Aa]sk for) (?P<it>[A-Z][a-z'-]{1,20} [A-Z][a-z'-]{1,20})"),
    _of("name", _NAME, r"(?:Mr|Mrs|Ms|Miss|Dr)\.? (?P<it>[A-Z][A-Za-z'-]{1,20}(?: [A-Z][A-Za-z'-]{1,20})?)"),
    _of("door", _DOOR, rf"(?P<it>[\d{_SAID}十]{{0,3}} ?单元[ -]?(?:{_ROOM}户?|(?:\d{{1,2}}|[{_SAID}]{{2}})(?:室|号|房)?))(?!{_COUNTED})"),
    _of("door", _DOOR, rf"(?:栋|幢|座|号楼|#楼)[ -]?(?P<it>{_ROOM})(?!{_COUNTED})"),
    _of("door", _DOOR, rf"(?<![\d{_SAID}十百])(?P<it>(?:\d{{3,4}}|[{_SAID}]{{3,4}})(?:室|号房(?!子|屋|产|东|租|管|地)|房(?!间|子|屋|产|东|租|管)))"),
    _of("door", _DOOR, rf"(?<![0-9A-Za-z-])(?P<it>\d{{1,3}}-\d{{1,2}}-(?!(?:19|20)\d\d)\d{{3,4}})(?![A-Za-z-]|{_COUNTED})"),
    _of("door", _DOOR, r"(?<![A-Za-z])(?:[Aa]pt|[Aa]partment|[Rr]oom|[Rr]m|[Ff]lat)\.? ?#?(?P<it>\d{1,5}[A-Za-z]?|[A-Z]\d{0,4})(?![A-Za-z0-9])"),
)  # fmt: skip

_OTHER_THAN_NUMBERS = tuple(pattern for pattern in _PATTERNS if pattern.kind not in _NUMBERS)
_MARKS = re.compile("|".join(sorted({pattern.mark for pattern in _PATTERNS})))
