"""Chinese and English for the closed sets of words that travel on the wire (vocabulary.py, events.py)."""

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

EVENTS: Table = {
    "case.verify_requested": ("请网格员核实", "Verification was asked for"),
    "case.verified": ("核实完毕", "Verified"),
    "case.accepted": ("受理", "Accepted"),
    "case.rejected": ("不予受理", "Rejected"),
    "case.handed_over": ("移交", "Handed over"),
    "case.merged": ("并案", "Merged"),
    "case.joined": ("并入诉求", "A report joined"),
    "case.unjoined": ("诉求分出", "A report taken out"),
    "case.unmerged": ("撤销并案", "Merge undone"),
    "case.filed": ("立案", "Filed"),
    "case.confirm_requested": ("待电话核实", "To be confirmed by phone"),
    "case.confirmed": ("已电话核实", "Confirmed by phone"),
    "case.dispatched": ("派遣", "Dispatched"),
    "case.signed": ("签收", "Signed"),
    "case.returned": ("退回", "Returned"),
    "case.reclassified": ("改类别", "Category changed"),
    "case.consult_opened": ("提请会商", "Consultation opened"),
    "case.designated": ("指定主办", "Lead designated"),
    "case.progress": ("进展", "Progress"),
    "case.called_in": ("吹哨报到", "Units called in"),
    "case.extended": ("延期", "Extension decided"),
    "case.suspended": ("挂账", "Suspended"),
    "case.resumed": ("恢复办理", "Resumed"),
    "case.escalated": ("提级办理", "The tier above leads"),
    "case.supervised": ("督办", "Supervised"),
    "case.handled": ("办结", "Finished"),
    "case.check_requested": ("提请核查", "Check asked for"),
    "case.checked": ("核查", "Checked"),
    "case.rework": ("核查不通过，返工", "Check failed: work again"),
    "case.feedback_given": ("反馈", "Feedback given"),
    "case.visited": ("回访", "Visited"),
    "case.redo": ("重新办理", "Done again"),
    "case.closed": ("结案", "Closed"),
    "case.objected": ("结案后反映未解决", "Objected to after it was closed"),
    "case.reopened": ("重新打开", "Reopened"),
    "case.archived": ("归档", "Archived"),
    "case.voided": ("作废", "Voided"),
    "case.line_called": ("呼叫应急专线", "Emergency line called"),
    "case.reminded": ("催单", "Reminded"),
    "case.urgency_changed": ("调整紧急程度", "Urgency changed"),
    "case.privacy_changed": ("调整保密级别", "Privacy changed"),
    "case.appeal_opened": ("超期申诉", "Appeal opened"),
    "case.appeal_decided": ("裁定申诉", "Appeal decided"),
    "approval.started": ("进入审批", "Approval started"),
    "approval.materials_asked": ("要求补正材料", "Materials asked for"),
    "approval.materials_received": ("材料已补正", "Materials received"),
    "approval.defined": ("社区初审完毕", "Defined by the community"),
    "approval.refused": ("不予批准", "Refused"),
    "approval.returned": ("退回一级", "Returned one step"),
    "approval.reviewed": ("审核通过", "Reviewed"),
    "approval.objection": ("登记异议", "Objection recorded"),
    "approval.objection_answered": ("答复异议", "Objection answered"),
    "approval.approved": ("批准", "Approved"),
}
