"""The compose file names only files, settings and databases that there are."""

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from delivery.migrations import SERVICES
from deploy.local.ports import free_port
from deploy.local.postgres_server import PostgresServer, _programs
from tests.infrastructure import server_directory

DEPLOY = Path(__file__).parents[2] / "deploy"
TEXT = (DEPLOY / "compose.yaml").read_text()
COMPOSE = yaml.safe_load(TEXT)
PARTS: dict[str, Any] = COMPOSE["services"]
PASSWORDS = {f"CASEGRID_{name.upper()}_PASSWORD": f"p@ss:w/rd'{name}" for name in SERVICES}
MOUNTED = [(name, volume) for name, part in PARTS.items() for volume in part.get("volumes", ())]


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """Prepared as PostgreSQL's image prepares an empty volume."""
    with server_directory() as directory:
        server = PostgresServer(directory, free_port(), durable=False)
        server.start()
        try:
            script = ["-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-f", str(DEPLOY / "postgres/databases.sql")]
            command = [_programs() / "psql", f"{server.url}/postgres", *script]
            subprocess.run(command, check=True, capture_output=True, env=os.environ | PASSWORDS)
            yield server
        finally:
            server.stop()


@pytest.mark.parametrize("service", SERVICES)
async def test_each_migration_runs_as_compose_runs_it(service: str, postgres: PostgresServer) -> None:
    told = _told(f"{service}-migration", postgres)
    _, *command = PARTS[f"{service}-migration"]["command"]
    subprocess.run([sys.executable, *command], check=True, cwd=DEPLOY.parent, env=os.environ | told)
    rows = await _ask(told, f"casegrid_{service}", "select version_num from alembic_version")
    assert rows


@pytest.mark.parametrize("service", SERVICES)
async def test_no_service_sees_the_database_of_another(service: str, postgres: PostgresServer) -> None:
    told = _told(service, postgres)
    for other in set(SERVICES) - {service}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _ask(told, f"casegrid_{other}", "select 1")


@pytest.mark.parametrize("service", SERVICES)
def test_services_are_told_only_what_they_listen_to(service: str) -> None:
    assert set(PARTS[service]["environment"]) <= _listens_to(service) | {"PGPASSWORD"}
    assert PARTS[service]["environment"] == PARTS[f"{service}-migration"]["environment"]


@pytest.mark.parametrize("service", SERVICES)
def test_what_may_be_left_out_reaches_those_that_listen_to_it(service: str) -> None:
    """Zone and calendar, and the ways out, each with an example to copy."""
    files = {given["path"]: given["required"] for given in PARTS[service].get("env_file", ())}
    assert not any(files.values())
    told = {name for path in files for name in _names_of(path.replace(".env", ".example"))}
    known = _listens_to(service)
    assert {"CASEGRID_TIME_ZONE", "CASEGRID_CALENDAR"} & known <= told
    assert "CASEGRID_SMTP_PASSWORD" in known or "CASEGRID_SMTP_PASSWORD" not in told


