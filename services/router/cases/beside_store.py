"""The other case of a report that has two, an application and its emergency, as far as a caller may know of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from contracts.words import STATES, URGENCIES
from delivery.database import Connection
from services.router.cases import store
from services.router.cases.visibility import Reach, Sight, sight_of
from services.router.workflow.case import Case
from services.router.workflow.situation import Rules

Relation = Literal["emergency", "application"]
_RELATIONS: dict[Relation, tuple[str, str]] = {
    "emergency": ("并行的突发事件案件", "the emergency opened beside it"),
    "application": ("并行的审批案件", "the application that goes on beside it"),
}
_NOT_SEEN = ("不在您的管辖范围", "outside your jurisdiction")


@dataclass(frozen=True)
class Beside:
    """What it is to the case that it stands beside; without `case` the caller may know that it is there and no more."""

    relation: Relation
    case_id: UUID
    case: Case | None


async def cases_beside(
    connection: Connection, cases: Iterable[Case], reach: Reach, rules: Rules
) -> dict[UUID, Beside]:
    """By the case that each stands beside; what the caller may not even know of is not there."""
    others = {
        case.case_id: (relation, other)
        for case in cases
        for relation, other in (("emergency", case.emergency), ("application", case.application))
        if other is not None
    }
    if not others:
        return {}
    found = await store.find_cases(connection, [other for _, other in others.values()])
    beside: dict[UUID, Beside] = {}
    for case_id, (relation, other) in others.items():
        sight = sight_of(found[other], reach, rules.directory) if other in found else Sight.HIDDEN
        if sight is not Sight.HIDDEN:
            seen = found[other] if sight is Sight.SEEN else None
            beside[case_id] = Beside(relation, other, seen)  # type: ignore[arg-type]  # one of the two above
    return beside


def as_answer(beside: Beside | None, rules: Rules) -> dict[str, Any]:
    """The fields of a case's answer that speak of the other one."""
    links: dict[str, Any] = {"emergency": None, "application": None, "beside": None}
    if beside is None:
        return links
    zh, en = _RELATIONS[beside.relation]
    said: dict[str, Any] = {"relation": beside.relation, "case_id": beside.case_id}
    if (case := beside.case) is None:
        said |= {"text_zh": f"{zh}：{_NOT_SEEN[0]}", "text_en": f"{en}: {_NOT_SEEN[1]}"}
    else:
        row = rules.ruleset.category(case.category or case.wanted_category)
        (level_zh, level_en), (state_zh, state_en) = URGENCIES[case.urgency], STATES[case.state]
        said |= {name: getattr(case, name) for name in ("category", "urgency", "state", "lead")}
        said |= {
            "link": f"/v1/cases/{case.case_id}",
            "text_zh": f"{zh}：{row.zh}（{level_zh}，{state_zh}）",
            "text_en": f"{en}: {row.en} ({level_en.lower()}, {state_en.lower()})",
        }
    return links | {beside.relation: beside.case_id, "beside": said}


def but_hidden(case: Case, beside: Beside | None, event: dict[str, Any]) -> dict[str, Any]:
    """An event as it was published, without the id of a case that the caller may not know of."""
    if beside is not None or not (case.emergency or case.application):
        return event
    return event | {"data": {name: said for name, said in event["data"].items() if name not in _RELATIONS}}
