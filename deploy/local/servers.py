"""The PostgreSQL and the Kafka of this machine: ours, unless the environment gives the address of another."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.kafka_server import KafkaServer
from deploy.local.ports import port_told
from deploy.local.postgres_server import PostgresServer
from deploy.local.processes import Say, silent

OWN_KAFKA = "CASEGRID_OWN_KAFKA"
"""In `.local/env`, beside `CASEGRID_KAFKA`: who has read that file means our Kafka and not somebody else's."""


@dataclass(frozen=True)
class Servers:
    """An address instead of a server means that somebody else runs it: it is neither started nor stopped."""

    postgres: PostgresServer | str = field(repr=False)  # an address holds a password
    kafka: KafkaServer | str
    say: Say = silent

    @property
    def postgres_url(self) -> str:
        """Of the server, without a database; ours has one once it was started."""
        return self.postgres if isinstance(self.postgres, str) else self.postgres.url

    @property
    def kafka_bootstrap(self) -> str:
        return self.kafka if isinstance(self.kafka, str) else self.kafka.bootstrap

    @property
    def ours(self) -> list[PostgresServer | KafkaServer]:
        return [server for server in (self.postgres, self.kafka) if not isinstance(server, str)]

    def start(self) -> None:
        """Both at a time; when one fails, none is left running that did not run before."""
        fresh = [server for server in self.ours if not server.running]
        try:
            with ThreadPoolExecutor() as pool:
                for started in [pool.submit(server.start, say=self.say) for server in self.ours]:
                    started.result()
        except BaseException:
            _stop(fresh)
            raise

    def stop(self) -> None:
        _stop(self.ours)


def _stop(running: list[PostgresServer | KafkaServer]) -> None:
    with ThreadPoolExecutor() as pool:
        for stopped in [pool.submit(server.stop) for server in running]:
            stopped.result()


def servers(directory: Path, *, say: Say = print, environment: Mapping[str, str] = os.environ) -> Servers:
    """`CASEGRID_POSTGRES` (without a database) and `CASEGRID_KAFKA` are addresses; `CASEGRID_*_PORT` moves ours."""

    def port(name: str, usual: int) -> int:
        return port_told(environment, f"CASEGRID_{name}_PORT", usual)

    postgres = PostgresServer(directory / "postgres", port("POSTGRES", 25432))
    kafka = KafkaServer(directory / "kafka", port("KAFKA", 29092), port("KAFKA_CONTROLLER", 29093))
    return Servers(environment.get("CASEGRID_POSTGRES") or postgres, given_kafka(environment) or kafka, say)


def given_kafka(environment: Mapping[str, str]) -> str | None:
    """Somebody else's: an address that `.local/env` names as our own is none."""
    given = environment.get("CASEGRID_KAFKA")
    return given if given and given != environment.get(OWN_KAFKA) else None
