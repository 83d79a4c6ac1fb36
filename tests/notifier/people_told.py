"""What tests of notices to people share: a teller at a time that the test sets, and a channel that keeps what it is given."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.envelope import ClockChange
from contracts.vocabulary import Clock, ClockAction
from delivery.channels.channel import Answer, Outcome, OutwardMessage
from delivery.channels.settings import ChannelSettings
from delivery.channels.timing import Timetable
from delivery.database import Database
from services.notifier.people import people_store
from services.notifier.people.handlers import on_case_events
from services.notifier.people.teller import Teller
from services.notifier.people.telling import Defaults
from services.notifier.people.words import Style

ZONE = ZoneInfo("Asia/Shanghai")
DEFAULTS = Defaults(Timetable(ZONE), "CENTRE")
STYLE = Style(ZONE, "https://desk.example")
DAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)
NIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=ZONE)


class Kept:
    """A channel that answers as planned, then yes."""

    def __init__(self) -> None:
        self.messages: list[OutwardMessage] = []
        self.plan: list[Answer] = []

    async def send(self, message: OutwardMessage) -> Answer:
        self.messages.append(message)
        return self.plan.pop(0) if self.plan else Answer(Outcome.TAKEN, 200)

    def sent(self) -> list[tuple[str, str]]:
        """(medium, address) of what was sent since the last call, in a stable order."""
        found = sorted((message.medium.value, message.address) for message in self.messages)
        self.messages.clear()
        return found


class AtATime:
    """A teller whose time stands still until the test moves it."""

    def __init__(self, database: Database, at: datetime = DAY) -> None:
        self.now = at
        self.kept = Kept()
        self.teller = Teller(database, ChannelSettings(), STYLE, now=lambda: self.now, chance=lambda: 0.5)

    async def works(self) -> list[tuple[str, str]]:
        """Everything that is due now; gives what was sent."""
        while await self.teller.turn(self.kept):
            await self.teller.settle()
        return self.kept.sent()

    async def after(self, **passed: float) -> list[tuple[str, str]]:
        self.now += timedelta(**passed)
        return await self.works()


async def a_contact(database: Database, unit: str, **more: Any) -> None:
    nothing = dict.fromkeys(("email", "phone", "quiet_from", "quiet_to"))
    contact = nothing | {"unit": unit, "language": "zh", "app": f"app-{unit}"} | more
    async with database.transaction() as connection:
        await people_store.keep_contact(connection, contact, "p-test")


async def heard(database: Database, *events: Any, defaults: Defaults = DEFAULTS) -> None:
    async with database.transaction() as connection:
        await on_case_events(connection, list(events), defaults=defaults)


async def notices(database: Database, case_id: UUID | None = None) -> list[Any]:
    async with database.connection() as connection:
        return await connection.fetch(
            "select * from notices where $1::uuid is null or case_id = $1 order by first_due_at, unit, medium, number",
            case_id,
        )


def sign_by(at: datetime) -> tuple[ClockChange, ...]:
    return (ClockChange(name=Clock.SIGN, action=ClockAction.START, limit_at=at.astimezone(UTC)),)
