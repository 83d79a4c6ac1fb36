"""What is refused, in Chinese: rules and models speak English, and pages show both languages."""

import re
from collections.abc import Mapping

OF_MODELS = {
    "Field required": "此项必填",
    "must say something": "请写明内容",
    "a reference holds no telephone, number or name of somebody": "编号中不得有电话、证件号码或姓名",
    "String should have at least {} character{}": "此项不能为空",
    "String should have at most {} characters": "文字太长",
    "must be an e-mail address": "不是电子邮件地址",
    "must be {}": "格式不对，或含有不允许的字符",
    "Input should be {}": "填写的内容不对",
    "List should have at least {} item{} after validation, not {}": "至少填写一个",
    "List should have at most {} items after validation, not {}": "填写得太多",
}


class Refusals:
    """By what they say in English, with {} for what they name."""

    def __init__(self, chinese: Mapping[str, str]) -> None:
        self._patterns = [
            (re.compile(re.escape(english).replace(r"\{\}", ".*")), said)
            for english, said in {**chinese, **OF_MODELS}.items()
        ]

    def in_chinese(self, detail: str) -> str:
        """As it was said where there is no Chinese for it."""
        return next((said for pattern, said in self._patterns if pattern.fullmatch(detail)), detail)
