"""What tests of messages to reporters share: intake's courier at a time that the test sets, and facts of a case."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from uuid_utils.compat import uuid7

from contracts.envelope import SYSTEM, ClockChange
from contracts.events import event_of
from contracts.facts import case as facts
from delivery.channels.channel import OutwardMessage
from delivery.channels.settings import ChannelSettings
from delivery.channels.timing import Timetable
from delivery.service import Service
from services.intake.handlers import on_case_events
from services.intake.residents.courier import Courier
from tests.gateway import SECRET
from tests.intake.builders import a_report
from tests.notifier.people_told import Kept

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)
REPORTER = {"name": "张建国", "phone": "13912345678", "email": "zhang@example.org"}
STATUS = "https://city.example/status?receipt="


def next_noon(at: datetime) -> datetime:
    """Of the reporters' zone, after `at`."""
    noon = at.astimezone(ZONE).replace(hour=12, minute=0, second=0, microsecond=0)
    return noon if noon > at else noon + timedelta(days=1)


def zone_where_it_is_noon(at: datetime) -> str:
    """For a service whose clock is the real one: by this zone no hour of its test is a quiet one."""
    return f"Etc/GMT{at.astimezone(UTC).hour - 12:+d}"  # named by what is to be added to reach GMT


class Post:
    """Intake's courier at a time that the test sets."""

    def __init__(self, intake: Service, http: httpx.AsyncClient) -> None:
        self.intake, self.http = intake, http
        self.now, self.kept = NOON, Kept()
        self.settings = ChannelSettings(
            gateway_url="http://gateway.example", gateway_secret=SECRET, smtp_host="mail.example"
        )
        self.courier = Courier(
            intake.database, self.settings, STATUS, ZONE, now=lambda: self.now, chance=lambda: 0.5
        )

    async def report(self, reporter: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        body = a_report(reporter=REPORTER if reporter is None else reporter, **more)
        return dict((await self.http.post("/v1/reports", json=body)).json())

    async def hears(self, *events: Any) -> None:
        async with self.intake.database.transaction() as connection:
            await on_case_events(connection, list(events), timetable=Timetable(ZONE))

    async def brings(self, **later: float) -> list[OutwardMessage]:
        self.now += timedelta(**later)
        while await self.courier.turn(self.kept):
            await self.courier.settle()
        found, self.kept.messages = self.kept.messages, []
        return found

    async def rows(self, query: str) -> list[Any]:
        async with self.intake.database.connection() as connection:
            return await connection.fetch(query)


def an_event(
    case_id: str, version: int, fact: Any, at: datetime = NOON, clocks: tuple[ClockChange, ...] = ()
) -> Any:
    envelope = {"occurred_at": at, "recorded_at": at, "actor": SYSTEM, "correlation_id": uuid7()}
    envelope["clocks"] = clocks
    return event_of(fact, event_id=uuid7(), case_id=UUID(case_id), case_version=version, **envelope)


def accepted(case_id: str, version: int = 1, at: datetime = NOON) -> Any:
    return an_event(case_id, version, facts.CaseAccepted(report_id=uuid7(), channel="web"), at)


def dispatched(case_id: str, version: int = 2, at: datetime = NOON) -> Any:
    fact = facts.CaseDispatched(round=1, lead="U1", procedure="coordinate", privacy="open", text="某人家门口")
    return an_event(case_id, version, fact, at)


def signed(case_id: str, version: int = 3, at: datetime = NOON) -> Any:
    return an_event(case_id, version, facts.CaseSigned(unit="U1", handler="p-1"), at)
