"""Why a stored case was decided as it was: its reasons, in the words of the ruleset that decided."""

from uuid import UUID

import orjson

from delivery.database import Connection
from services.router.cases.outline import reasons_in_outline
from services.router.current_rules import CurrentRules
from services.router.decision.explanation import Explained, decided_in, explain


async def explained_case(
    connection: Connection, case_id: UUID, current: CurrentRules, *, read: bool = True
) -> list[Explained]:
    """Each rule that spoke in the decision in force; nothing before there is one. Not `read`: in outline."""
    rows = await connection.fetch(
        """select body from case_events where case_id = $1 and type in ('case.filed', 'case.urgency_changed')
           order by case_version""",
        case_id,
    )
    reasons, version = decided_in(orjson.loads(row["body"]) for row in rows)
    reasons = reasons if read else reasons_in_outline(reasons)
    rules = await current.get(connection)
    ruleset = await current.ruleset(connection, version) if version else rules.ruleset
    return explain(reasons, ruleset, rules.directory.units)
