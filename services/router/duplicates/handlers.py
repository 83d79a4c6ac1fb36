"""What a report sets going in cases that are there already: merges, reminders, withdrawals, feedback."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.envelope import SYSTEM, ReportEnvelope
from contracts.facts.report import ReportFeedbackGiven, ReportReminded, ReportWithdrawn
from delivery.database import Connection
from delivery.logs import log
from services.router.current_rules import CurrentRules
from services.router.duplicates import store
from services.router.duplicates.giving_store import give_if_possible, lock
from services.router.duplicates.linking import Into, Kind, Linked
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import Moment, Rules

_ANSWERS_LEFT_OPEN = "unsolved"
_WITHDRAWN = "withdrawn"


async def keep_links(
    connection: Connection, linked: Sequence[tuple[UUID, Linked]], rules: Rules, moment: Moment
) -> None:
    """Call it when the cases of a batch are filed: what hangs together is merged, suggested or linked."""
    await store.remember_links(connection, linked, moment.at)
    into = [(case_id, links.into) for case_id, links in linked if links.into is not None]
    for case_id, found in sorted(into, key=lambda each: (each[1].master, each[0])):  # locks in one order
        await _merge(connection, case_id, found, rules, moment)


async def on_follow_ups(
    connection: Connection, events: list[ReportEnvelope[Any]], current: CurrentRules
) -> None:
    """Reminders, withdrawals and feedback, in the order in which they were given."""
    rules = await current.get(connection)
    moment = current.moment()
    for event in events:
        caused = moment.caused_by(event.event_id)
        match event.data:
            case ReportReminded():
                await _remind(connection, event, rules, caused)
            case ReportFeedbackGiven():
                await _answer(connection, event, rules, caused)
            case ReportWithdrawn():
                # a void takes two persons, and other reporters may be waiting for the same case
                await _wish(connection, event, event.case_id, _WITHDRAWN, event.data.reason)


async def _merge(connection: Connection, case_id: UUID, into: Into, rules: Rules, moment: Moment) -> None:
    case = await lock(connection, case_id)
    if case is None:
        return
    brings = {"master_case_id": into.master, "score": round(into.likeness.score, 4)}
    merged = await give_if_possible(connection, case, "merge", brings, SYSTEM, rules, moment)
    if merged is None or into.kind is not Kind.CHASER:
        return
    if master := await lock(connection, into.master):
        reminded = {"report_id": case.report_id}
        await give_if_possible(connection, master, "remind", reminded, SYSTEM, rules, moment)


async def _remind(
    connection: Connection, event: ReportEnvelope[ReportReminded], rules: Rules, moment: Moment
) -> None:
    if case := await _answering(connection, event):
        brings = {"report_id": event.data.report_id}
        await give_if_possible(connection, case, "remind", brings, event.actor, rules, moment)


async def _answer(
    connection: Connection, event: ReportEnvelope[ReportFeedbackGiven], rules: Rules, moment: Moment
) -> None:
    """What the reporter says of the result is his visit; unsolved, the work begins anew, or a person decides it."""
    case = await _answering(connection, event)
    if case is None:
        return
    said = event.data
    brings = said.model_dump()
    visited = await give_if_possible(connection, case, "record_visit", brings, event.actor, rules, moment)
    if said.solved is not False:
        return
    reason = {"reason": "the reporter says that it is not solved"}
    if visited is None or not await give_if_possible(
        connection, visited, "redo", reason, SYSTEM, rules, moment
    ):
        await _wish(connection, event, case.case_id, _ANSWERS_LEFT_OPEN, None)


async def _answering(connection: Connection, event: ReportEnvelope[Any]) -> Case | None:
    """The case that answers for the report, locked: after a merge it is the master."""
    masters = await store.masters_of(connection, [event.case_id])
    case = await lock(connection, masters.get(event.case_id, event.case_id))
    if case is None:  # reports go before their follow-ups in one partition, so this one never made a case
        log.warning("follow-up without a case", case_id=event.case_id, event_id=event.event_id)
    return case


async def _wish(
    connection: Connection, event: ReportEnvelope[Any], case_id: UUID, wish: str, reason: str | None
) -> None:
    row = (event.event_id, case_id, event.data.report_id, wish, reason, event.occurred_at)
    await store.add_wishes(connection, [row])
    log.info("a reporter's wish waits for a person", case_id=case_id, wish=wish, event_id=event.event_id)
