"""A phrase that means no danger (饭店冒烟) hides no word of danger beside its own (饭店起火冒烟): none vanishes silently."""

import pytest

from services.router.decision.urgency import mentioned
from services.router.rulesets.ruleset import load_ruleset

RULES = load_ruleset("example-2")


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
