"""A phrase that means no danger (饭店冒烟) hides no word of danger beside its own (饭店起火冒烟): none vanishes silently."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import Urgency
from services.router.decision.urgency import mentioned
from services.router.rulesets.ruleset import load_ruleset

RULES = load_ruleset()
FLOORS = RULES.urgency.floors
# none has letters of which a phrase could be made: "drowning" put before "out" is about noise
WORDS = {
    "F01": ("扑不灭", "explosion"),
    "F02": ("漏燃气了", "gas leak"),
    "F03": ("断气了", "unconscious"),
    "F04": ("孩子反锁在家里", "buried alive"),
    "F05": ("轻生了", "suicidal"),
    "F06": ("械斗了", "rioting"),
    "F07": ("摔断了", "knocked over a child"),
    "F08": ("触电了", "electrocuted"),
    "F09": ("孩子不见了", "missing child"),
    "F10": ("强奸了", "rape"),
    "F11": ("泥石流来了", "landslide"),
    "F12": ("轿厢里困了三个人", "stuck in the lift"),
}


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        ("饭店起火冒浓烟", "F01"), ("厨房起火了冒浓烟", "F01"), ("油锅着火冒黑烟", "F01"), ("烧烤店着火了冒浓烟", "F01"),
        ("厨房爆炸冒浓烟", "F01"), ("厨房起火爆炸", "F01"), ("起火爆炸了", "F01"),
        ("barbecue smoke then a big fire", "F01"), ("smoke from the restaurant fire kitchen", "F01"),
        ("tiles fell on people trapped there", "F04"), ("小猫旁溺水被困", "F04"), ("suicide prevention is closed, murder", "F05"),
        ("车撞了械斗堵路", "F06"), ("people parking bikes, stuck in the lift", "F12"),
    ],
)  # fmt: skip
def test_another_word_in_the_gap_of_a_phrase_or_over_its_end_still_counts(text: str, floor: str) -> None:
    said = mentioned(text, RULES)
    assert said[floor].force == "holds"


@pytest.mark.parametrize("floor", FLOORS)
@given(data=st.data())
def test_no_phrase_of_the_ruleset_swallows_a_word_put_into_it(floor: str, data: st.DataObject) -> None:
    words, but = WORDS[floor], FLOORS[floor].but
    language = data.draw(st.sampled_from([each for each in ("zh", "en") if getattr(but, each)]))
    phrase = data.draw(st.from_regex(data.draw(st.sampled_from(getattr(but, language))), fullmatch=True))
    parts = list(phrase) if language == "zh" else phrase.split(" ")
    parts.insert(data.draw(st.integers(0, len(parts))), words[0] if language == "zh" else words[1])
    assert floor in mentioned(("" if language == "zh" else " ").join(parts), RULES)


def test_each_floor_has_a_word_to_put_into_its_phrases() -> None:
    assert WORDS.keys() == FLOORS.keys()
    for floor, words in WORDS.items():
        for word in words:
            assert FLOORS[floor].level.level >= Urgency.URGENT.level
            assert mentioned(word, RULES)[floor].force == "holds"
