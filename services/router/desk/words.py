"""What the desk says in Chinese and in English: the words of the wire, and those of the pages."""

from dataclasses import dataclass
from typing import Literal

from services.router.desk.words_of_commands import CHOICES, COMMANDS, EVENTS, FIELDS, TOLD

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
Table = dict[str, tuple[str, str]]

STATES: Table = {
    "reported": ("已上报", "Reported"),
    "verifying": ("核实中", "Being verified"),
    "accepted": ("已受理", "Accepted"),
    "filed": ("已立案", "Filed"),
    "dispatched": ("待签收", "Waiting to be signed"),
    "handling": ("处置中", "Being handled"),
    "returned": ("已退回", "Returned"),
    "consulting": ("会商中", "In consultation"),
    "suspended": ("已挂账", "Suspended"),
    "handled": ("已处置", "Handled"),
    "checking": ("核查中", "Being checked"),
    "feedback": ("反馈回访", "Feedback"),
    "defining": ("社区初审", "Community defines"),
    "town_review": ("镇街审核", "Town reviews"),
    "district_review": ("区县审批", "District reviews"),
    "closed": ("已结案", "Closed"),
    "archived": ("已归档", "Archived"),
    "rejected": ("不予受理", "Rejected"),
    "handed_over": ("已移交", "Handed over"),
    "merged": ("已并案", "Merged"),
    "voided": ("已作废", "Voided"),
}

URGENCIES: Table = {
    "general": ("一般", "General"),
    "elevated": ("较急", "Elevated"),
    "urgent": ("紧急", "Urgent"),
    "critical": ("特急", "Critical"),
}

PROCEDURES: Table = {
    "on_spot": ("一般性（当场办结）", "On the spot"),
    "coordinate": ("需协调", "Coordinated"),
    "emergency": ("突发性", "Emergency"),
    "approval": ("需审批", "Approval"),
}

TIERS: Table = {
    "grid": ("网格", "Grid"),
    "community": ("社区（村）", "Community"),
    "town": ("镇街", "Town"),
    "district": ("区县", "District"),
}

PRIVACY: Table = {
    "open": ("公开", "Open"),
    "restricted": ("限制公开", "Restricted"),
    "confidential": ("保密", "Confidential"),
    "sealed": ("密封", "Sealed"),
}

CHECKS: Table = {
    "onsite": ("现场核查", "On site"),
    "photo": ("照片核查", "By photo"),
    "docs": ("材料核查", "By documents"),
    "none": ("不核查", "None"),
}

CHANNELS: Table = {
    "phone": ("电话", "Phone"),
    "hotline": ("热线", "Hotline"),
    "wechat": ("微信", "WeChat"),
    "sms": ("短信", "SMS"),
    "app": ("手机应用", "App"),
    "web": ("网站", "Web"),
    "suggestion_box": ("意见箱", "Suggestion box"),
    "forum": ("论坛", "Forum"),
    "patrol": ("巡查", "Patrol"),
    "open311": ("Open311", "Open311"),
    "email": ("电子邮件", "E-mail"),
    "sensor": ("传感器", "Sensor"),
    "visit": ("走访", "Visit"),
    "leader": ("领导交办", "Leader"),
    "press": ("媒体", "Press"),
}

CLOCKS: Table = {
    "accept": ("受理", "Accept"),
    "verify": ("核实", "Verify"),
    "classify": ("立案分类", "Classify"),
    "dispatch": ("派遣", "Dispatch"),
    "sign": ("签收", "Sign"),
    "contact": ("首次联系", "First contact"),
    "control": ("险情控制", "Control the danger"),
    "handle": ("处置", "Handle"),
    "interim": ("续报", "Interim report"),
    "check": ("核查", "Check"),
    "feedback": ("反馈", "Feedback"),
    "visit": ("回访", "Visit"),
    "return_review": ("退回审核", "Review of the return"),
    "consult": ("会商", "Consultation"),
    "report_in": ("报到", "Reporting in"),
    "appeal": ("申诉", "Appeal"),
    "define": ("社区初审", "Definition"),
    "town_review": ("镇街审核", "Town review"),
    "district_review": ("区县审批", "District review"),
    "publicity": ("公示", "Publicity"),
    "objection_answer": ("异议答复", "Answer to the objection"),
}

ROLES: Table = {
    "operator": ("受理员", "Operator"),
    "grid_worker": ("网格员", "Grid worker"),
    "dispatcher": ("派遣员", "Dispatcher"),
    "shift_leader": ("值班长", "Shift leader"),
    "unit_lead": ("单位负责人", "Unit lead"),
    "handler": ("处置人", "Handler"),
    "checker": ("核查员", "Checker"),
    "visitor": ("回访员", "Visitor"),
    "supervisor": ("督办员", "Supervisor"),
    "assessor": ("考核员", "Assessor"),
    "agency": ("部门", "Agency"),
    "admin": ("管理员", "Administrator"),
    "resident": ("居民", "Resident"),
    "system": ("系统", "System"),
}

CARDS: Table = {"none": ("无", "None"), "yellow": ("黄牌", "Yellow card"), "red": ("红牌", "Red card")}

