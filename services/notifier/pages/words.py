"""What the pages of subscriptions say in Chinese and in English."""

from dataclasses import dataclass

from contracts.words import EVENTS, TIERS, URGENCIES, Table
from delivery.pages import speaking

PAGE: Table = speaking.PAGE | {
    "site": ("订阅管理", "Subscriptions"),
    "back": ("返回订阅列表", "Back to the subscriptions"),
    "subscriptions": ("订阅", "Subscriptions"),
    "subscriptions_of": ("本单位订阅的案件事件", "What your unit is told of cases, and where"),
    "subscriptions_all": ("所有单位的订阅", "The subscriptions of all units"),
    "none_yet": (
        "还没有订阅。新建一个，就能在案件有变化时收到通知。",
        "No subscription yet. Make one, and you are told when a case changes.",
    ),
    "new": ("新建订阅", "New subscription"),
    "create": ("创建", "Create"),
    "change": ("修改", "Change"),
    "save": ("保存", "Save"),
    "cancel": ("取消", "Cancel"),
    "name": ("名称", "Name"),
    "channel": ("方式", "Channel"),
    "channel_hint": (
        "Webhook 用于有 HTTPS 服务的系统；事件流用于持续监听的页面和程序；电子邮件须先由收件人确认。",
        "Webhooks are for systems that serve HTTPS, the stream for pages and programs that listen; an e-mail "
        "address has to confirm first.",
    ),
    "url": ("推送地址", "Where to send"),
    "url_hint": ("Webhook 必填：公网 https 地址", "A webhook needs it: a public https address"),
    "address": ("邮箱地址", "E-mail address"),
    "address_hint": ("电子邮件必填", "E-mail needs it"),
    "language": ("邮件语言", "Language of the letters"),
    "mail": ("电子邮件的设置", "For e-mail"),
    "paces": ("多久发一次", "How often"),
    "owner": ("单位", "Unit"),
    "house": ("管理员", "Administrators"),
    "state": ("状态", "State"),
    "filter": ("要哪些事件", "Which events"),
    "filter_hint": (
        "每一项都须符合，留空即不限。只会缩小范围：与本单位无关的案件任何时候都不会发送。",
        "Every restriction must hold; what is left empty restricts nothing. A filter only narrows: cases that your "
        "unit has nothing to do with are never sent.",
    ),
    "everything": ("与本单位有关的全部事件", "Everything about the cases of your unit"),
    "tiers": ("层级", "Tiers"),
    "units": ("单位代码", "Unit codes"),
    "units_hint": (
        "主办、协办、抄告或事件中提到的单位",
        "It leads, helps, is copied, or is named by the event",
    ),
    "categories": ("类别代码", "Category codes"),
    "categories_hint": (
        "可写全（C01-05）或只写开头（C、C01）",
        "Whole (C01-05), or how they begin (C, C01)",
    ),
    "min_urgency": ("最低紧急程度", "Least urgency"),
    "event_types": ("事件类型", "Types of event"),
    "event_types_hint": ("都不选即不限", "None ticked: all of them"),
    "grids": ("网格代码", "Grid codes"),
    "codes_hint": ("用空格或换行分开", "Separated by spaces or lines"),
    "try": ("在最近的事件上试一试", "Try it on recent events"),
    "try_hint": ("试一试不会保存任何内容。", "Trying saves nothing."),
    "trial": ("试用结果", "What it would have let through"),
    "trial_read": ("最近的事件", "Newest events"),
    "trial_examined": ("其中您可以看到", "That you may see"),
    "trial_matched": ("符合条件", "That match"),
    "trial_since": ("起于", "Since"),
    "trial_newest": ("最新的几条", "The newest that match"),
    "trial_none": ("没有符合条件的事件。", "No event matches."),
    "trial_as": (
        "按 Webhook 和事件流的规则计算；电子邮件的内容更少。",
        "As webhooks and the stream are sent; e-mail is told less.",
    ),
    "as_sent": ("发送的内容", "As it would be sent"),
    "created_at": ("创建时间", "Made"),
    "target": ("送往", "Sent to"),
    "about": ("订阅信息", "About it"),
    "said": ("概要", "In short"),
    "stream_at": ("从这里读取", "Read it from"),
    "by_mail": (
        "邮件按紧急程度立即或汇总发送，不在下面的投递记录中。",
        "Letters leave at once or as a digest, by urgency; they are not in a delivery log.",
    ),
    "gone": (
        "接收地址答复 410，即不再接收，推送已停止。接收方确认恢复后，可点“恢复”，再用“重放”补发其间的事件。",
        "The target answered 410: it takes no more, so nothing is sent. When its owner says that it does again, "
        "resume; a replay then sends what it missed.",
    ),
    "left": (
        "该邮箱已退订。如仍需要，请换一个地址，或新建订阅。",
        "The address has unsubscribed. Give another, or make a new subscription, if it is still wanted.",
    ),
    "confirmed_at": ("邮箱确认时间", "Address confirmed"),
    "failures": ("连续失败", "Failures in a row"),
    "failing_since": ("开始失败", "Failing since"),
    "probe_at": ("下次探测", "Tried next"),
    "last_error": ("最近的错误", "Last error"),
    "actions": ("可以操作", "What you can do"),
    "from": ("从何时起", "Since when"),
    "from_hint": ("最早可到这些天以前：", "So many days back at the most: "),
    "skip_missed": ("放弃暂停期间积压的事件", "Drop what has waited meanwhile"),
    "rotate_hint": (
        "新密钥只显示一次；旧密钥再有效 24 小时，其间两个密钥同时签名。",
        "The new secret is shown once. The old one signs beside it for 24 hours.",
    ),
    "replay_hint": (
        "把这段时间符合条件的事件按顺序再发一遍。",
        "Sends again, in order, what matched since then.",
    ),
    "delete_hint": ("删除后不再发送，也不能恢复。", "Nothing more is sent, and it cannot be brought back."),
    "deliveries": ("投递记录", "Deliveries"),
    "deliveries_hint": ("新的在前", "Newest first"),
    "delivery": ("投递", "Delivery"),
    "no_deliveries": ("没有投递记录。", "No deliveries."),
    "event": ("事件", "Event"),
    "case": ("案件", "Case"),
    "relation": ("为何发给您", "Why you are told"),
    "cause": ("起因", "Cause"),
    "webhook_id": ("webhook-id", "webhook-id"),
    "due_at": ("下次尝试", "Tried next"),
    "ended_at": ("结束时间", "Ended"),
    "attempts": ("尝试", "Attempts"),
    "no_attempts": ("尚未尝试。", "Not tried yet."),
    "number": ("次数", "No."),
    "at": ("时间", "Time"),
    "seconds": ("用时（秒）", "Seconds"),
    "answer": ("答复", "Answer"),
    "refresh": ("刷新", "Refresh"),
    "to_subscription": ("返回订阅", "Back to the subscription"),
    "secret": ("签名密钥", "Signing secret"),
    "secret_once": (
        "请现在保存。它只显示这一次，之后任何人都看不到。",
        "Keep it now. It is shown this once, and to nobody afterwards.",
    ),
    "secret_former": ("旧密钥有效至", "The old secret signs until"),
    "secret_next": ("已保存，查看订阅", "I have kept it: to the subscription"),
}

