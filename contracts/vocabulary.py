"""The closed sets of words that travel on the wire; docs/glossary.md gives the Chinese of each."""

from enum import StrEnum
from functools import cached_property
from operator import attrgetter


class _ItsValue:
    """Asked for whenever an event is written; enum's own way to it is a function in Python."""

    value = property(attrgetter("_value_"))


class Word(_ItsValue, StrEnum):
    """A member of a closed set of words."""


class Tier(Word):
    GRID = "grid"
    COMMUNITY = "community"
    TOWN = "town"
    DISTRICT = "district"

    @cached_property
    def parent(self) -> "Tier | None":
        """The tier that takes over when this one cannot act; None above the district."""
        above = list(Tier)[list(Tier).index(self) + 1 :]
        return above[0] if above else None


# the kind of unit of each tier that answers for whatever no professional unit does: a general unit
GENERAL_KIND = {
    Tier.GRID: "grid_worker",
    Tier.COMMUNITY: "community_office",
    Tier.TOWN: "town_government",
    Tier.DISTRICT: "district_centre",
}


class Urgency(Word):
    GENERAL = "general"
    ELEVATED = "elevated"
    URGENT = "urgent"
    CRITICAL = "critical"

    @cached_property
    def level(self) -> int:
        return list(Urgency).index(self)


class Procedure(Word):
    ON_SPOT = "on_spot"
    COORDINATE = "coordinate"
    EMERGENCY = "emergency"
    APPROVAL = "approval"


# class, hyphen, number, such as C01-05; a ruleset may hold it, so whatever takes the code of a category takes it
CATEGORY_CLASS = r"[A-Z][A-Z0-9]{0,9}"
CATEGORY_CODE = rf"{CATEGORY_CLASS}-\d{{2,5}}"


class Privacy(Word):
    OPEN = "open"
    RESTRICTED = "restricted"
    CONFIDENTIAL = "confidential"
    SEALED = "sealed"

    @cached_property
    def level(self) -> int:
        return list(Privacy).index(self)


class Check(Word):
    """How it is established that a handled case is fixed."""

    ONSITE = "onsite"
    PHOTO = "photo"
    DOCS = "docs"
    NONE = "none"


class Channel(Word):
    PHONE = "phone"
    HOTLINE = "hotline"
    WECHAT = "wechat"
    SMS = "sms"
    APP = "app"
    WEB = "web"
    SUGGESTION_BOX = "suggestion_box"
    FORUM = "forum"
    PATROL = "patrol"
    OPEN311 = "open311"
    EMAIL = "email"
    SENSOR = "sensor"
    VISIT = "visit"
    LEADER = "leader"
    PRESS = "press"


class Vulnerability(Word):
    """All that leaves intake about a vulnerable person."""

    NONE = "none"
    SOME = "some"
    HIGH = "high"


class CaseState(Word):
    REPORTED = "reported"
    VERIFYING = "verifying"
    ACCEPTED = "accepted"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    RETURNED = "returned"
    CONSULTING = "consulting"
    SUSPENDED = "suspended"
    HANDLED = "handled"
    CHECKING = "checking"
    FEEDBACK = "feedback"
    DEFINING = "defining"
    TOWN_REVIEW = "town_review"
    DISTRICT_REVIEW = "district_review"
    CLOSED = "closed"
    ARCHIVED = "archived"
    REJECTED = "rejected"
    HANDED_OVER = "handed_over"
    MERGED = "merged"
    VOIDED = "voided"


class OutwardStep(Word):
    """What a resident sees of a case's state."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    FEEDBACK = "feedback"
    CLOSED = "closed"


class Clock(Word):
    """The limits that run on a case; ../docs/workflow.md tells what starts and stops each."""

    ACCEPT = "accept"
    VERIFY = "verify"
    CLASSIFY = "classify"
    DISPATCH = "dispatch"
    SIGN = "sign"
    CONTACT = "contact"
    CONTROL = "control"
    HANDLE = "handle"
    INTERIM = "interim"
    CHECK = "check"
    FEEDBACK = "feedback"
    VISIT = "visit"
    RETURN_REVIEW = "return_review"
    CONSULT = "consult"
    REPORT_IN = "report_in"
    APPEAL = "appeal"
    DEFINE = "define"
    TOWN_REVIEW = "town_review"
    DISTRICT_REVIEW = "district_review"
    PUBLICITY = "publicity"
    OBJECTION_ANSWER = "objection_answer"


class ClockAction(Word):
    START = "start"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    SET = "set"


class Role(Word):
    """What a token's `roles` may hold; ../docs/workflow.md says which a command asks for."""

    OPERATOR = "operator"
    GRID_WORKER = "grid_worker"
    DISPATCHER = "dispatcher"
    SHIFT_LEADER = "shift_leader"
    UNIT_LEAD = "unit_lead"
    HANDLER = "handler"
    CHECKER = "checker"
    VISITOR = "visitor"
    SUPERVISOR = "supervisor"
    ASSESSOR = "assessor"
    AGENCY = "agency"
    ADMIN = "admin"
    RESIDENT = "resident"
    SYSTEM = "system"


class DeliveryStatus(Word):
    CREATED = "created"
    SENDING = "sending"
    DELIVERED = "delivered"
    TEMPORARY_FAILURE = "temporary-failure"
    PERMANENT_FAILURE = "permanent-failure"
    EXPIRED = "expired"


class Medium(Word):
    """How a person is reached."""

    EMAIL = "email"
    SMS = "sms"
    APP = "app"
    CALL = "call"


class Language(Word):
    ZH = "zh"
    EN = "en"


class NoticeStatus(Word):
    """How far a message to a person has come; `no-contact`: nobody has said where to reach him."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    TEMPORARY_FAILURE = "temporary-failure"
    PERMANENT_FAILURE = "permanent-failure"
    EXPIRED = "expired"
    NOT_CONFIGURED = "not-configured"
    NO_CONTACT = "no-contact"
    STOPPED = "stopped"
