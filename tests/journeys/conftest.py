"""All four services as processes of their own, on the run's PostgreSQL and Kafka."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from deploy.local.day import import_directory, sample_directory
from deploy.local.ports import free_port
from deploy.local.service_processes import PORTS, port_setting
from deploy.local.stack import Stack, start

Client = Callable[..., aiohttp.ClientSession]


@pytest.fixture(scope="session")
def stack(
    postgres_url: str, kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    ports = {port_setting(service): str(free_port()) for service in PORTS}
    addresses = {"CASEGRID_POSTGRES": postgres_url, "CASEGRID_KAFKA": kafka_bootstrap}
    running = start(tmp_path_factory.mktemp("stack"), environment={**os.environ, **ports, **addresses})
    yield running
    running.stop()


@pytest.fixture
async def district(stack: Stack) -> None:
    """The sample district is in force."""
    await import_directory(stack, sample_directory())


@pytest.fixture
async def call(stack: Stack) -> AsyncIterator[Callable[..., Awaitable[tuple[int, object]]]]:
    """`await call("unit", "POST", "router", "/v1/…", json=…)` gives status and body."""
    async with aiohttp.ClientSession() as http:

        async def ask(
            role: str | None, method: str, service: str, path: str, **more: object
        ) -> tuple[int, object]:
            headers = {"Authorization": f"Bearer {stack.token(role)}"} if role else {}
            async with http.request(method, stack.url(service) + path, headers=headers, **more) as answer:  # type: ignore[arg-type]  # aiohttp's own
                return answer.status, await answer.json(content_type=None)

        yield ask


@pytest.fixture
def logs(stack: Stack) -> Callable[[], bytes]:
    """Everything that the services have logged."""
    return lambda: b"".join(Path(service.process.log).read_bytes() for service in stack.services.values())
