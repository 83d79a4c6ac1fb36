"""What notices say, phrase by phrase, in Chinese and English."""

from contracts import words
from contracts.vocabulary import Language, Urgency
from services.notifier.people.parties import Post

Phrase = dict[Language, str]


def _p(zh: str, en: str) -> Phrase:
    return {Language.ZH: zh, Language.EN: en}


URGENCIES: dict[Urgency, Phrase] = {
    Urgency.GENERAL: _p("一般", "general"),
    Urgency.ELEVATED: _p("较急", "elevated"),
    Urgency.URGENT: _p("紧急", "urgent"),
    Urgency.CRITICAL: _p("特急", "critical"),
}

EVENTS: dict[str, Phrase] = {
    "case.verify_requested": _p("请到场核实", "Please verify on site"),
    "case.verified": _p("核实完毕", "Verified"),
    "case.handed_over": _p("案件已移交其他单位", "Case handed over to another body"),
    "case.merged": _p("案件已并入另一案件", "Case merged into another"),
    "case.unjoined": _p("并入的上报已分出", "A joined report was taken out again"),
    "case.joined": _p("另有上报人并入，请向其反馈", "Another reporter joined, please tell him too"),
    "case.unmerged": _p("并案已撤销", "Merge taken back"),
    "case.dispatched": _p("新派单，请签收", "New order, please sign"),
    "case.confirm_requested": _p("请电话核实险情", "Please ask by phone whether there is danger"),
    "case.returned": _p("案件被退回", "Case returned"),
    "case.consult_opened": _p("案件进入会商", "Consultation opened"),
    "case.designated": _p("指定办理，请签收", "Designated to you, please sign"),
    "case.called_in": _p("吹哨，请报到", "You are called in, please report"),
    "case.extended": _p("延期申请已有结果", "Extension decided"),
    "case.suspended": _p("案件已挂账", "Case suspended"),
    "case.resumed": _p("挂账结束，继续办理", "Suspension over, work goes on"),
    "case.escalated": _p("案件升级，请签收", "Case escalated, please sign"),
    "case.supervised": _p("督办", "Supervision"),
    "case.handled": _p("处置完毕", "Work finished"),
    "case.check_requested": _p("请核查", "Please check"),
    "case.checked": _p("核查通过，请向上报人反馈", "Check done, please tell the reporter"),
    "case.rework": _p("核查未通过，请返工", "Check failed, please rework"),
    "case.redo": _p("上报人认为未解决，请重办", "Not solved for the reporter, please work again"),
    "case.closed": _p("案件已结案", "Case closed"),
    "case.objected": _p("结案后上报人反映未解决", "Not solved, says the reporter of a closed case"),
    "case.reopened": _p("案件重新办理", "Case reopened"),
    "case.voided": _p("案件已作废", "Case voided"),
    "case.line_called": _p("已呼叫专线", "An emergency line was called"),
    "case.reminded": _p("上报人催办", "The reporter asks again"),
    "case.urgency_changed": _p("紧急程度已调整", "Urgency changed"),
    "case.appeal_opened": _p("超期申诉待审", "Overdue appeal to decide"),
    "case.appeal_decided": _p("超期申诉已有结果", "Overdue appeal decided"),
    "approval.started": _p("审批件待受理界定", "Application to define"),
    "approval.defined": _p("审批件待审核", "Application to review"),
    "approval.reviewed": _p("审批件待审批", "Application to decide"),
    "approval.returned": _p("审批件被退回", "Application returned"),
    "approval.objection": _p("公示期收到异议", "Objection to a publicised application"),
    "approval.approved": _p("审批通过", "Application approved"),
    "approval.refused": _p("审批未通过", "Application refused"),
    "approval.reopened": _p("审批件重新办理，待受理界定", "Application reopened, to define anew"),
}

# of which no duty person is told, but subscribers may be
OTHER_EVENTS: dict[str, Phrase] = {
    "case.accepted": _p("已受理", "Case accepted"),
    "case.rejected": _p("不予受理", "Report rejected"),
    "case.filed": _p("已立案", "Case filed"),
    "case.confirmed": _p("已电话核实", "Confirmed by phone"),
    "case.signed": _p("已签收", "Order signed"),
    "case.reclassified": _p("类别已更正", "Category corrected"),
    "case.progress": _p("办理进展", "Progress"),
    "case.feedback_given": _p("已向上报人反馈", "Reporter told"),
    "case.visited": _p("已回访", "Reporter visited"),
    "case.archived": _p("已归档", "Case archived"),
    "case.privacy_changed": _p("保密等级已调整", "Privacy changed"),
    "approval.materials_asked": _p("请申请人补正材料", "Materials asked for"),
    "approval.materials_received": _p("补正材料已收到", "Materials received"),
    "approval.objection_answered": _p("异议已答复", "Objection answered"),
}
PHRASES = EVENTS | OTHER_EVENTS

POSTS: dict[Post, Phrase] = {
    **{post: _p("", "") for post in Post},
    Post.LEAD: _p("（主办）", " (lead)"),
    Post.FORMER_LEAD: _p("（原主办，转协办）", " (former lead, now co-handler)"),
    Post.CO_HANDLERS: _p("（协办）", " (co-handler)"),
    Post.COPIES: _p("（抄告）", " (copy)"),
    Post.TRACKER: _p("（跟踪）", " (tracker)"),
}

STAGES: dict[str, Phrase] = {
    "L0": _p("时限提醒", "limit reminder"),
    "L1": _p("黄牌", "yellow card"),
    "L2": _p("红牌", "red card"),
    "L3": _p("通报", "bulletin"),
}

CLOCKS: dict[str, Phrase] = {clock: _p(zh, en.lower()) for clock, (zh, en) in words.CLOCKS.items()}

# a ruleset may name others, whose words the fact brings
LINES: dict[str, Phrase] = {
    "110": _p("110 公安", "110 police"),
    "119": _p("119 消防", "119 fire"),
    "120": _p("120 急救", "120 ambulance"),
    "122": _p("122 交通事故", "122 traffic accidents"),
    "utility": _p("公用事业抢修", "utility"),
}

FACTS: dict[str, Phrase] = {
    "stage": _p("{value}", "{value}"),
    "clock": _p("时限 {value}", "clock {value}"),
    "line": _p("专线 {value}", "line {value}"),
    "category": _p("类别 {value}", "category {value}"),
    "grid": _p("网格 {value}", "grid {value}"),
    "sign_by": _p("请于 {value} 前签收", "sign by {value}"),
    "case": _p("案件 {value}", "case {value}"),
}

REPEATED = _p("（第 {number} 次提醒）", " (reminder {number})")

DIGEST: dict[str, Phrase] = {
    "subject": _p("每日摘要：{number} 条通知", "Daily digest: {number} notices"),
    "more": _p("另有 {number} 条，请登录查看", "and {number} more on your desk"),
}

WHY = _p("本单位在 casegrid 登记了此联系方式。", "Your unit has registered this contact with casegrid.")
