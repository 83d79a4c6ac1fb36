"""The rules of this moment in memory; a directory imported by any replica is seen with the next batch or request."""

from collections.abc import Callable
from datetime import UTC, datetime

from uuid_utils.compat import uuid7

from delivery.database import Connection
from services.router.clocks.calendars import calendar_named
from services.router.clocks.limits import Calendar
from services.router.directory import store as directory_store
from services.router.directory.directory import NOBODY
from services.router.rulesets.ruleset import load_ruleset
from services.router.settings import Settings
from services.router.workflow.situation import Moment, Rules


def _now() -> datetime:
    return datetime.now(UTC)


class CurrentRules:
    def __init__(self, settings: Settings, now: Callable[[], datetime] = _now) -> None:
        calendar = calendar_named(settings.calendar, settings.time_zone)
        self._rules = Rules(NOBODY, load_ruleset(settings.ruleset), calendar)
        self._now = now

    async def get(self, connection: Connection) -> Rules:
        version = await directory_store.directory_version(connection)
        if version != self._rules.directory.version:
            directory = await directory_store.load_directory(connection, version)
            self._rules = Rules(directory, self._rules.ruleset, self._rules.calendar)
        return self._rules

    @property
    def calendar(self) -> Calendar:
        return self._rules.calendar

    def moment(self) -> Moment:
        return Moment(self._now(), None, uuid7)