@pytest.mark.parametrize("service", SERVICES)
def test_everybody_finds_a_service_at_the_port_it_serves(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(f"CASEGRID_{service.upper()}_PORT", raising=False)
    port = importlib.import_module(f"services.{service}.settings").Settings().port
    assert PARTS[service]["ports"] == [f"127.0.0.1:${{CASEGRID_{service.upper()}_PORTS:-{port}}}:{port}"]
    assert f"127.0.0.1:{port}/health/ready" in str(PARTS[service]["healthcheck"]["test"])
    assert f"{service}:{port}" in _targets("targets.compose.yml")
    assert f"127.0.0.1:{port}" in _targets("targets.yml")


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_waits_for_kafka_and_its_schema(service: str) -> None:
    waits = {name: how["condition"] for name, how in PARTS[service]["depends_on"].items()}
    assert waits == {"kafka": "service_healthy", f"{service}-migration": "service_completed_successfully"}
    assert PARTS[service]["command"] == ["python", "-m", f"services.{service}"]


def test_the_image_is_built_once_and_whoever_runs_it_waits_for_that() -> None:
    """Current versions of Compose export all builds at once, and the second of the same tag can fail."""
    ours = {name for name, part in PARTS.items() if part["image"] == "casegrid"}
    assert ours == {*SERVICES, *(f"{service}-migration" for service in SERVICES)}
    (builder,) = (name for name, part in PARTS.items() if "build" in part)
    assert all(builder in _waited_for(name) for name in ours - {builder})
    # who only runs it would otherwise ask a registry, before anything is built
    assert all(PARTS[name]["pull_policy"] == "never" for name in ours)


def test_nothing_is_published_beyond_loopback() -> None:
    published = [port for part in PARTS.values() for port in part.get("ports", ())]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_every_secret_comes_from_the_environment_and_has_no_default() -> None:
    asked = re.findall(r"\$\{(\w+)(.*?)}", TEXT)
    example = (DEPLOY / "env.example").read_text()
    needed = {name for name, otherwise in asked if otherwise.startswith(":?")}
    assert needed == set(re.findall(r"^(\w+)=$", example, re.MULTILINE))
    may_be_left_out = {
        f"CASEGRID_{name.upper()}_{what}" for name in SERVICES for what in ("PORTS", "REPLICAS")
    }
    assert {name for name, _ in asked} - needed == may_be_left_out
    assert set(re.findall(r"^#(\w+)=", example, re.MULTILINE)) <= may_be_left_out
    for part in PARTS.values():
        for name, value in part.get("environment", {}).items():
            assert "${" in str(value) or not re.search("PASSWORD|SECRET", name), name


@pytest.mark.parametrize(("part", "volume"), MOUNTED)
def test_what_is_mounted_is_there(part: str, volume: str) -> None:
    source, inside, *how = volume.split(":")
    assert inside.startswith("/")
    if source.startswith("."):
        assert (DEPLOY / source).exists()
        assert how == ["ro"]
    else:
        assert source in COMPOSE["volumes"]


def test_the_image_is_made_of_files_that_there_are_and_that_are_let_in() -> None:
    lines = [line.split() for line in (DEPLOY / "Dockerfile").read_text().splitlines()]
    copied = {line[1] for line in lines if line[:1] == ["COPY"] and not line[1].startswith("--")}
    let_in = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert copied == set(let_in)
    assert all((DEPLOY.parent / path).exists() for path in copied)
    assert ["USER", "10001"] in lines


def _listens_to(service: str) -> set[str]:
    settings = importlib.import_module(f"services.{service}.settings").Settings
    fields = settings.model_fields.items()
    return {str(field.validation_alias or f"CASEGRID_{name.upper()}") for name, field in fields}


def _names_of(path: str) -> list[str]:
    return re.findall(r"^(\w+)=", (DEPLOY / path).read_text(), re.MULTILINE)


def _waited_for(part: str) -> set[str]:
    waits = set(PARTS[part].get("depends_on", ()))
    return waits.union(*map(_waited_for, waits))


def _told(part: str, postgres: PostgresServer) -> dict[str, str]:
    """The environment that compose gives, with the server's address in the place of the network's."""
    told = {name: str(value) for name, value in PARTS[part]["environment"].items()}
    told["CASEGRID_POSTGRES"] = told["CASEGRID_POSTGRES"].replace(
        "postgres:5432", f"127.0.0.1:{postgres.port}"
    )
    return {name: re.sub(r"\$\{(\w+).*?}", _filled_in, value) for name, value in told.items()}


def _filled_in(name: re.Match[str]) -> str:
    return PASSWORDS.get(name[1], "something")


async def _ask(told: dict[str, str], database: str, query: str) -> list[asyncpg.Record]:
    address = f"{told['CASEGRID_POSTGRES']}/{database}"
    connection = await asyncpg.connect(address, password=told["PGPASSWORD"])
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


def _targets(name: str) -> list[str]:
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / name).read_text())
    return group["targets"]
