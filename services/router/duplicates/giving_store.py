"""One case locked, and a command given to it by the system or on behalf of a reporter."""

from typing import Any
from uuid import UUID

from contracts.envelope import Actor
from contracts.events import messages_of
from delivery.database import Connection
from delivery.logs import log
from services.router.cases import store
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import Incomplete, Moment, Rules, perform
from services.router.workflow.table import transition


async def lock(connection: Connection, case_id: UUID) -> Case | None:
    try:
        return await store.lock_case(connection, case_id)
    except store.CaseNotFound:
        return None


async def give_if_possible(
    connection: Connection,
    case: Case,
    command: str,
    brings: dict[str, Any],
    actor: Actor,
    rules: Rules,
    moment: Moment,
) -> Case | None:
    """The locked case after the command; None, and a line in the log, when its state or its guard forbids it."""
    row = transition(case.state, command)
    lacks: list[str] = []
    if row is not None:
        asked = {name: value for name, value in brings.items() if name in row.data.model_fields}
        try:
            data = row.data.model_validate(asked)
            done, events = perform(case, command, data, actor, case.grid, rules, moment)
        except Incomplete as error:
            lacks = [lack.pointer for lack in error.lacks]
        else:
            said = [messages_of("router", event) for event in events]
            await store.update_case(connection, done, events, said, rules.directory)
            return done
    log.info("command passed over", case_id=case.case_id, command=command, state=case.state, lacks=lacks)
    return None
