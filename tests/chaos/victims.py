"""What can be harmed: every process of a stack, and of the routers the one that holds the right to send."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import asyncpg
import psutil

from deploy.local.ports import free_port
from deploy.local.processes import silent
from deploy.local.service_processes import LocalService
from deploy.local.stack import Stack

RELAY = "the relay that sends"


@dataclass(frozen=True)
class Victim:
    """`down` is held from the kill until it is ready again, or while it stands still."""

    name: str
    kill: Callable[[], None]
    start: Callable[[], None]
    pid: Callable[[], int | None]
    down: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True)
class Victims:
    running: Stack
    routers: Mapping[str, LocalService]
    by_name: Mapping[str, Victim]

    @property
    def services(self) -> dict[str, LocalService]:
        others = {name: service for name, service in self.running.services.items() if name != "router"}
        return others | dict(self.routers)

    @property
    def kinds(self) -> list[str]:
        return [*self.by_name, RELAY]

    async def find(self, kind: str) -> Victim | None:
        """Who that is just now; None while it is down, or while no router is known to send."""
        name = await self._relay_holder() if kind == RELAY else kind
        victim = self.by_name.get(name or "")
        return None if victim is None or victim.down.locked() else victim

    async def _relay_holder(self) -> str | None:
        port = await _port_of_lock_holder(self.running.servers.postgres_url)
        holders = (name for name, router in self.routers.items() if _connects_from(router, port))
        return next(holders, None)


def victims_of(running: Stack, second_router: LocalService) -> Victims:
    routers = {"router A": running.services["router"], "router B": second_router}
    others = {name: service for name, service in running.services.items() if name != "router"}
    services = [
        Victim(name, service.kill, partial(service.start, silent), partial(_pid_of, service))
        for name, service in (others | routers).items()
    ]
    postgres, kafka = running.servers.ours
    servers = [
        Victim(name, server.kill, server.start, partial(getattr, server, "pid"))
        for name, server in (("PostgreSQL", postgres), ("Kafka", kafka))
    ]
    return Victims(running, routers, {victim.name: victim for victim in [*services, *servers]})


def _pid_of(service: LocalService) -> int | None:
    process = service.process.find()
    return process.pid if process else None


def second_router(running: Stack) -> LocalService:
    """A replica of the router: the same database, the same group, another port."""
    return replace(running.services["router"], directory=running.directory / "router-b", port=free_port())


async def _port_of_lock_holder(postgres: str) -> int | None:
    try:
        connection = await asyncpg.connect(f"{postgres}/casegrid_router", timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return None  # it is down itself just now
    try:
        port: int | None = await connection.fetchval(_LOCK_HOLDER)
        return port
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    finally:
        connection.terminate()


_LOCK_HOLDER = """select a.client_port from pg_locks l join pg_stat_activity a using (pid)
    where l.locktype = 'advisory' and l.granted and a.datname = 'casegrid_router'"""


def _connects_from(router: LocalService, port: int | None) -> bool:
    process = router.process.find()
    try:
        return process is not None and any(c.laddr.port == port for c in process.net_connections("tcp"))
    except psutil.NoSuchProcess:
        return False
