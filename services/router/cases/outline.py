"""A case in outline, as an assessor sees it: who had to do what by when and how it went, but neither what was said nor
where exactly, nor that somebody needs care (domain §8.3)."""

from collections.abc import Iterable
from typing import Any

from contracts.facts.reason import Reason
from services.router.workflow.case import Case

_POINT: dict[str, None] = dict.fromkeys(("lon", "lat", "component_id"))
_CARE = "S1"


def case_in_outline(case: Case) -> Case:
    """To look at, never to be kept."""
    return case.changed(text="", place=case.place.model_copy(update=_POINT))


def reasons_in_outline(reasons: Iterable[Reason]) -> list[Reason]:
    """Nor which place it lies near."""
    return [reason.model_copy(update={"about": None}) for reason in reasons if reason.rule != _CARE]


def event_in_outline(event: dict[str, Any]) -> dict[str, Any]:
    """Of its JSON."""
    data = {name: said for name, said in event["data"].items() if name != "text"}
    if data.get("place"):
        data["place"] = {name: said for name, said in data["place"].items() if name not in _POINT}
    if data.get("reasons"):
        reasons = reasons_in_outline(map(Reason.model_validate, data["reasons"]))
        data["reasons"] = [reason.model_dump(mode="json", exclude_none=True) for reason in reasons]
    return event | {"data": data}
