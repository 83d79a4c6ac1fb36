"""A number of somebody is taken out however its figures are written, grouped or said; what is nobody's stays."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.redaction import redact
from tests.quickness import is_done_within

# each says 0 to 9
SHAPES = {
    "plain": "0123456789", "full width": "０１２３４５６７８９", "circled": "⓪①②③④⑤⑥⑦⑧⑨", "filled": "⓿❶❷❸❹❺❻❼❽❾", "Arabic": "٠١٢٣٤٥٦٧٨٩",
    "Persian": "۰۱۲۳۴۵۶۷۸۹", "Devanagari": "०१२३४५६७८९", "raised": "⁰¹²³⁴⁵⁶⁷⁸⁹", "lowered": "₀₁₂₃₄₅₆₇₈₉", "bold": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "outlined": "𝟘𝟙𝟚𝟛𝟜𝟝𝟞𝟟𝟠𝟡", "in brackets": "0⑴⑵⑶⑷⑸⑹⑺⑻⑼", "in Chinese": "零一二三四五六七八九", "on the telephone": "洞幺两三四五六拐八勾",
    "financial": "〇壹贰叁肆伍陆柒捌玖", "traditional": "零壹貳參肆伍陸柒捌玖",
}  # fmt: skip
GAPS = ["", " ", "  ", "-", " - ", "——", ".", "·", "。", ",", "，", "、", "/", "\n", "\r\n", "\u3000", "\u00a0", "_", "\u200b", "\u2060 ", "*"]  # fmt: skip
# numbers of nobody, and the groups in which people write such
NUMBERS = {
    "13912345678": ((3, 4, 4), (3, 8), (7, 4), (1,) * 11),
    "057188123456": ((4, 8), (4, 4, 4), (1,) * 12),
    "01088123456": ((3, 8), (3, 4, 4), (1,) * 11),
    "330106199001011237": ((6, 8, 4), (3, 3, 4, 4, 4), (1,) * 18),
    "6222021234567890128": ((4, 4, 4, 4, 3), (6, 13), (1,) * 19),
}
written = st.sampled_from([(number, groups) for number, ways in NUMBERS.items() for groups in ways])


@given(written, st.sampled_from(sorted(SHAPES)), st.sampled_from(GAPS))
def test_a_number_is_found_in_every_shape_and_grouping(
    number_and_groups: tuple[str, tuple[int, ...]], shape: str, gap: str
) -> None:
    number, groups = number_and_groups
    assert _is_gone("".join(SHAPES[shape][int(figure)] for figure in number), groups, gap)


@given(written, st.lists(st.sampled_from(sorted(SHAPES)), min_size=19, max_size=19), st.sampled_from(GAPS))
def test_shapes_may_be_mixed(
    number_and_groups: tuple[str, tuple[int, ...]], shapes: list[str], gap: str
) -> None:
    number, groups = number_and_groups
    figures = "".join(SHAPES[shape][int(figure)] for figure, shape in zip(number, shapes, strict=False))
    assert _is_gone(figures, groups, gap)


@given(
    st.text("0123456789", min_size=8, max_size=8), st.integers(1, 9), st.sampled_from([" ", "-", ".", " – "])
)
def test_a_telephone_may_be_cut_anywhere(rest: str, cut: int, gap: str) -> None:
    number = "139" + rest
    assert redact(f"请打{number[:cut]}{gap}{number[cut:]}，谢谢").text == "请打［电话］，谢谢"


def _is_gone(figures: str, groups: tuple[int, ...], gap: str) -> bool:
    parts, rest = [], figures
    for length in groups:
        parts.append(rest[:length])
        rest = rest[length:]
    redacted = redact(f"请打{gap.join(parts)}；谢谢")
    return redacted.text in {f"请打{mark}；谢谢" for mark in ("［电话］", "［证件］", "［卡号］")}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("打⑬⑨①②③④⑤⑥⑦⑧找我", "打［电话］找我"), ("1️⃣3️⃣9️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣！", "［电话］！"), ("1̶3̶9̶12345678", "［电话］"),
        ("one three nine, one two three four, five six seven eight", "［电话］"), ("call One-Three-Nine oh one two three four double five six now", "call ［电话］ now"),
        ("two one two, five five five, oh one nine nine please", "［电话］ please"), ("718 827 - 1955 (BROOKLYN)", "［电话］ (BROOKLYN)"),
        ("电话.13912345678", "电话.［电话］"), ("2.13912345678", "2.［电话］"), ("+86 (139) 1234-5678", "［电话］"), ("＋８６一三九12345678", "［电话］"),
        ("（010）8812 3456", "［电话］"), ("（Ａ座１２楼，打１３９１２３４５６７８）", "（Ａ座１２楼，打［电话］）"), ("Ａ①Ｂ，我叫张建国（网名Ｘ）", "Ａ①Ｂ，我叫［姓名］（网名Ｘ）"), ("0044 20 7946 0958", "［电话］"),
        ("13912345678 13812345678", "［电话］ ［电话］"), ("3 4111 1111 1111 1111", "3 ［卡号］"), ("0571 8812345，3楼", "［电话］，3楼"),
        ("我叫张建国一三九一二三四五六七八", "我叫［姓名］［电话］"), ("浙A①②③④⑤挡路", "［车牌］挡路"), ("微信一二三四五六", "微信［账号］"),
        ("三栋②单元⑤⓪②室", "三栋［门牌］"), ("330106-1990-01-01-1237", "［证件］"), ("身份证叁叁零壹零陆玖零零壹零壹壹贰叁", "身份证［证件］"), ("①路灯不亮，②打一三九一二三四五六七八", "①路灯不亮，②打［电话］"),
    ],
)  # fmt: skip
def test_what_is_somebodys_goes_and_the_rest_stays_as_written(text: str, left: str) -> None:
    assert redact(text).text == left


@pytest.mark.parametrize(
    "text",
    [
        "1、3、5、7、9、11、13、15号楼停水", "13,15,17,19,101号", "1501、1502、601号漏水", "公交19、812、501、213、139、602、701路", "147、226、262、26、38、138、2、146路",
        "赔偿13,500,000,000元", "USD 135,000,000.00", "1500.00、300.00元", "0.5、0.75、0.25、1.5、0.125米", "2026-11-23 2026-11-25", "2026.11.23-2026.11.25",
        "15/11/2026 830", "1998.10-2003.6工作", "07.30-09.30-11.30开门", "坐标28.13912345, 112.98", "GB/T 13912-2002", "第一、二、三、四、五、六、七、八、九组", "二〇二六年十一月二十三日",
        "一楼到三楼，二单元一楼漏水", "①路灯②井盖③沟④树", "100m², 10²", "三三两两，七七八八，五五六六", "one or two of the three lights, four days", "someone phoned twice in nine weeks", "Ⅱ期3栋", "比平台手机价格低200-300元",
    ],
)  # fmt: skip
def test_what_is_nobodys_stays(text: str) -> None:
    assert redact(text).text == text


houses = st.lists(st.integers(1, 999), min_size=5, max_size=12, unique=True).map(sorted)
dates = st.lists(st.dates(date(1900, 1, 1), date(2099, 12, 31)), min_size=1, max_size=4)
amounts = st.lists(st.integers(0, 10**12), min_size=1, max_size=3)


@given(houses, st.sampled_from(["、", ",", "，", ", ", "/", "\n"]))
def test_houses_in_order_are_a_list(numbers: list[int], gap: str) -> None:
    text = gap.join(map(str, numbers)) + "号停水"
    assert redact(text).text == text


@given(amounts)
def test_amounts_stay(numbers: list[int]) -> None:
    text = "、".join(f"{number:,}元" for number in numbers) + f"，共{sum(numbers):,}.00元"
    assert redact(text).text == text


@given(dates, st.sampled_from(["-", "/", "."]), st.sampled_from([" ", "、", "~", " - ", "\n"]))
def test_dates_stay(days: list[date], inside: str, between: str) -> None:
    text = between.join(str(day).replace("-", inside) for day in days) + "停水"
    assert redact(text).text == text


@pytest.mark.parametrize(
    "piece",
    [
        "4 ", "62 ", "1    ", "①-", "一，", "one ", "double one ", "139 1234 567 ", "3301061990 ", "0571 ", "00 ", "1,234,", "19 ", "1\u0336", "电话1 ", "(1",
    ],
)  # fmt: skip
def test_no_way_of_writing_makes_redaction_slow(piece: str) -> None:
    text = (piece * 4000)[:4000]
    assert is_done_within(0.2, lambda: redact(text))