PAGE: Table = {
    "desk": ("单位工作台", "Unit desk"),
    "skip": ("跳到正文", "Skip to the content"),
    "other_language": ("English", "中文"),
    "sign_in": ("登录", "Sign in"),
    "sign_out": ("退出登录", "Sign out"),
    "token": ("访问令牌", "Access token"),
    "token_hint": (
        "请粘贴管理员发给您的令牌。它只保存在本浏览器的会话中，页面脚本读不到。",
        "Paste the token that your administrator gave you. It stays in this browser's session, out of "
        "reach of scripts.",
    ),
    "token_missing": ("请先粘贴令牌。", "Paste a token first."),
    "token_bad": (
        "这个令牌无效或已过期，请换一个有效的令牌。",
        "This token is not valid or has expired. Paste one that is valid.",
    ),
    "session_over": ("登录已失效，请重新登录。", "Your session has ended. Sign in again."),
    "queue": ("待办队列", "Queue"),
    "queue_order": (
        "按紧急程度、是否超期、时限已用比例、上报先后排列",
        "Most urgent first, then what is late, then the share of the limit used, then age",
    ),
    "open": ("在办", "Open"),
    "overdue": ("超期", "Late"),
    "urgent": ("紧急、特急", "Urgent or critical"),
    "filters": ("筛选", "Filters"),
    "state": ("状态", "State"),
    "urgency": ("紧急程度", "Urgency"),
    "tier": ("层级", "Tier"),
    "unit": ("主办单位", "Lead unit"),
    "any": ("全部", "Any"),
    "all_open": ("全部在办", "All open"),
    "yes": ("是", "Yes"),
    "no": ("否", "No"),
    "apply": ("应用", "Apply"),
    "clear": ("清除", "Clear"),
    "case": ("案件", "Case"),
    "category": ("类别", "Category"),
    "lead": ("主办", "Lead"),
    "due": ("到期", "Due"),
    "reported_at": ("上报时间", "Reported"),
    "no_limit": ("无时限", "No limit"),
    "nothing": ("没有符合条件的案件。", "No case meets these filters."),
    "next": ("下一页", "Next page"),
    "first": ("回到第一页", "Back to the first page"),
    "what_was_said": ("诉求内容（已脱敏）", "What was reported (redacted)"),
    "no_text": ("没有文字。", "No text."),
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
    "co_handlers": ("协办", "Helpers"),
    "copies": ("抄告", "Copies"),
    "tracker": ("跟踪网格员", "Tracker"),
    "handler": ("处置人", "Handler"),
    "awaited": ("待报到", "Awaited"),
    "superior": ("会商裁定", "Decides"),
    "nobody": ("—", "—"),
    "facts": ("案件信息", "About the case"),
    "procedure": ("工作程序", "Procedure"),
    "privacy": ("保密级别", "Privacy"),
    "card": ("牌", "Card"),
    "grid": ("网格", "Grid"),
    "check": ("核查方式", "Check"),
    "round": ("轮次", "Round"),
    "version": ("版本", "Version"),
    "master": ("并入案件", "Merged into"),
    "why": ("为何如此决定", "Why it was decided so"),
    "no_reasons": ("尚未作出决定。", "Nothing has been decided yet."),
    "history": ("办理经过", "History"),
    "no_history": ("尚无记录。", "Nothing has happened yet."),
    "actions": ("可以办理", "What you can do"),
    "no_actions": ("您现在无需办理。", "Nothing is yours to do now."),
    "required": ("必填", "required"),
    "optional": ("选填", "optional"),
    "one_per_line": ("每行一个", "one per line"),
    "in_zone": ("时区", "time zone"),
    "choose": ("请选择", "Choose"),
    "done": ("已完成：", "Done: "),
    "not_done": ("未能完成：", "Not done: "),
    "your_input": ("您填写的内容", "What you had entered"),
    "back": ("返回队列", "Back to the queue"),
    "trouble": ("无法显示", "Cannot be shown"),
    "as_": ("身份", "Signed in as"),
}

PROBLEMS: dict[int, tuple[str, str]] = {
    403: ("您无权查看或办理此事项。", "You may not see or do this."),
    404: ("没有这个案件或页面。", "There is no such case or page."),
    409: ("案件已有变化，请核对后再提交。", "The case has moved on. Look at it again before you send."),
    413: ("提交的内容过大。", "What was sent is too large."),
    422: ("填写的内容有误。", "Something in what was sent is not right."),
    503: ("系统暂时繁忙，未做任何更改，请稍后再试。", "Try again in a moment; nothing was done."),
}
_OUR_FAULT = ("系统出错，已记录。", "This is our fault; it has been recorded.")

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
class Voice:
    """Speaks one language: `voice("queue")` of the pages, `voice.of("state", "closed")` of the wire."""

    lang: Lang

    def __call__(self, key: str) -> str:
        return self.one(PAGE[key])

    def of(self, table: str, key: str | None) -> str:
        """The key itself where the table has no word for it: a newer writer's words are shown, not hidden."""
        said = TABLES[table].get(key or "")
        return self.one(said) if said else key or self("nobody")

    def one(self, both: tuple[str, str]) -> str:
        return both[LANGS.index(self.lang)]

    def choice(self, field: str, value: str) -> str:
        """One of the answers that a field allows."""
        own = f"{field}.{value}" if f"{field}.{value}" in CHOICES else value
        return self.of(_CHOSEN_FROM.get(field, "choice"), own)

    def problem(self, status: int) -> str:
        return self.one(PROBLEMS.get(status, _OUR_FAULT))

    def name(self, zh: str, en: str | None) -> str:
        return zh if self.lang == "zh" else en or zh
