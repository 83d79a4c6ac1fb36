"""What the pages of the desk say in Chinese and in English, and the voice that speaks all the tables."""

from dataclasses import dataclass

from contracts.words import (
    CARDS,
    CHANNELS,
    CHECKS,
    CLOCKS,
    EVENTS,
    PRIVACY,
    PROCEDURES,
    ROLES,
    STATES,
    TIERS,
    URGENCIES,
    Table,
)
from delivery.pages import speaking
from services.router.desk.words_of_commands import CHOICES, COMMANDS, FIELDS, TOLD

PAGE: Table = speaking.PAGE | {
    "site": ("单位工作台", "Unit desk"),
    "queue": ("待办队列", "Queue"),
    "queue_order": (
        "按紧急程度、是否超期、时限已用比例、上报先后排列",
        "Most urgent first, then what is late, then the share of the limit used, then age",
    ),
    "open": ("在办", "Open"),
    "overdue": ("超期", "Late"),
    "to_confirm": ("待电话核实", "To confirm by phone"),
    "wished": ("上报人有要求待定", "Reporters want a decision"),
    "urgent": ("紧急、特急", "Urgent or critical"),
    "filters": ("筛选", "Filters"),
    "state": ("状态", "State"),
    "urgency": ("紧急程度", "Urgency"),
    "tier": ("层级", "Tier"),
    "unit": ("主办单位", "Lead unit"),
    "all_open": ("全部在办", "All open"),
    "case": ("案件", "Case"),
    "category": ("类别", "Category"),
    "lead": ("主办", "Lead"),
    "due": ("到期", "Due"),
    "reported_at": ("上报时间", "Reported"),
    "no_limit": ("无时限", "No limit"),
    "nothing": ("没有符合条件的案件。", "No case meets these filters."),
    "what_was_said": ("诉求内容（已脱敏）", "What was reported (redacted)"),
    "no_text": ("没有文字。", "No text."),
    "proposed": ("分类器建议", "The classifier proposes"),
    "in_outline": (
        "考核人员不看诉求内容和具体位置。",
        "Assessors see neither what was said nor the exact place.",
    ),
    "where": ("位置", "Where"),
    "map_of": ("网格地图", "Map of the grid"),
    "no_place": ("位置未知。", "The place is not known."),
    "metres": ("米", "m"),
    "kilometres": ("千米", "km"),
    "clocks": ("时限", "Clocks"),
    "no_clocks": ("没有计时。", "No clock runs."),
    "paused": ("已暂停", "paused"),
    "left": ("尚余", "left"),
    "of_limit": ("时限", "limit"),
    "who": ("责任单位", "Who answers"),
    "co_handlers": ("协办", "Co-handlers"),
    "copies": ("抄告", "Copies"),
    "tracker": ("跟踪网格员", "Tracker"),
    "handler": ("处置人", "Handler"),
    "awaited": ("待报到", "Awaited"),
    "superior": ("会商裁定", "Decides"),
    "facts": ("案件信息", "About the case"),
    "procedure": ("工作程序", "Procedure"),
    "privacy": ("保密级别", "Privacy"),
    "card": ("牌", "Card"),
    "grid": ("网格", "Grid"),
    "check": ("核查方式", "Check"),
    "closes_when": ("结案条件", "To be closed when"),
    "round": ("轮次", "Round"),
    "version": ("版本", "Version"),
    "master": ("并入案件", "Merged into"),
    "joined": ("并入的上报", "Reports that joined"),
    "recurrence_of": ("重复发案，原案件", "The matter of an earlier case"),
    "emergency": ("并行的突发事件案件", "The emergency opened beside it"),
    "application": ("并行的审批案件", "The application beside it"),
    "beside_unseen": ("不在您的管辖范围。", "It lies outside your jurisdiction."),
    "alike": ("可能重复", "Possibly the same matter"),
    "alike_score": ("相似度", "Merge score"),
    "alike_category": ("类别", "Category"),
    "alike_distance": ("距离", "Place"),
    "alike_similarity": ("文字", "Words"),
    "alike_recency": ("时间", "Time"),
    "same_component": ("同一部件", "the same component"),
    "merge_into": ("并入此案", "Merge into it"),
    "wishes": ("上报人的要求，需人工决定", "What reporters want: a person decides"),
    "wish_withdrawn": ("撤回上报", "takes the report back"),
    "wish_unsolved": ("反映未解决", "says that it is not solved"),
    "why": ("为何如此决定", "Why it was decided so"),
    "no_reasons": ("尚未作出决定。", "Nothing has been decided yet."),
    "history": ("办理经过", "History"),
    "no_history": ("尚无记录。", "Nothing has happened yet."),
    "actions": ("可以办理", "What you can do"),
    "no_actions": ("您现在无需办理。", "Nothing is yours to do now."),
    "your_input": ("您填写的内容", "What you had entered"),
    "back": ("返回队列", "Back to the queue"),
}

PROBLEMS = speaking.PROBLEMS | {
    404: ("没有这个案件或页面。", "There is no such case or page."),
    409: ("案件已有变化，请核对后再提交。", "The case has moved on. Look at it again before you send."),
}

TABLES: dict[str, Table] = {
    "state": STATES,
    "urgency": URGENCIES,
    "procedure": PROCEDURES,
    "tier": TIERS,
    "privacy": PRIVACY,
    "check": CHECKS,
    "clock": CLOCKS,
    "role": ROLES,
    "card": CARDS,
    "command": COMMANDS,
    "field": FIELDS,
    "told": TOLD,
    "channel": CHANNELS,
    "event": EVENTS,
    "choice": CHOICES,
}

# fields whose answers are words of the wire
_CHOSEN_FROM = {
    "answered_by": "tier",
    "base_urgency": "urgency",
    "card": "card",
    "channel": "channel",
    "check": "check",
    "clock": "clock",
    "level": "tier",
    "privacy": "privacy",
    "procedure": "procedure",
    "received_by": "tier",
    "urgency": "urgency",
}


@dataclass(frozen=True)
class Voice(speaking.Voice):
    """The desk's: `voice("queue")` of the pages, `voice.of("state", "closed")` of the wire."""

    page = PAGE
    problems = PROBLEMS
    tables = TABLES

    def choice(self, field: str, value: str) -> str:
        """One of the answers that a field allows."""
        own = f"{field}.{value}" if f"{field}.{value}" in CHOICES else value
        return self.of(_CHOSEN_FROM.get(field, "choice"), own)
