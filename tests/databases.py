"""Fixtures: each test its own databases, cloned from templates that the real migrations made, and its own tokens."""

import asyncio
import itertools
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from delivery.database import Database
from delivery.migrations import migrate
from delivery.settings import ServiceSettings

As = Callable[..., dict[str, str]]
"""What the fixture `as_` is."""
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def template(postgres_url: str) -> Callable[[str], str]:
    """Name of the migrated template database of a service, made once a run."""
    made: dict[str, str] = {}

    def make(service: str) -> str:
        if service not in made:
            made[service] = f"template_{service}_{os.getpid()}"
            with ThreadPoolExecutor(1) as thread:  # both calls run an event loop of their own
                thread.submit(_create, postgres_url, made[service]).result()
                thread.submit(migrate, f"{postgres_url}/{made[service]}", service).result()
        return made[service]

    return make


@pytest.fixture
def settings(postgres_url: str, kafka_bootstrap: str, jwks_file: Path) -> ServiceSettings:
    """A namespace of the test's own: no other test's topics, groups or databases."""
    return ServiceSettings(
        postgres=postgres_url,
        kafka=kafka_bootstrap,
        jwks=str(jwks_file),
        namespace=f"t{os.getpid()}_{next(_NUMBERS)}_",
        pool_size=4,
    )


@pytest.fixture
async def create_database(
    postgres_url: str, settings: ServiceSettings, template: Callable[[str], str]
) -> AsyncIterator[Callable[[str], "object"]]:
    """`await create_database("router")`: the service's database for this test's settings; gives its address."""
    made: list[str] = []

    async def create(service: str) -> str:
        url = settings.database_of(service)
        name = url.rsplit("/", 1)[1]
        await execute(f"{postgres_url}/postgres", f'create database "{name}" template "{template(service)}"')
        made.append(name)
        return url

    yield create
    for name in made:
        await execute(f"{postgres_url}/postgres", f'drop database if exists "{name}" with (force)')


@pytest.fixture
def empty_url(postgres_url: str) -> Iterator[str]:
    """Of a database without a table."""
    server, name = f"{postgres_url}/postgres", f"empty_{os.getpid()}_{next(_NUMBERS)}"
    asyncio.run(execute(server, f"create database {name}"))
    yield f"{postgres_url}/{name}"
    asyncio.run(execute(server, f"drop database {name} with (force)"))


@pytest.fixture
async def open_database(
    create_database: Callable[[str], "object"],
) -> AsyncIterator[Callable[[str], "object"]]:
    """`await open_database("router")`: a Database on a fresh clone, closed after the test."""
    opened: list[Database] = []

    async def open_one(service: str) -> Database:
        database = Database(await create_database(service), size=4)
        await database.open()
        opened.append(database)
        return database

    yield open_one
    for database in opened:
        await database.close()


@pytest.fixture(scope="session")
def signing_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def jwks_file(signing_key: ec.EllipticCurvePrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(signing_key.public_key()))
    path = tmp_path_factory.mktemp("keys") / "jwks.json"
    path.write_text(json.dumps({"keys": [key | {"kid": "test", "use": "sig", "alg": "ES256"}]}))
    return path


@pytest.fixture(scope="session")
def token(signing_key: ec.EllipticCurvePrivateKey) -> Callable[..., str]:
    """`token("operator", unit="YQ", sub="p-0001")`: a bearer token."""

    def make(*roles: str, unit: str | None = None, sub: str = "p-test", **claims: object) -> str:
        said = {"sub": sub, "roles": list(roles), "unit": unit, "iss": "casegrid-local", "aud": "casegrid"}
        expires = {"exp": int(time.time()) + 3600}
        return jwt.encode(expires | said | claims, signing_key, algorithm="ES256", headers={"kid": "test"})

    return make


@pytest.fixture
def as_(token: Callable[..., str]) -> As:
    """`as_("unit_lead", unit="UD111")`: the headers of such a caller."""
    return lambda *roles, **claims: {"Authorization": f"Bearer {token(*roles, **claims)}"}


def _create(postgres_url: str, name: str) -> None:
    asyncio.run(execute(f"{postgres_url}/postgres", f'create database "{name}"'))


async def execute(url: str, statement: str) -> None:
    """On a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
