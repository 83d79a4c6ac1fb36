"""The state machine as it is served: as data, as a diagram and as a page of the docs, all from the table."""

from pathlib import Path
from typing import Any

from contracts.vocabulary import Clock, Role
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
            "procedure": row.procedure,
            "data": row.data.model_json_schema() if row.who else None,
            "about": row.about,
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


_PAGE = """# The workflow

Written by `make pages` from `services/router/workflow/table.py`; `GET /v1/workflow` serves the same. A command in a
state that no row lists is refused with 409 and the commands that are possible. Beside what the last column names, a
command may move clocks by what it brings: the lead's first contact stops `contact`, a control time `control`; an
extension, a rework and a new lead set `handle` anew.

A critical word that may mean nothing (denied, a drill, a question) makes nothing critical and is asked about by phone:
the desk is told and has the accept limit of a critical case, which escalates as one (`request_confirm`),
`GET /v1/cases?to_confirm=true` lists the calls to make, `confirm` says what was heard. Danger makes the case critical;
who sets its urgency needs no call.
A report that joins the case is asked about only where it speaks of another danger than those that were answered, and in
the call that is still to be made, if there is one. Who works on the case sees for himself; of a suspended one nobody
does, so that such a report does not join it by itself, and none is suspended before its call.

Where one asks or agrees and another decides (`void`, `suspend`, `extend`, `decide_appeal`), who decides is known by his
token and names the other, who is never himself. Nobody agrees who worked on the case, nor whom the directory knows in
a unit that is not above the lead. It knows units and who is on duty, not everybody who may agree: another name is taken
as it was said, and stands in the history beside who gave the command.

Who signed a case, recorded work for its lead or finished it neither checks it nor visits, and neither does whom he
named.

What a reporter says of the result by himself, before it is checked or after the case is closed, is his visit
(`answer`); work that fails its check, is done again or reopened is asked about anew.

```mermaid
{diagram}
```

| id | from | command | to | event | by | clocks |
|---|---|---|---|---|---|---|
{rows}
"""


def as_page() -> str:
    """The table for people who read; `=` keeps the state."""
    return _PAGE.format(diagram=as_mermaid(), rows="\n".join(map(_line, TRANSITIONS)))


def _line(row: Transition) -> str:
    clocks = {"starts": row.starts, "pauses": row.pauses, "resumes": row.resumes, "stops": row.stops}
    moved = "; ".join(f"{does} {_names(which)}" for does, which in clocks.items() if which)
    states = ", ".join(row.states) or "new"
    if row.procedure:
        states += f" ({row.procedure})"
    cells = (row.id, states, f"`{row.command}`", row.to or "=", f"`{row.event}`")
    return f"| {' | '.join((*cells, ', '.join(_who(row)), moved))} |"


def _names(clocks: tuple[Clock, ...]) -> str:
    others = [clock for clock in Clock if clock not in clocks]
    if len(others) > 1:
        return ", ".join(clocks)
    return f"all but {others[0]}" if others else "all"


if __name__ == "__main__":
    Path("docs/workflow.md").write_text(as_page(), "utf-8")
