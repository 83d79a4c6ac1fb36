"""The rules of this moment in memory: what any replica imports, activates or uploads is seen with the next batch or
request, and what was activated for a later time from that time on, without a restart."""

import asyncio
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from uuid_utils.compat import uuid7

from delivery.database import Connection, Database
from delivery.logs import log
from services.router.classification.classifier import load_classifier
from services.router.clocks import store as calendar_store
from services.router.clocks.calendars import BUILT_IN, calendar_from, calendar_named, read_calendar
from services.router.clocks.limits import Calendar
from services.router.clocks.time_lapse import Now
from services.router.decision.classification import Classifier
from services.router.decision.wording import TEXTS
from services.router.directory import store as directory_store
from services.router.directory.directory import Directory
from services.router.overtaking import cannot_wait
from services.router.rulesets import store as ruleset_store
from services.router.rulesets.ruleset import Ruleset, load_ruleset, shipped_versions
from services.router.settings import Settings
from services.router.weather import store as weather_store
from services.router.workflow.situation import Moment, Rules

_KEPT = 8  # rulesets in memory: the one in force, and those that people try
_DECISIONS = 7_320_003  # the advisory lock that they share
DECIDING = f"""select virtualtransaction from pg_locks
    where locktype = 'advisory' and (classid, objid, objsubid) = (0, {_DECISIONS}, 1) and granted
        and pid <> pg_backend_pid() and database = (select oid from pg_database where datname = current_database())"""  # noqa: S608  # our own text
_LOOKS_EVERY = 0.05
_IN_FORCE = """select
    (select coalesce(max(version), 0) from directory_versions) as directory,
    (select version from ruleset_activations where starts_at <= $1
     order by starts_at desc, id desc limit 1) as ruleset,
    (select version from calendars where name = $2 order by id desc limit 1) as calendar,
    (select coalesce(max(change), 0) from weather_warnings) as weather"""


def _classifier_for(ruleset: Ruleset) -> Classifier:
    """Only what the ruleset knows is proposed."""
    return lru_cache(TEXTS)(load_classifier().limited_to(ruleset.categories).classify)


async def _deciding(connection: Connection) -> set[str]:
    return {row["virtualtransaction"] for row in await connection.fetch(DECIDING)}


class _Versions(NamedTuple):
    directory: int
    ruleset: str | None
    calendar: str | None
    weather: int


class _Loaded(NamedTuple):
    versions: _Versions
    rules: Rules


class CurrentRules:
    """`get` asks the database once, in one statement, and loads only what has changed since.

    A case keeps no ruleset of its own: a clock that starts later has the limit of the rules in force then, and the
    event that starts it says which ruleset and calendar those were. Limits that run already stay as they are.
    """

    def __init__(self, settings: Settings, now: Now | None = None) -> None:
        self._settings = settings
        self._now = now or settings.now()
        self._loaded: _Loaded | None = None
        self._rulesets: dict[str, Ruleset] = {}

    async def get(self, connection: Connection) -> Rules:
        """Raises CalendarNotFound when the environment names a calendar that nobody has uploaded."""
        versions = await self._versions(connection)
        if versions.ruleset is None:  # the first start of all: what comes with the program is put in force
            shipped = load_ruleset(self._settings.ruleset)
            await ruleset_store.ship(connection, shipped, at=self._now())
            versions = await self._versions(connection)
        present = self._loaded
        if present is None or versions != present.versions:
            present = self._loaded = _Loaded(versions, await self._load(connection, versions, present))
        return present.rules

    async def to_decide(self, connection: Connection) -> Rules:
        """For a transaction that files or works cases, before it locks one: whatever a new warning or directory changes
        for the cases there are waits for those that it leaves."""
        await connection.execute("select pg_advisory_xact_lock_shared($1)", _DECISIONS)
        return await self.get(connection)

    async def wait_for_decisions(self, connection: Connection) -> None:
        """Those under way, which may not know what is stated; whoever decides after them reads it. To wait for the lock
        itself would hold up all who decide on any replica, for as long as one that is frozen keeps its own."""
        under_way = await _deciding(connection)
        while under_way:
            await asyncio.sleep(_LOOKS_EVERY)
            under_way &= await _deciding(connection)

    async def begin(self, database: Database) -> None:
        """At start, so that what is wrong is known then and the first report waits for nothing."""
        async with database.transaction() as connection:
            await self.get(connection)
            for version in shipped_versions():
                if not await ruleset_store.keep_shipped(connection, load_ruleset(version)):
                    log.warning(
                        "another ruleset is kept under the version of the shipped one", ruleset=version
                    )

    def cannot_wait(self, report: bytes) -> bool:
        """By the rules that were last in use: another statement for each look would be slower than the wait."""
        return self._loaded is not None and cannot_wait(report, self._loaded.rules, self._now())

    async def trying(self, connection: Connection, version: str) -> Rules:
        """The rules of this moment with another ruleset in the place of theirs; raises RulesetNotFound."""
        ruleset = await self.ruleset(connection, version)
        return replace(await self.get(connection), ruleset=ruleset, classify=_classifier_for(ruleset))

    async def ruleset(self, connection: Connection, version: str) -> Ruleset:
        """Of any version that is kept, in force or not; raises RulesetNotFound."""
        if version not in self._rulesets:
            found = await ruleset_store.find(connection, version)
            if len(self._rulesets) >= _KEPT:
                self._rulesets.pop(next(iter(self._rulesets)))
            self._rulesets[version] = found
        return self._rulesets[version]

    async def calendar(self, connection: Connection, name: str) -> Calendar:
        """A file (a path), built in, or the newest that was uploaded; raises CalendarNotFound."""
        if name.endswith(".json"):
            return read_calendar(Path(name))
        if name in BUILT_IN:
            return calendar_named(name, self._settings.time_zone)
        return calendar_from(await calendar_store.find_calendar(connection, name))

    def moment(self) -> Moment:
        return Moment(self._now(), None, uuid7)

    async def _versions(self, connection: Connection) -> _Versions:
        return _Versions(*await connection.fetchrow(_IN_FORCE, self._now(), self._settings.calendar))

    async def _load(self, connection: Connection, versions: _Versions, present: _Loaded | None) -> Rules:
        """`present` as one found it: whoever asks at the same moment may put another in its place meanwhile."""
        assert versions.ruleset is not None, "one has been put in force"
        ruleset = await self.ruleset(connection, versions.ruleset)
        if present is not None and versions.calendar == present.versions.calendar:
            calendar = present.rules.calendar
        else:
            calendar = await self.calendar(connection, self._settings.calendar)
        directory = await self._directory(connection, versions.directory, present)
        weather = await weather_store.load(connection, self._now())
        return Rules(directory, ruleset, calendar, _classifier_for(ruleset), weather)

    async def _directory(self, connection: Connection, version: int, present: _Loaded | None) -> Directory:
        if present is not None and present.rules.directory.version == version:
            return present.rules.directory
        directory = await directory_store.load_directory(connection, version)
        while (newest := await directory_store.directory_version(connection)) != directory.version:
            # an import came between its statements: areas may be of the former one, and units of this
            directory = await directory_store.load_directory(connection, newest)
        return directory
