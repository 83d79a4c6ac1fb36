"""One call builds a service: HTTP, Kafka, PostgreSQL, health, metrics, authorization, problem answers."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import cache, partial
from typing import Annotated, Any

import asyncpg
import uvicorn
from aiokafka.errors import KafkaError
from fastapi import APIRouter, Depends, FastAPI, Request

from contracts.envelope import Fact
from contracts.topics import KEPT_DAYS, Topic
from delivery import inbox, logs
from delivery.ahead import AheadConsumer, CannotWait, ahead_of
from delivery.auth import Keys, knowing_the_caller
from delivery.broker import make_broker
from delivery.consumer import BATCH_SECONDS, Consumer, Handler
from delivery.database import Database
from delivery.gauges import Measure
from delivery.growth import look_for_growth
from delivery.json_body import asking_for_json
from delivery.logs import log
from delivery.loop import Loop
from delivery.measured import Measured
from delivery.openapi import openapi
from delivery.operations import measure_delivery, operations
from delivery.outbox import Relay
from delivery.problems import BodyLimit, answer_with_problems
from delivery.schema_version import require_schema
from delivery.settings import ServiceSettings
from delivery.topic_creation import LETTER_DAYS, create_topics

# a record that is given up on at its last hour, and replayed at the letter's last, meets an inbox that still knows the
# event; Kafka deletes by segments, and one holds a week
INBOX_DAYS = KEPT_DAYS + LETTER_DAYS + 15
KAFKA_SECONDS = 2.0  # how long HTTP waits for Kafka; then it opens without it
Start = Callable[[], Awaitable[None]]
_LOOKED_AT_ONCE = 2000
_MEASURED_BY_US: Any = {
    "tracing": False,
    "metrics": False,
    "logs": False,
}  # FastAPI would ask at every request


class Service:
    """What a running service holds; handlers and endpoints get the parts they need from it."""

    def __init__(
        self,
        name: str,
        settings: ServiceSettings,
        *,
        writes: Mapping[Topic, Sequence[type[Fact]]] = {},
        routers: Sequence[APIRouter] = (),
        large_bodies: dict[str, int] | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.writes = writes
        url = settings.database_of(name)
        self.relay = Relay(url, settings.kafka, namespace=settings.namespace)
        self.database = Database(url, size=settings.pool_size, after_commit=self._committed)
        self.broker = make_broker(settings.kafka)
        self.keys = Keys(settings)
        self.consumers: list[Consumer] = []
        self._before: list[Start] = []
        self._loops: list[Loop] = []
        self.run_alongside("inbox cleaning", self._clean_inbox)
        self.run_alongside("growth", partial(look_for_growth, self.database))
        self.measures: list[Measure] = []
        self.measure("delivery", partial(measure_delivery, self))
        self._wakes: list[Callable[[], None]] = [self.relay.wake]
        self.joined = False  # Kafka: until then `away` says why not
        self.away = "not started yet"
        self.app = self._make_app(routers, large_bodies or {})

    def consume(
        self, topic: Topic, handle: Handler, facts: Sequence[type[Any]], *, every: float = BATCH_SECONDS
    ) -> Consumer:
        """Work `facts` of `topic` with `handle`, as the group that bears the service's name; a batch `every` seconds
        at the most while no backlog waits: longer where nobody looks for the result."""
        consumer = Consumer(
            self.name,
            topic,
            handle,
            facts,
            self.database,
            low_water=self._low_water,
            batch_size=self.settings.batch_size,
            every=every,
        )
        return self._subscribed(consumer)

    def consume_ahead(self, behind: Consumer, cannot_wait: CannotWait) -> None:
        """What cannot wait of what `behind` reads overtakes its backlog."""
        ahead = AheadConsumer(
            ahead_of(behind.name),
            behind.topic,
            behind.handle,
            behind.facts,
            self.database,
            low_water=self._low_water,
            batch_size=_LOOKED_AT_ONCE,
            every=0,
            behind=behind,
            cannot_wait=cannot_wait,
        )
        self._subscribed(ahead)

    def _subscribed(self, consumer: Consumer) -> Consumer:
        consumer.subscribe(self.broker, self.settings.namespace)
        self.consumers.append(consumer)
        return consumer

    def before_start(self, start: Start) -> None:
        """Run once the database is open and before anything is consumed or answered."""
        self._before.append(start)

    def run_alongside(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """A loop that lives as long as the service; it begins again when it fails, and health shows that it goes on
        failing."""
        self._loops.append(Loop(self.name, name, run))

    def after_commit(self, wake: Callable[[], None]) -> None:
        """Call `wake`, which must not wait for anything, whenever a transaction of ours has committed."""
        self._wakes.append(wake)

    def measure(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run before each scrape of `/metrics`."""
        self.measures.append(Measure(self.name, name, run))

    def _low_water(self) -> int:
        return self.relay.low_water.at

    def _committed(self) -> None:
        for wake in self._wakes:
            wake()

    def problems(self) -> list[str]:
        """What keeps the service from being ready, part by part."""
        parts: list[Relay | Consumer | Loop] = [self.relay, *self.consumers, *self._loops]
        return [problem for part in parts if (problem := part.problem())]

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Started from the ground up; stopped from the top down: no new work, finish, commit, leave the group."""
        async with AsyncExitStack() as stack:
            await self._open_database()
            stack.push_async_callback(self.database.close)
            await self._prepare()
            stack.push_async_callback(self.relay.stop)
            for loop in self._loops:
                stack.push_async_callback(_end, loop.start())
            stack.push_async_callback(self.broker.stop)
            joining = asyncio.create_task(self._join_kafka(), name="joining kafka")
            stack.push_async_callback(_end, joining)
            await asyncio.wait({joining}, timeout=KAFKA_SECONDS)
            yield
            self.joined = False
        log.info("service stopped", service=self.name)

    async def _open_database(self) -> None:
        try:
            await self.database.open()
        except (OSError, asyncpg.PostgresError, ValueError) as error:
            # of the last the words may hold the password
            said = type(error).__name__ if isinstance(error, ValueError) else str(error)
            log.error("the database cannot be opened", setting="CASEGRID_POSTGRES", error=said)
            raise

    async def _prepare(self) -> None:
        try:
            async with self.database.connection() as connection:
                await require_schema(connection, self.name)
            for start in self._before:
                await start()
        except Exception as error:
            log.error("cannot begin", error=f"{type(error).__name__}: {error}"[:300])
            raise

    async def _join_kafka(self) -> None:
        """As often as it takes, and beside HTTP: what is submitted while Kafka is away waits in the outbox."""
        while not self.joined:
            try:
                await create_topics(
                    self.settings, [*self.writes, *(consumer.topic for consumer in self.consumers)]
                )
                self.relay.start()
                if self.consumers:
                    await self.broker.start()
                self.joined = True
                log.info("service started", service=self.name)
            except (KafkaError, OSError) as error:
                self.away = f"kafka: {type(error).__name__}"
                log.warning("kafka does not let us begin", error=repr(error)[:300])
                with suppress(Exception):  # what was begun is begun anew
                    await self.broker.stop()
                await asyncio.sleep(1)

    def _make_app(self, routers: Sequence[APIRouter], large_bodies: dict[str, int]) -> FastAPI:
        app = FastAPI(
            title=f"casegrid {self.name}", version="1", lifespan=self._lifespan, telemetry=_MEASURED_BY_US
        )
        app.openapi = cache(partial(openapi, app))  # type: ignore[method-assign]
        app.state.service = self
        answer_with_problems(app)
        app.add_middleware(BodyLimit, limit=128 * 1024, larger=large_bodies)
        app.add_middleware(Measured, service=self.name)
        for router in [*routers, operations(self)]:
            # as they are: included ones are looked up in two steps
            app.router.routes.extend(knowing_the_caller(asking_for_json(route)) for route in router.routes)
        return app

    async def _clean_inbox(self) -> None:
        """In slices, so that a month's worth never makes one statement too long to finish."""
        async with self.database.transaction() as connection:
            dropped = await inbox.forget(connection, INBOX_DAYS)
        await asyncio.sleep(1 if dropped else 3600)


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def _running(request: Request) -> Service:
    return service_of(request)  # what is not async would be called in a thread


Running = Annotated[Service, Depends(_running)]


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def serve(service: Service, port: int) -> None:
    """Run until told to stop; SIGTERM drains."""
    logs.configure(service.name, service.settings.log_level)
    _spare_the_collector()
    uvicorn.run(
        service.app,
        host=service.settings.host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=20,
    )


def _spare_the_collector() -> None:
    """What was made at start stays for good, and a batch makes and drops thousands of objects without a cycle: looking
    through all of them after every few hundred took a quarter of the router's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
