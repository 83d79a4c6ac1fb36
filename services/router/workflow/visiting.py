"""Whether each reporter was asked how it went: an answer, or three attempts on two days (domain §7.4, §11.3)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.vocabulary import Clock
from services.router.workflow.case import Case, Visit

_ENOUGH = 20  # of more reporters a sample is asked
_ATTEMPTS = 3


def asking_ends(case: Case, reports: Iterable[UUID], zone: ZoneInfo) -> datetime | None:
    """When there was nobody left to ask, or will be: at the limit of the visit."""
    visit = case.clocks.get(Clock.VISIT)
    return all_asked_at(reports, case.visits, zone) or (visit.due if visit else None)


def all_asked_at(reports: Iterable[UUID], visits: Iterable[Visit], zone: ZoneInfo) -> datetime | None:
    """When the last of those reporters was asked, days as they are in that zone; None while somebody is left."""
    found = _asked(reports, visits, zone)
    asked = sorted(at for at in found.values() if at is not None)
    needed = min(len(found), _ENOUGH)
    return asked[needed - 1] if len(asked) >= needed else None


def still_to_ask(reports: Iterable[UUID], visits: Iterable[Visit], zone: ZoneInfo) -> list[UUID]:
    return [report for report, at in _asked(reports, visits, zone).items() if at is None]


def tried_enough(report_id: UUID, visits: Iterable[Visit], zone: ZoneInfo) -> bool:
    of_his = [visit for visit in visits if visit.report_id == report_id]
    return len(of_his) >= _ATTEMPTS and _on_two_days(of_his, zone)


def _asked(reports: Iterable[UUID], visits: Iterable[Visit], zone: ZoneInfo) -> dict[UUID, datetime | None]:
    of_each: dict[UUID, list[Visit]] = {report: [] for report in reports}
    for visit in visits:
        if visit.report_id in of_each:
            of_each[visit.report_id].append(visit)
    return {report: _asked_at(of_his, zone) for report, of_his in of_each.items()}


def _asked_at(of_his: list[Visit], zone: ZoneInfo) -> datetime | None:
    """The first answer, or the attempt with which there were three on two days."""
    for count, visit in enumerate(of_his, 1):
        if visit.contacted or (count >= _ATTEMPTS and _on_two_days(of_his[:count], zone)):
            return visit.at
    return None


def _on_two_days(visits: list[Visit], zone: ZoneInfo) -> bool:
    return len({each.at.astimezone(zone).date() for each in visits}) >= 2
