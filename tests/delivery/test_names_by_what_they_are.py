"""Who is named by the part that he plays in a report is not named to others (domain §8.2): least of all who accuses."""

import pytest

from delivery.redaction import redact

_PARTS = ("投诉人", "举报人", "反映人", "申请人", "当事人", "来电人", "报修人")


@pytest.mark.parametrize("part", _PARTS)
@pytest.mark.parametrize("between", ["", "：", " ", "是"])
def test_whoever_is_named_after_his_part_is_taken_out(part: str, between: str) -> None:
    assert redact(f"{part}{between}李强，路灯坏了").text == f"{part}{between}［姓名］，路灯坏了"


@pytest.mark.parametrize("part", _PARTS)
def test_what_is_no_name_stays(part: str) -> None:
    said = f"{part}反映路灯坏了，{part}不在家"
    assert redact(said).text == said


def test_a_name_with_a_capital_within_is_taken_out_whole() -> None:
    assert redact("Ask Mrs. O'Brien about it").text == "Ask Mrs. ［姓名］ about it"
