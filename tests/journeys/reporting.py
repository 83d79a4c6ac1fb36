"""A report as somebody submits it, and the wait until its case is with a unit."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.waiting import until

Call = Callable[..., Awaitable[tuple[int, Any]]]
PLACE = {"lon": 120.43, "lat": 30.22}


async def submit(call: Call, **more: Any) -> dict[str, Any]:
    """The receipt of a dark street lamp, or of what `more` says."""
    report = {"channel": "hotline", "text": "路灯不亮", "category": "C01-05", "place": PLACE} | more
    status, receipt = await call("operator", "POST", "intake", "/v1/reports", json=report)
    assert status == 201, receipt
    return dict(receipt)


async def dispatched(call: Call, case_id: str) -> Any:
    async def ask() -> Any:
        status, case = await call("unit", "GET", "router", f"/v1/cases/{case_id}")
        return case if status == 200 and case["state"] == "dispatched" else None

    return await until(ask)
