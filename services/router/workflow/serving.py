"""The state machine as it is served to people and programs: as data and as a diagram, both from the table."""

from typing import Any

from contracts.vocabulary import Role
from services.router.workflow.table import TRANSITIONS, Transition


def as_data() -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "from": list(row.states),
            "command": row.command,
            "to": row.to,
            "event": row.event,
            "who": _who(row),
            "data": row.data.model_json_schema() if row.who else None,
            "stops": list(row.stops),
            "starts": list(row.starts),
            "pauses": list(row.pauses),
            "resumes": list(row.resumes),
        }
        for row in TRANSITIONS
    ]


def as_mermaid() -> str:
    """A state diagram; a command that keeps the state is drawn on it."""
    lines = [f"  {state} --> {row.to or state}: {row.command}" for row in TRANSITIONS for state in row.states]
    return "\n".join(["stateDiagram-v2", "  [*] --> reported: submit", *lines])


def _who(row: Transition) -> list[str]:
    return [*row.who, *([Role.SYSTEM] if row.by_system or not row.who else [])]
