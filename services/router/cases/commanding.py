"""A command carried out: the case moves on, and what that means for other cases is kept in the same transaction."""

from collections.abc import Iterable
from uuid import UUID

from contracts.envelope import Actor
from delivery.database import Connection
from services.router.cases import store
from services.router.cases.saving_store import Change, file_cases, update_cases
from services.router.cases.visibility import Reach
from services.router.decision.routing import grid_of
from services.router.workflow.beside import opened_beside
from services.router.workflow.case import Case
from services.router.workflow.joining import after_merge, after_reminder, after_unmerge
from services.router.workflow.lifecycle import perform
from services.router.workflow.situation import Around, Data, Joined, Moment, Rules
from services.router.workflow.standing_in import where_it_lies


async def give(
    connection: Connection,
    case: Case,
    command: str,
    data: Data,
    actor: Actor,
    rules: Rules,
    moment: Moment,
    *,
    reach: Reach | None = None,
) -> Change:
    """The case, which this transaction has locked, after the command; raises Forbidden or Incomplete. A case that the
    command names and that lies outside the giver's `reach` is none; None reaches everything."""
    wanted = getattr(data, "master_case_id", None)
    master = (await store.lock_cases(connection, [wanted])).get(wanted) if wanted else None
    if master is not None and reach is not None and not reach.sees(master, rules.directory):
        master = None
    joined = await store.reports_joined(connection, case.case_id)
    around = Around(grid=grid_for(case, data, rules), master=master, joined=joined)
    done, events = perform(case, command, data, actor, rules, moment, around)
    changes = [Change(done, events)]
    if command == "remind" and (raised := after_reminder(done, around, rules, moment)):
        done = raised[0]
        changes = [Change(done, [*events, *raised[1]])]
    if master is not None:
        children = await store.lock_children(connection, case.case_id)
        reporters = [*await store.reports_joined(connection, master.case_id), *joined]
        known = Around(joined=(*reporters, Joined(case.report_id, case.reporter_ref)))
        changes += [Change(*each) for each in after_merge(done, master, children, known, rules, moment)]
    if command == "unmerge" and case.master is not None:
        changes += await _parted(connection, case, case.master, rules, moment)
    await update_cases(connection, changes, rules)
    await open_beside(connection, filter(None, (case, master)), changes, rules, moment)
    return changes[0]


async def open_beside(
    connection: Connection, before: Iterable[Case], changes: Iterable[Change], rules: Rules, moment: Moment
) -> None:
    """The emergencies of the applications that turned critical: what they were `before`, and what they are now."""
    were = {case.case_id: case for case in before}
    opened = (
        opened_beside(were[change.case.case_id], change.case, change.events, rules, moment)
        for change in changes
        if change.case.case_id in were
    )
    if beside := [Change(*each) for each in opened if each is not None]:
        await file_cases(connection, beside, rules)


async def _parted(
    connection: Connection, case: Case, master_id: UUID, rules: Rules, moment: Moment
) -> list[Change]:
    """What it means for the case that `case` was merged into."""
    master = (await store.lock_cases(connection, [master_id])).get(master_id)
    if master is None:
        return []
    joined = await store.reports_joined(connection, master_id)
    stay = Around(joined=tuple(each for each in joined if each.report_id != case.report_id))
    change = after_unmerge(master, case.report_id, stay, rules, moment)
    return [Change(*change)] if change else []


def grid_for(case: Case, data: Data, rules: Rules) -> str | None:
    """Where the case lies; while it is not filed, by the place that the command brings or the report has."""
    if case.grid is not None:
        return where_it_lies(case, rules.directory)
    place = getattr(data, "place", None) or case.place
    return grid_of(place, rules.directory.locate([(place.lon, place.lat)])[0], rules.directory)
