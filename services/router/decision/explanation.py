"""Why a case was decided as it was, in Chinese and English, from the reasons that the decision left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from contracts.facts.reason import Reason
from contracts.words import PRIVACY, URGENCIES
from services.router.decision.circumstances import in_words
from services.router.rulesets.ruleset import Ruleset


@dataclass(frozen=True)
class Explained:
    """A reason in words; `at` are offsets in the redacted text."""

    rule: str
    effect: str
    at: tuple[int, int] | None
    points: int | None
    text_zh: str
    text_en: str

    def answer(self, text: str) -> "ExplanationAnswer":
        """With the words of the redacted text that the rule met."""
        matched = text[slice(*self.at)] if self.at else ""
        return ExplanationAnswer(matched=matched or None, **vars(self))


class ExplanationAnswer(BaseModel):
    """`matched` are the words of the report's own text that the rule met, personal data taken out."""

    model_config = ConfigDict(extra="ignore")

    rule: str
    effect: str
    matched: str | None = None
    points: int | None = None
    text_zh: str
    text_en: str


def explain(
    reasons: Iterable[Reason], ruleset: Ruleset, units: Mapping[str, Any] | None = None
) -> list[Explained]:
    """`ruleset` is the version that decided; `units`, by code with `name` and `name_en`, lets units have names."""
    return [_explained(reason, ruleset, units or {}) for reason in reasons]


def decided_in(events: Iterable[dict[str, Any]]) -> tuple[list[Reason], str | None]:
    """The reasons of the decision in force and the version of its ruleset, from a case's events in order: those of
    the last filing, and of what changed the urgency since: points that were counted anew replace the former ones."""
    found: list[Reason] = []
    version: str | None = None
    for event in events:
        given = [Reason.model_validate(each) for each in event.get("data", {}).get("reasons", ())]
        if event["type"] == "case.filed":
            found, version = given, event.get("rule_set_version")
        elif given:
            found = [reason for reason in found if reason.points is None] + given
    return found, version


def _explained(reason: Reason, ruleset: Ruleset, units: Mapping[str, Any]) -> Explained:
    zh, en = _template(reason)
    return Explained(
        rule=reason.rule,
        effect=reason.effect,
        at=reason.at,
        points=reason.points,
        text_zh=zh.format_map(_words(reason, ruleset, units, "zh")),
        text_en=en.format_map(_words(reason, ruleset, units, "en")),
    )


def _template(reason: Reason) -> tuple[str, str]:
    """The most particular that there is: of the rule itself, of its ending (F01.negated), of its first letter."""
    family, _, ending = reason.rule.partition(".")
    stated = "F stated" if reason.at is None else "F"
    by_letter = (f"{family[:1]}.{ending}" if ending else stated) if family[:1] == "F" else family
    return _TEMPLATES.get(reason.rule) or _TEMPLATES.get(by_letter) or _UNKNOWN


def _words(reason: Reason, ruleset: Ruleset, units: Mapping[str, Any], language: str) -> dict[str, Any]:
    floor = ruleset.urgency.floors.get(reason.rule.split(".")[0])
    category = ruleset.categories.get(reason.effect)
    unit = units.get(reason.effect)
    in_english = (getattr(unit, "name_en", None) if language == "en" else None) or getattr(unit, "name", None)
    column = 0 if language == "zh" else 1
    levels = _LEVELS.get(reason.effect)
    return {
        "rule": reason.rule,
        "points": reason.points,
        "code": reason.effect,
        "floor": getattr(floor, language, reason.rule),
        "category": getattr(category, language, reason.effect),
        "unit": in_english or reason.effect,
        "effect": levels[column] if levels else reason.effect,
        "about": in_words(reason.about, language),
        "then": _THEN.get(reason.effect, ("", ""))[column],
    }


