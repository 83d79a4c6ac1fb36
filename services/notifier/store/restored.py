"""A database that was dumped and restored on another server: its numbers of transactions lie ahead of that server's."""

from delivery.database import Connection, Database
from delivery.logs import log

_LONGEST_SECONDS = 3600
_NEXT = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"

# nothing of this server can reach them: what is seen has ended, and so came before
_IS_AHEAD = f"""select exists (select from feed where xid >= {_NEXT})
    or exists (select from mail_cursor where xid > {_NEXT}) or exists (select from replays where until_xid > {_NEXT})"""  # noqa: S608

# places first: afterwards they are told by position alone, which orders the lines of a case as their numbers did
_RESTORED = f"(select max(position) from feed where xid >= {_NEXT})"  # noqa: S608
_PLACE = f"""coalesce((select f.position from feed f
    where (f.xid, f.position) <= (c.xid, c.position) and f.position <= {_RESTORED}
    order by f.xid desc, f.position desc limit 1), c.position)"""  # noqa: S608
_RENUMBER = f"""
    update mail_cursor c set xid = 0, position = {_PLACE};
    update replays c set xid = 0, position = {_PLACE}, until_xid = 1;
    update feed set xid = 0 where position <= {_RESTORED}"""  # noqa: S608


async def number_anew(database: Database) -> None:
    """Before anything is read or written: who reads on goes on where he was, and what comes now comes after it."""
    async with database.transaction() as connection:
        if not await is_ahead(connection):
            return
        await connection.execute("lock table feed, mail_cursor, replays in share row exclusive mode")
        if await is_ahead(connection):  # no other replica has done it meanwhile
            await connection.execute(_RENUMBER, timeout=_LONGEST_SECONDS)
            log.warning("the feed was restored on another server: its lines are numbered anew")


async def is_ahead(connection: Connection) -> bool:
    found: bool = await connection.fetchval(_IS_AHEAD)
    return found
