"""The whole of casegrid on one machine: real PostgreSQL, real Kafka, the four services, keys and demo tokens."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.databases import prepare_databases
from deploy.local.interruptions import interruptions_held_off
from deploy.local.processes import Say
from deploy.local.servers import OWN_KAFKA, Servers, servers
from deploy.local.service_processes import PORTS, LocalService, port_of
from deploy.local.tokens import demo_tokens, make_keys, reporter_secret

LOCAL = Path(os.environ.get("CASEGRID_LOCAL", Path(__file__).parents[2] / ".local"))
DEMO_UNIT = "YQ-CENTRE"


@dataclass(frozen=True)
class Stack:
    """What runs, and where it is found."""

    directory: Path
    servers: Servers
    services: Mapping[str, LocalService]
    tokens: Mapping[str, str] = field(repr=False)

    def url(self, service: str) -> str:
        return self.services[service].url

    def token(self, role: str) -> str:
        return self.tokens[f"CASEGRID_{role.upper()}_TOKEN"]

    @property
    def runs(self) -> bool:
        """Whether any of its services does."""
        return any(service.process.find() for service in self.services.values())

    def stop(self) -> None:
        """From the top down: services drain and leave their groups before what they stand on goes."""
        with interruptions_held_off():
            with ThreadPoolExecutor() as pool:
                for stopped in [pool.submit(service.stop) for service in self.services.values()]:
                    stopped.result()
            self.servers.stop()


def stack(directory: Path, *, say: Say = print, environment: Mapping[str, str] = os.environ) -> Stack:
    """The stack of a directory, whether it runs or not; `environment` moves ports and names other servers."""
    known = servers(directory, say=say, environment=environment)
    services = {name: LocalService(name, directory / name, port_of(name, environment), {}) for name in PORTS}
    return Stack(directory, known, services, {})


def start(
    directory: Path,
    *,
    say: Say = print,
    environment: Mapping[str, str] = os.environ,
    unit: str = DEMO_UNIT,
    anew: bool = False,
) -> Stack:
    """Bring up whatever does not run yet; when that fails, nothing that was started is left running. Services that
    all run are left alone, and what they were told only they know, unless all are to start `anew`."""
    found = stack(directory, say=say, environment=environment)
    for service in found.services.values():
        service.require_unmoved()
    left_alone = not anew and all(service.process.find() for service in found.services.values())
    try:
        return _start(found, say, environment, unit, left_alone=left_alone)
    except BaseException:
        if not left_alone:
            found.stop()
        raise


def _start(found: Stack, say: Say, environment: Mapping[str, str], unit: str, *, left_alone: bool) -> Stack:
    found.servers.start()
    keys = make_keys(found.directory / "keys")
    services = found.services if left_alone else _told(found, keys, say, environment)
    begin = LocalService.wait if left_alone else LocalService.start
    with ThreadPoolExecutor() as pool:
        for begun in [pool.submit(begin, service, say) for service in services.values()]:
            begun.result()
    running = Stack(found.directory, found.servers, services, demo_tokens(keys.parent, unit))
    write_addresses(running)
    return running


def _told(found: Stack, keys: Path, say: Say, environment: Mapping[str, str]) -> dict[str, LocalService]:
    """The services with their addresses; those that still run are stopped, their passwords are about to change."""
    for service in found.services.values():
        service.stop()
    say("databases: roles and migrations")
    databases = prepare_databases(found.servers.postgres_url)
    shared = {"CASEGRID_KAFKA": found.servers.kafka_bootstrap, "CASEGRID_JWKS": str(keys)}
    own = {name: {"CASEGRID_POSTGRES": address} for name, address in databases.items()}
    given_secret = environment.get("CASEGRID_REPORTER_SECRET")
    own["intake"]["CASEGRID_REPORTER_SECRET"] = given_secret or reporter_secret(keys.parent)
    # receivers of the demo listen on this machine, which a webhook otherwise never reaches
    own["notifier"]["CASEGRID_ALLOW_PRIVATE_TARGETS"] = "true"
    return {
        name: LocalService(name, service.directory, service.port, {**environment, **shared, **own[name]})
        for name, service in found.services.items()
    }


def write_addresses(running: Stack) -> None:
    """`.local/env`, for shells and programs: where everything is, and the demo tokens."""
    addresses = {f"CASEGRID_{name.upper()}_URL": service.url for name, service in running.services.items()}
    kafka = {"CASEGRID_KAFKA": running.servers.kafka_bootstrap}
    if running.servers.kafka in running.servers.ours:
        kafka[OWN_KAFKA] = running.servers.kafka_bootstrap
    known = addresses | kafka | dict(running.tokens)
    path = running.directory / "env"
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in known.items()))