_LEVELS = {level: (zh, en.lower()) for level, (zh, en) in (URGENCIES | PRIVACY).items()}
_THEN = {"confirm_by_phone": ("，须电话核实", "; to be confirmed by phone")}
_UNKNOWN = ("规则 {rule}：{effect}", "rule {rule}: {effect}")
_TEMPLATES = {
    "category.given": ("类别按报告所填：{category}（{code}）", "category as given: {category} ({code})"),
    "category.proposed": (
        "类别由分类器建议：{category}（{code}）",
        "category proposed by the classifier: {category} ({code})",
    ),
    "category.unclassified": (
        "类别未定，由人工分类（{code}）",
        "not classified; a person will do it ({code})",
    ),
    "base": ("该类别的基本级别：{effect}", "level of the category: {effect}"),
    "F": ("文字提到{floor}：至少{effect}", "the text speaks of {floor}: at least {effect}"),
    "F stated": ("表单注明{floor}：至少{effect}", "the form states {floor}: at least {effect}"),
    "F.negated": ("文字否认{floor}，不升级{then}", "the text denies {floor}, which raises nothing{then}"),
    "F.talk": (
        "该句谈的是演练、宣传、咨询或往事（{floor}），不升级{then}",
        "the sentence is about a drill, an enquiry or the past ({floor}), which raises nothing{then}",
    ),
    "F.risk": (
        "文字只是担心可能发生{floor}，不升级{then}",
        "the text only fears {floor}, which raises nothing{then}",
    ),
    "F.ended": ("{floor}已经解除：按{effect}复查", "{floor} is said to be over: {effect}, for a check"),
    "S1": ("涉及困难或脆弱人群：+{points}", "a vulnerable person is concerned: +{points}"),
    "S2": ("附近有敏感场所{about}：+{points}", "near a sensitive place{about}: +{points}"),
    "S3": ("同一人再次反映：+{points}", "the same reporter again: +{points}"),
    "S4": ("多人反映：+{points}", "several reporters: +{points}"),
    "S5": ("天气预警{about}：+{points}", "weather warning{about}: +{points}"),
    "S6": ("夜间：+{points}", "at night: +{points}"),
    "S7": ("领导批示或媒体反映：+{points}", "raised by leaders or the press: +{points}"),
    "S8": ("同一部件或地点近期刚结案：+{points}", "same component or place closed lately: +{points}"),
    "points": ("共 {points} 分，升一级：{effect}", "{points} points in all, one level up: {effect}"),
    "kept": ("此前已升为{effect}，不自动降低", "raised to {effect} before, which never falls by itself"),
    "lowered": (
        "已由值班长定为{effect}，仅新情况可再升级",
        "lowered to {effect} by a person: only what is new raises it again",
    ),
    "procedure.danger": ("有危险，按突发事件办理", "danger: handled as an emergency"),
    "procedure.beside": (
        "审批程序不变，须另立关联的突发事件案件",
        "the approval goes on; a linked emergency case is opened beside it",
    ),
    "privacy.wish": ("按报告人意愿：{effect}", "as the reporter wishes: {effect}"),
    "privacy.kept": ("此前已定为{effect}，不自动降低", "set to {effect} before, which never falls by itself"),
    "privacy.consent": ("经报告人同意：{effect}", "as the reporter has consented: {effect}"),
    "guard.pushed_down": ("{unit}低于应办层级，不得下派", "{unit} stands below the tier that must act"),
    "guard.elsewhere": ("{unit}不管辖该网格", "the grid lies outside the jurisdiction of {unit}"),
    "guard.conflict": ("{unit}涉及被投诉单位，须回避", "{unit} is complained of or reports to one that is"),
    "guard.off_duty": ("{unit}此时无人值班", "nobody of {unit} is on duty now"),
    "guard.duty_line": (
        "各级无人值班，由{unit}值班承接",
        "nobody is on duty: the duty line of {unit} has it",
    ),
    "lead.competence": ("按职责由{unit}主办", "{unit} leads, being competent"),
    "lead.territory": ("按属地由{unit}主办", "{unit} leads, answering for the area"),
}
