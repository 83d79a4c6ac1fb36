"""The timers: what time alone brings to a case happens within a second of its moment, on any replica that is up."""

import asyncio
from datetime import timedelta
from functools import partial

from contracts.envelope import SYSTEM
from delivery.database import Connection, once_committed
from delivery.logs import log
from delivery.service import Service
from services.router.cases import store
from services.router.cases.saving_store import Change, update_cases
from services.router.current_rules import CurrentRules
from services.router.metrics import ALARM_DELAY, ALARMS
from services.router.workflow.alarms import Alarm, next_alarm
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import CaseEvent, perform
from services.router.workflow.situation import Around, Moment, Rules
from services.router.workflow.standing_in import placed_now

_LOOKS_EVERY = 0.5
_AT_ONCE = 200
_AGAIN_AFTER = timedelta(hours=1)


async def run_timers(service: Service, current: CurrentRules) -> None:
    """For as long as the service lives."""
    while True:
        if await wake_due(service, current) < _AT_ONCE:
            await asyncio.sleep(_LOOKS_EVERY)


async def wake_due(service: Service, current: CurrentRules, limit: int = _AT_ONCE) -> int:
    """Does what time has brought to up to `limit` cases, in one transaction; how many there were."""
    async with service.database.transaction() as connection:
        rules = await current.to_decide(connection)
        now = current.moment()
        cases = await store.lock_due(connection, now.at, limit)
        if cases:
            joined = await store.reports_joined_to(connection, [case.case_id for case in cases])
            around = {case_id: Around(joined=reports) for case_id, reports in joined.items()}
            woken = [wake(case, rules, now, around.get(case.case_id, Around())) for case in cases]
            await update_cases(connection, woken, rules)
    return len(cases)


async def wake_first(connection: Connection, case: Case, rules: Rules, moment: Moment) -> Case:
    """The locked case as time has left it: what comes after a limit has passed does not come before its card."""
    alarm = next_alarm(case, rules)
    if alarm is None or alarm.at > moment.at:
        return case
    joined = await store.reports_joined(connection, case.case_id)
    woken = wake(case, rules, moment, Around(joined=joined))
    await update_cases(connection, [woken], rules)
    return woken.case


def wake(case: Case, rules: Rules, moment: Moment, around: Around) -> Change:
    """The case after everything that is due by now, in its order."""
    events: list[CaseEvent] = []
    case = placed_now(case, rules.directory)
    while (alarm := next_alarm(case, rules)) is not None and alarm.at <= moment.at:
        try:
            case, more = perform(case, alarm.command, alarm.data, SYSTEM, rules, moment, around)
        except Exception as refusal:  # one case must not stop the timers of all others
            once_committed(partial(_tell_of_refusal, case, alarm, refusal))
            return Change(case, events, not_before=moment.at + _AGAIN_AFTER)
        events += more
        once_committed(partial(_count, alarm, moment))
    return Change(case, events)


def _count(alarm: Alarm, moment: Moment) -> None:
    ALARMS.labels(alarm.command, "done").inc()
    ALARM_DELAY.observe((moment.at - alarm.at).total_seconds())


def _tell_of_refusal(case: Case, alarm: Alarm, refusal: Exception) -> None:
    ALARMS.labels(alarm.command, "refused").inc()
    log.error("alarm refused", case_id=case.case_id, command=alarm.command, why=type(refusal).__name__)
