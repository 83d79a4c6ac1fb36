"""The router's SQL for calendars: appended, the newest of a name in force."""

from delivery.database import Connection
from services.router.clocks.calendars import CalendarDocument


class CalendarNotFound(LookupError):
    """No calendar has this name."""


async def keep_calendar(connection: Connection, calendar: CalendarDocument, *, by: str) -> bool:
    """Whether it differs from what was in force under its name; who uploads at the same time is waited for."""
    await connection.execute("lock table calendars in share row exclusive mode")
    kept = await connection.fetchval(
        """insert into calendars (name, version, body, uploaded_by) select $1, $2, $3, $4
           where $2 is distinct from (select version from calendars where name = $1 order by id desc limit 1)
           returning id""",
        calendar.name,
        calendar.version,
        calendar.text,
        by,
    )
    return kept is not None


async def find_calendar(connection: Connection, name: str) -> CalendarDocument:
    """The newest of the name, or that version; raises CalendarNotFound."""
    body = await connection.fetchval(
        "select body from calendars where name = $1 or version = $1 order by id desc limit 1", name
    )
    if body is None:
        raise CalendarNotFound(name)
    return CalendarDocument.model_validate_json(body)


async def names(connection: Connection) -> list[tuple[str, str]]:
    """Name and version of those in force."""
    rows = await connection.fetch(
        "select distinct on (name) name, version from calendars order by name, id desc"
    )
    return [(row["name"], row["version"]) for row in rows]
