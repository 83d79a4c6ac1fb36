"""How urgent a text is: the golden examples, what takes the force out of a word, and that no text takes long."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.facts.report import ReportedFacts
from contracts.vocabulary import Urgency, Vulnerability
from services.router.decision.question import Question
from services.router.decision.urgency import Assessed, urgency_of
from services.router.decision.wording import Reader
from services.router.rulesets.ruleset import load_ruleset
from services.router.rulesets.urgency_rules import UrgencyRules
from tests.quickness import is_done_within

RULES = load_ruleset()
DAY = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
NIGHT = DAY.replace(hour=23)
G, E, U, C = Urgency


def _assess(text: str, category: str | None = None, **known: Any) -> Assessed:
    facts = ReportedFacts(**known.pop("facts", {}))
    question = Question(**{"text": text, "at": DAY, "grid": "D111", "facts": facts} | known)
    return urgency_of(question, RULES.category(category), RULES)


def _rules(assessed: Assessed) -> list[str]:
    return [reason.rule for reason in assessed.reasons if reason.rule not in ("base", "points")]


# text, category, known beside it, rules, points, result, confirm by phone (domain §11.2)
GOLDEN: list[tuple[str, str | None, dict[str, Any], list[str], int, Urgency, bool]] = [
    ("小区门口垃圾两天没清了", "E01-01", {}, [], 0, G, False),
    ("小区门口垃圾两天没清，反映三次了", "E01-01", {"same_reporter": 3}, ["S3"], 20, G, False),
    ("小区门口垃圾两天没清", "E01-01", {"same_reporter": 3, "distinct_reporters": 4}, ["S3", "S4"], 30, E, False),
    ("垃圾桶着火了，冒浓烟", None, {}, ["F01"], 0, C, False),
    ("社区周六搞消防演练，会冒烟，请大家不要惊慌", None, {}, ["F01.talk"], 0, G, True),
    ("井盖不见了", "C01-01", {"near_sensitive_place": True, "at": NIGHT}, ["S2", "S6"], 25, U, False),
    ("楼上邻居太吵，再不管我就跳楼", None, {}, ["F05"], 0, C, False),
    ("路灯不亮，没有漏电", "C01-05", {}, ["F08.negated"], 0, G, False),
    ("路灯杆漏电，老人不敢走", None, {"facts": {"vulnerable": "some"}}, ["F08", "S1"], 15, U, False),
    ("业主拉横幅堵路", None, {}, ["F06"], 0, C, False),
    ("Ｆｉｒｅ in the stairwell", None, {}, ["F01"], 0, C, False),
    ("Rubbish at the gate has not been collected for two days", "E01-01", {}, [], 0, G, False),
    ("Rubbish not collected, I have told you three times", "E01-01", {"same_reporter": 3}, ["S3"], 20, G, False),
    ("Rubbish not collected", "E01-01", {"same_reporter": 3, "distinct_reporters": 4}, ["S3", "S4"], 30, E, False),
    ("A litter bin is on fire, thick smoke", None, {}, ["F01"], 0, C, False),
    ("Fire drill on Saturday, there will be smoke in the yard, please stay calm", None, {}, ["F01.talk"], 0, G, True),
    ("Manhole cover is gone", "C01-01", {"near_sensitive_place": True, "at": NIGHT}, ["S2", "S6"], 25, U, False),
    ("The neighbour upstairs is so loud, if nobody acts I will jump off the roof", None, {}, ["F05"], 0, C, False),
    ("Street lamp out, no exposed wires", "C01-05", {}, ["F08.negated"], 0, G, False),
    ("Exposed wires on the lamp post", None, {"facts": {"vulnerable": "high"}}, ["F08", "S1"], 15, U, False),
    ("Owners with banners are blocking the road", None, {}, ["F06"], 0, C, False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "category", "known", "rules", "points", "result", "phone"), GOLDEN)
def test_golden_examples(
    text: str,
    category: str | None,
    known: dict[str, Any],
    rules: list[str],
    points: int,
    result: Urgency,
    phone: bool,
) -> None:
    assessed = _assess(text, category, **known)
    assert (_rules(assessed), assessed.points, assessed.urgency) == (rules, points, result)
    assert assessed.confirm_by_phone is phone


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        ("三楼厨房起火", "F01"), ("仓库方向火光冲天", "F01"), ("There is a fire in the stairwell", "F01"),
        ("Smoke is coming from the roof", "F01"), ("A transformer exploded", "F01"), ("着火点在三楼", "F01"),
        ("楼道里闻到很浓的煤气味", "F02"), ("天然气管道在漏气", "F02"), ("Strong smell of gas", "F02"),
        ("I smell gas in the corridor", "F02"), ("carbon monoxide alarm is going off", "F02"),
        ("一老人昏迷在路边", "F03"), ("没有呼吸了", "F03"), ("My neighbour is unconscious", "F03"),
        ("An old man collapsed in the market", "F03"), ("He is not breathing", "F03"),
        ("孩子掉进井里了", "F04"), ("有人被埋在下面", "F04"), ("People are trapped in the basement", "F04"),
        ("A boy fell into the river", "F04"), ("停电没灯，被困家里", "F04"),
        ("有人持刀伤人", "F05"), ("他说要同归于尽", "F05"), ("He threatened to kill his wife", "F05"),
        ("A man with a knife is in the lobby", "F05"), ("讨不到工资就要跳楼", "F05"),
        ("工人围堵工地大门", "F06"), ("两伙人群殴", "F06"), ("Protesters at the gate", "F06"),
        ("老人摔伤", "F07"), ("被流浪狗咬伤", "F07"), ("A child was bitten by a dog", "F07"),
        ("She is bleeding", "F07"), ("没戴头盔摔伤了", "F07"),
        ("电线断了掉在地上", "F08"), ("A power line is down", "F08"), ("Live wires hanging over the path", "F08"),
        ("老人走失", "F09"), ("孩子从下午就找不到了", "F09"), ("Missing child near the school", "F09"),
        ("My grandmother has wandered off", "F09"),
        ("楼上经常毒打孩子", "F10"), ("My neighbour beats his wife", "F10"), ("domestic violence next door", "F10"),
        ("路面塌陷", "F11"), ("围墙快要倒了", "F11"), ("The wall has collapsed", "F11"), ("Bricks are falling", "F11"),
        ("有人困在电梯里", "F12"), ("People are stuck in the lift", "F12"), ("Trapped in an elevator", "F12"),
    ],
)  # fmt: skip
def test_danger_in_both_languages(text: str, floor: str) -> None:
    assessed = _assess(text)
    assert floor in _rules(assessed)
    assert assessed.urgency.level >= RULES.urgency.floors[floor].level.level
    assert set(RULES.urgency.floors[floor].call) <= set(assessed.call_lines)


@pytest.mark.parametrize(
    "text",
    [
        "消防通道被车堵了", "楼道灭火器过期", "申请安装防火门", "请大家一起火锅聚餐", "坐着火车回来的", "小区有火灾隐患",
        "烧烤摊冒烟熏人", "气得嗓子冒烟", "树木死亡多棵", "死亡证明怎么开", "道路积水，落水管断了", "被困扰多年",
        "投资被套牢，资金被困", "贫困在校生补助", "店里搞跳楼价促销", "有车堵路", "电动车停在门口堵门",
        "聚众打麻将太吵", "我家小狗走失了", "漏电保护开关跳闸", "饭店快倒闭了", "火警电话是多少", "取缔的摊贩死灰复燃", "门口是拥堵路段", "闸机又罢工了", "旅游行业投诉",
        "防溺水警示牌坏了",
        "Fire hydrant is leaking", "Request for a fire department inspection", "Fire lane blocked by cars",
        "Smoke detector installation", "Barbecue smoke from the restaurant", "Cigarette smoke in the corridor",
        "Dead animal on the road", "Traffic light dead", "My phone died", "Someone could get hurt on this pavement",
        "This pothole hurts business", "My dog is missing", "Manhole cover went missing", "Animal abuse at the farm",
        "Trapped water under the tiles", "collapsed cardboard boxes", "fireworks at night", "The manager should be fired",
        "It feels like the protest letter was ignored", "People smoking in the elevator", "stuck in traffic",
    ],
)  # fmt: skip
def test_false_friends_raise_nothing(text: str) -> None:
    assessed = _assess(text)
    assert (_rules(assessed), assessed.urgency, assessed.confirm_by_phone) == ([], G, False)


@pytest.mark.parametrize(
    ("text", "rule", "phone"),
    [
        ("没有人受伤", "F07.negated", False), ("没有起火、冒烟、爆炸", "F01.negated", True), ("没有人受伤或被困", "F04.negated", True),
        ("已排除煤气泄漏", "F02.negated", True), ("并未着火", "F01.negated", True), ("不是火灾", "F01.negated", True),
        ("No fire", "F01.negated", True), ("There is no sign of fire", "F01.negated", True),
        ("Nobody is trapped", "F04.negated", True), ("It isn't on fire", "F01.negated", True),
        ("without any gas leak", "F02.negated", True), ("nobody was injured", "F07.negated", False),
        ("咨询燃气泄漏保险", "F02.talk", True), ("消防演习时会有浓烟", "F01.talk", True), ("溺水急救讲座什么时候开", "F04.talk", True),
        ("Enquiry about gas leak insurance", "F02.talk", True), ("training on what to do when someone is unconscious", "F03.talk", True),
        ("这里容易引发火灾", "F01.risk", True), ("孩子差点掉进河里", "F04.risk", True), ("怕摔伤老人", "F07.risk", False),
        ("These leaves could cause a fire", "F01.risk", True), ("A child almost drowned", "F04.risk", True),
    ],
)  # fmt: skip
def test_what_is_denied_talked_about_or_feared_sets_no_floor(text: str, rule: str, phone: bool) -> None:
    assessed = _assess(text)
    assert rule in _rules(assessed)
    assert (assessed.urgency, assessed.confirm_by_phone, assessed.call_lines) == (G, phone, ())


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("没有人受伤，但是着火了", C), ("没有受伤但被困", C), ("No injuries. Fire at the market", C), ("没人管，着火了", C),
        ("No fire but smoke is coming out of the roof", C), ("有没有人啊，着火了", C), ("消防宣传栏着火了", C),
        ("The training centre is on fire", C), ("不是演习，真的着火了", C), ("恐怕是着火了", C), ("没电被困家里", C),
        ("Nobody came, the house is on fire", C), ("上周搞了演练。今天三楼着火了", C), ("无法呼吸，煤气泄漏", C),
        ("not sure, but I think the flat is on fire", C), ("昨天没有漏电，今天漏电了", U),
        ("地下车库淹没被困三人", C), ("无锡路起火", C), ("未来城着火了", C), ("No 5 is on fire", C),
    ],
)  # fmt: skip
def test_denial_reaches_no_further_than_its_clause(text: str, urgency: Urgency) -> None:
    assert _assess(text).urgency is urgency


@pytest.mark.parametrize(
    ("text", "urgency", "rule"),
    [
        ("垃圾桶着火，已扑灭", U, "F01.ended"), ("火灭了，刚才着火", C, "F01"), ("煤气泄漏已排除", U, "F02.ended"),
        ("老人被困，已救出", U, "F04.ended"), ("着火了，已扑灭，现在又冒烟", C, "F01"), ("着火了，还没扑灭", C, "F01"),
        ("The fire has been put out", U, "F01.ended"), ("Fire in the yard, not yet put out", C, "F01"),
        ("Fire in a bin. It has been extinguished", U, "F01.ended"), ("持刀的人，已处理", C, "F05"),
    ],
)  # fmt: skip
def test_what_is_over_is_urgent_and_what_flares_up_again_is_not_over(
    text: str, urgency: Urgency, rule: str
) -> None:
    assessed = _assess(text)
    assert (assessed.urgency, _rules(assessed)[0]) == (urgency, rule)


@pytest.mark.parametrize(
    ("facts", "text", "rule", "urgency"),
    [
        ({"injured": 1}, "没有人受伤", "F07", U), ({"trapped": 1}, "演练", "F04", C), ({"crowd": 5}, "安静", "F06", C),
        ({"trapped": 1}, "被困，已救出", "F04", C),
    ],
)  # fmt: skip
def test_what_the_form_states_beats_the_text(
    facts: dict[str, int], text: str, rule: str, urgency: Urgency
) -> None:
    assessed = _assess(text, facts=facts)
    assert (assessed.urgency, _rules(assessed)) == (urgency, [rule])
    assert not assessed.confirm_by_phone


@pytest.mark.parametrize(
    ("known", "category", "points"),
    [
        ({"same_reporter": 1}, None, 0), ({"same_reporter": 2}, None, 10), ({"same_reporter": 9}, None, 20),
        ({"distinct_reporters": 2}, None, 0), ({"distinct_reporters": 3}, None, 10), ({"distinct_reporters": 5}, None, 20),
        ({"distinct_reporters": 10}, None, 30), ({"weather_points": 20}, "C01-04", 20), ({"weather_points": 20}, "C01-05", 0),
        ({"at": NIGHT}, "C01-05", 10), ({"at": DAY.replace(hour=5)}, "C01-05", 10), ({"at": DAY.replace(hour=6)}, "C01-05", 0),
        ({"at": NIGHT}, "E01-01", 0), ({"channel": "press"}, None, 10), ({"channel": "leader"}, None, 10),
        ({"recent_same_component": True}, None, 10), ({"near_sensitive_place": True}, None, 15),
        ({"facts": {"vulnerable": Vulnerability.HIGH}}, None, 15),
    ],
)  # fmt: skip
def test_soft_points(known: dict[str, Any], category: str | None, points: int) -> None:
    assert _assess("你好", category, **known).points == points


@given(
    st.sampled_from(sorted(RULES.categories)),
    st.integers(1, 99),
    st.integers(1, 99),
    st.sampled_from([0, 10, 20]),
    st.booleans(),
)
def test_soft_points_lift_one_level_at_most_and_never_to_critical(
    category: str, same: int, distinct: int, weather: int, near: bool
) -> None:
    assessed = _assess(
        "你好", category, same_reporter=same, distinct_reporters=distinct, weather_points=weather, near_sensitive_place=near
    )  # fmt: skip
    base = RULES.category(category).urgency
    assert base.level <= assessed.urgency.level <= base.level + 1
    assert assessed.urgency is not C or base is C


_HARMLESS = st.text(alphabet="路灯小区门口垃圾的很大 abcxyz0189，、😀", max_size=60)
_DANGERS = [text for text, *_, rules, _, _, _ in GOLDEN if rules and rules[0] in RULES.urgency.floors]


@given(_HARMLESS, st.sampled_from(_DANGERS), _HARMLESS)
def test_words_around_a_danger_that_deny_nothing_never_lower_it(before: str, danger: str, after: str) -> None:
    assert _assess(f"{before}。{danger}。{after}").urgency.level >= _assess(danger).urgency.level


@given(
    st.lists(
        st.sampled_from([*_DANGERS, "没有", "no ", "演练", "已扑灭", "怕", "😀", "\n", "。", "你好"]),
        max_size=12,
    )
)
def test_offsets_are_of_the_words_that_spoke(parts: list[str]) -> None:
    text = "".join(parts)
    for reason in _assess(text).reasons:
        if reason.at is not None:
            start, end = reason.at
            assert 0 <= start < end <= len(text)
            assert reason.rule.split(".")[0] in _assess_floors(text[start:end])


def _assess_floors(text: str) -> set[str]:
    return {rule.split(".")[0] for rule in _rules(_assess(text))}


@given(st.text(max_size=400))
@example("\ud800着火了")
@example("\x00")
def test_any_text_is_read(text: str) -> None:
    assert _assess(text).urgency in Urgency


HOSTILE = ["没有着火", "没有", "no fire ", "not without never fire ", "((((((", "😀", "。，！", "着火演练，", "没有着火、或",
           "smoke from ", "fire hydrant ", "no or fire or or ", "被困已救出，", "fire fire ", "a a a ", "掉进"]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_of_4000_characters_takes_long(piece: str) -> None:
    """A few milliseconds; what is left still shows a quadratic rule."""
    assert _is_searched_within(40, (piece * 4000)[:4000])


@pytest.mark.parametrize(
    "ordinary",
    [
        "小区门口的路灯不亮好几天了，晚上老人出门很不方便，请尽快派人来修。",
        "The street lamp has been out for a week. ",
    ],
)
def test_4000_ordinary_characters_stay_under_a_millisecond(ordinary: str) -> None:
    assert _is_searched_within(1, (ordinary * 400)[:4000])


def _is_searched_within(milliseconds: float, text: str) -> bool:
    def search() -> object:
        reader.read.cache_clear()
        return reader.read(text)

    reader = Reader(RULES.urgency)
    return is_done_within(milliseconds / 1000, search)


@pytest.mark.parametrize("pattern", ["(着火", "x*", "(?<=no )fire", "a{2000}", ""])
def test_a_pattern_that_does_not_work_is_refused_by_floor_and_place(pattern: str) -> None:
    rules = RULES.urgency.model_dump(mode="json")
    rules["floors"]["F01"]["patterns"]["zh"][2] = pattern
    with pytest.raises(ValidationError) as refused:
        UrgencyRules.model_validate(rules)
    assert refused.value.errors()[0]["loc"] == ("floors", "F01", "patterns", "zh", 2)


def test_a_line_that_nobody_knows_is_refused() -> None:
    rules = RULES.urgency.model_dump(mode="json")
    rules["floors"]["F01"]["call"] = ["911"]
    with pytest.raises(ValidationError, match="911"):
        UrgencyRules.model_validate(rules)


@pytest.mark.parametrize(
    ("text", "category", "lines"),
    [
        ("快来人", "E05-10", ("119",)), ("快来人", "E05-02", ("gas_company", "119")), ("快来人", "G03-02", ("110",)),
        ("快来人", "P01-01", ("lift_company", "119")), ("老人骨折，快来人", "E05-10", ("119", "120")), ("快来人", "C01-05", ()),
        ("并没有着火", "E05-10", ()), ("着火了，已扑灭", "E05-10", ("119",)),
    ],
)  # fmt: skip
def test_what_is_filed_as_a_danger_calls_its_lines_without_its_words(
    text: str, category: str, lines: tuple[str, ...]
) -> None:
    """The domain hands these over at once (§11.1), and a case may be filed by a person or the classifier."""
    assert _assess(text, category).call_lines == lines
