"""The connection to PostgreSQL: a pool, one transaction at the edge, and what counts as a passing failure."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

import asyncpg
import orjson
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect

from delivery.stopping import in_time

Connection: TypeAlias = asyncpg.Connection

# the database is away, closed to us, full or undecided: the same work succeeds later
OUTAGES = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,  # we were frozen in the middle of the work
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidAuthorizationSpecificationError,  # its password was changed, and we were not told the new one yet
    asyncpg.InvalidCatalogNameError,  # it is just being restored
    asyncpg.ReadOnlySQLTransactionError,  # after a failover, until we are led to the new primary
    asyncpg.InvalidCachedStatementError,  # a migration ran meanwhile
    asyncpg.InternalClientError,  # what asyncpg says of a pooled connection that the server has just ended
)

TOOK_TOO_LONG = (TimeoutError, asyncpg.QueryCanceledError)  # less of it may be done in time

# no column can hold what was given; whatever else PostgreSQL calls a data error is a fault of ours
_UNSTORABLE = (
    asyncpg.CharacterNotInRepertoireError,  # NUL in text
    asyncpg.UntranslatableCharacterError,  # NUL in jsonb
    asyncpg.NumericValueOutOfRangeError,
    asyncpg.DatetimeFieldOverflowError,
)


def is_outage(error: Exception) -> bool:
    """Whether the same work may succeed later; asyncpg calls a value of the wrong type an interface error too."""
    return isinstance(error, OUTAGES) and not isinstance(error, ValueError)


def is_unstorable(error: Exception) -> bool:
    """Whether a value lies beyond what a column can hold; some of them asyncpg itself refuses to send."""
    is_unsent = isinstance(error, asyncpg.DataError) and isinstance(
        error.__cause__, OverflowError | UnicodeError
    )
    return is_unsent or isinstance(error, _UNSTORABLE)


# a statement is planned once, and what is planned in a table's first seconds must do until `growth` has seen it grow:
# each has an index that it is meant for. Planned anew for every small batch, a look around a report took twice as long
SESSION = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "random_page_cost": "1.1",
    "jit": "off",
    # what a frozen replica, or one whose host is gone, has claimed and locked others wait for: until then
    "idle_in_transaction_session_timeout": "60s",
}

CONNECT_SECONDS = 15.0  # a server that takes the call and says nothing holds nobody longer

Tell = Callable[[], object]
_to_tell: ContextVar[list[Tell] | None] = ContextVar("to be told once committed", default=None)

_DIALECT = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own


class Database:
    """One pool; `after_commit` tells the relay that there may be something to send."""

    def __init__(self, url: str, *, size: int = 10, after_commit: Callable[[], None] = lambda: None) -> None:
        self.url = url
        self.size = size
        self.after_commit = after_commit
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> None:
        self._pool = await asyncpg.create_pool(
            self.url,
            min_size=1,
            max_size=self.size,
            init=prepare,
            reset=_keep,
            timeout=CONNECT_SECONDS,
            command_timeout=30,
            server_settings=SESSION,
        )

    async def close(self) -> None:
        if self._pool is not None and not await in_time(self._pool.close()):
            self._pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """For reading, and for single statements that are their own transaction."""
        assert self._pool is not None, "open() first"
        async with self._pool.acquire() as connection:
            yield connection

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """All or nothing; the commit has happened when the block is left, so it stands around the answer, not after."""
        async with self.connection() as connection, connection.transaction():
            to_tell: list[Tell] = []
            within = _to_tell.set(to_tell)
            try:
                yield connection
            finally:
                _to_tell.reset(within)
        self.after_commit()
        for tell in to_tell:
            tell()


def once_committed(tell: Tell) -> None:
    """Counts and logs what a transaction of `Database` did, after it: a batch that is rolled back and worked again
    would be told twice. Outside of one: at once."""
    to_tell = _to_tell.get()
    if to_tell is None:
        tell()
    else:
        to_tell.append(tell)


async def prepare(connection: Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_dumps, decoder=orjson.loads)


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


async def _keep(connection: Connection) -> None:
    """No session state is ever set on a pooled connection, so there is nothing to reset: one round trip saved."""


async def fetch(connection: Connection, statement: Executable) -> list[asyncpg.Record]:
    """Run a SQLAlchemy statement whose filters vary; fixed statements are plain SQL in a store."""
    compiled = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]  # every statement of ours compiles
    values = (compiled.params[name] for name in compiled.positiontup or ())
    rows: list[asyncpg.Record] = await connection.fetch(str(compiled), *values)
    return rows


def columns_of(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as columns for unnest; `width` because there may be no row to tell."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


@asynccontextmanager
async def planned_anew(connection: Connection) -> AsyncIterator[None]:
    """For lists whose filters find few rows or nearly all: no one plan suits both, and nobody lists so often that
    planning counts."""
    async with connection.transaction():
        await connection.execute("set local plan_cache_mode = force_custom_plan")
        yield
