"""What reporters say after their report: reminders, withdrawals, feedback; each reaches the case that answers."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from contracts.envelope import SYSTEM, Actor, ReportEnvelope
from contracts.facts.report import ReportFeedbackGiven, ReportReminded, ReportWithdrawn
from contracts.vocabulary import CaseState
from delivery.database import Connection, once_committed
from delivery.logs import log
from services.router.cases import store as cases
from services.router.cases.commanding import give
from services.router.cases.wishes_store import Wish, add_wish
from services.router.current_rules import CurrentRules
from services.router.duplicates import store
from services.router.tables import AT_REST_STATES
from services.router.workflow.case import Case
from services.router.workflow.commands.closing import RedoData, VisitData
from services.router.workflow.commands.linking import RemindData
from services.router.workflow.commands.objecting import ObjectData
from services.router.workflow.lifecycle import Forbidden, Incomplete
from services.router.workflow.situation import Data, Moment, Rules

_NOT_SOLVED = RedoData(reason="the reporter says that it is not solved")


class CaseNotFound(LookupError):
    """The report has no case yet, or is a dead letter: its follow-up comes again, or becomes one too."""


async def on_follow_ups(
    connection: Connection, events: list[ReportEnvelope[Any]], current: CurrentRules
) -> None:
    """In the order in which they were said; what the case's state forbids is passed over and logged; raises
    CaseNotFound."""
    rules = await current.to_decide(connection)
    moment = current.moment()
    reported = [event.case_id for event in events]
    answering: dict[UUID, UUID] = {}

    async def found(_: Mapping[UUID, Case]) -> set[UUID]:
        nonlocal answering
        answering = await store.masters_of(connection, reported)
        return {*answering.values()}

    locked = await cases.lock_found(connection, found)
    for event in events:
        case = locked.get(answering.get(event.case_id, event.case_id))
        if case is None:
            raise CaseNotFound(event.case_id)
        giving = _Giving(connection, case, event, rules, moment.caused_by(event.event_id))
        locked[case.case_id] = await giving.follow_up()


class _Giving:
    """One follow-up of one case."""

    def __init__(
        self, connection: Connection, case: Case, event: ReportEnvelope[Any], rules: Rules, moment: Moment
    ) -> None:
        self._connection = connection
        self._case = case
        self._event = event
        self._rules = rules
        self._moment = moment

    async def follow_up(self) -> Case:
        """The case after it."""
        match self._event.data:
            case ReportReminded(report_id=report_id):
                await self._give("remind", RemindData(report_id=report_id), self._event.actor)
            case ReportFeedbackGiven() as said:
                await self._visited(said)
            case ReportWithdrawn() if self._case.state in AT_REST_STATES:
                self._tell("follow-up passed over", command="withdraw", state=self._case.state)
            case ReportWithdrawn(reason=reason):
                # a void takes two persons, and other reporters may be waiting for the same case
                await self._wish(Wish.WITHDRAWN, reason)
        return self._case

    async def _visited(self, said: ReportFeedbackGiven) -> None:
        """What the reporter says of the result is his visit, whether he was asked or not; unsolved, the work begins
        anew, or a person decides."""
        command = "record_visit" if self._case.state is CaseState.FEEDBACK else "answer"
        visited = await self._give(command, VisitData(**said.model_dump()), self._event.actor)
        if said.solved is False and not (visited and await self._give("redo", _NOT_SOLVED, SYSTEM)):
            await self._wish(Wish.UNSOLVED, None)
            if self._case.state is CaseState.CLOSED:
                await self._give("object", ObjectData(report_id=said.report_id), self._event.actor)

    async def _give(self, command: str, data: Data, actor: Actor) -> bool:
        with suppress(Forbidden, Incomplete):
            given = await give(self._connection, self._case, command, data, actor, self._rules, self._moment)
            self._case = given.case
            return True
        self._tell("follow-up passed over", command=command, state=self._case.state)
        return False

    async def _wish(self, wish: Wish, reason: str | None) -> None:
        await add_wish(self._connection, self._event, self._case.case_id, wish, reason)
        self._tell("a reporter's wish waits for a person", wish=wish)

    def _tell(self, what: str, **more: str) -> None:
        once_committed(partial(log.info, what, case_id=self._case.case_id, **more))