PROBLEMS = speaking.PROBLEMS | {
    403: (
        "您无权进行此操作。订阅属于单位：需要部门、督办员或管理员的令牌，并写明单位。",
        "You may not do this. Subscriptions belong to units: it takes the token of an agency, a supervisor or an "
        "administrator, and one that names the unit.",
    ),
    404: ("没有这个订阅或页面。", "There is no such subscription or page."),
}

CHANNELS: Table = {
    "webhook": ("Webhook 推送", "Webhook"),
    "email": ("电子邮件", "E-mail"),
    "stream": ("事件流", "Stream"),
}
STATES: Table = {
    "active": ("正常", "Active"),
    "failing": ("有失败", "Failing"),
    "open": ("熔断，只探测", "Circuit open: only probed"),
    "half-open": ("熔断，正在探测", "Circuit half-open: being probed"),
    "unconfirmed": ("待邮箱确认", "Address not confirmed"),
    "paused": ("已暂停", "Paused"),
    "disabled": ("已停用", "Disabled"),
}
STATUSES: Table = {
    "created": ("待发送", "Waiting"),
    "sending": ("发送中", "Being sent"),
    "delivered": ("已送达", "Delivered"),
    "temporary-failure": ("失败，会再试", "Failed, tried again"),
    "permanent-failure": ("失败，已放弃", "Failed for good"),
    "expired": ("已过期", "Expired"),
}
CAUSES: Table = {
    "event": ("新事件", "A new event"),
    "replay": ("重放", "A replay"),
    "test": ("测试", "A test"),
}
RELATIONS: Table = {
    "acts": ("本单位办理", "Your unit acts"),
    "above": ("下级单位办理", "A unit below yours acts"),
    "told": ("抄告本单位", "Your unit is copied"),
    "area": ("在本单位辖区内", "It lies in your area"),
    "house": ("管理员可见", "Administrators see it"),
}
COMMANDS: Table = {
    "pause": ("暂停", "Pause"),
    "resume": ("恢复", "Resume"),
    "probe": ("立即再试", "Try the target now"),
    "test": ("发送测试", "Send a test"),
    "rotate": ("更换密钥", "Rotate the secret"),
    "replay": ("重放", "Replay"),
    "delete": ("删除", "Delete"),
    "create": ("创建", "Create"),
    "change": ("修改", "Change"),
    "retry": ("重新投递", "Try again"),
}
LANGUAGES: Table = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}
PACES: Table = {
    "immediate": ("立即", "At once"),
    "hourly": ("每小时汇总", "Hourly digest"),
    "daily": ("每日汇总", "Daily digest"),
}


@dataclass(frozen=True)
class Voice(speaking.Voice):
    page = PAGE
    problems = PROBLEMS
    tables = {  # noqa: RUF012  # nobody changes it
        "channel": CHANNELS,
        "state": STATES,
        "status": STATUSES,
        "cause": CAUSES,
        "relation": RELATIONS,
        "command": COMMANDS,
        "language": LANGUAGES,
        "pace": PACES,
        "tier": TIERS,
        "urgency": URGENCIES,
        "event": {**EVENTS, "casegrid.test": ("测试", "Test")},
    }
