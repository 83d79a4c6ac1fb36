"""A report with good defaults."""

from typing import Any


def a_report(**more: Any) -> dict[str, Any]:
    return {"channel": "hotline", "text": "路灯不亮", "place": {"lon": 120.1, "lat": 30.2}} | more
