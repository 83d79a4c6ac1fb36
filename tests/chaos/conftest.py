"""A stack of its own to be killed: durable servers, every service, two replicas of the router."""

import os
from collections.abc import Iterator

import pytest

from deploy.local.ports import free_port
from deploy.local.processes import silent
from deploy.local.service_processes import PORTS, port_setting
from deploy.local.stack import start
from tests.chaos.victims import Victims, second_router, victims_of
from tests.infrastructure import server_directory

_SERVER_PORTS = ("CASEGRID_POSTGRES_PORT", "CASEGRID_KAFKA_PORT", "CASEGRID_KAFKA_CONTROLLER_PORT")


@pytest.fixture
def victims() -> Iterator[Victims]:
    with server_directory() as directory:
        running = start(directory, say=silent, environment=_own_environment())
        replica = second_router(running)
        try:
            replica.start(silent)
            yield victims_of(running, replica)
        finally:
            replica.stop()
            running.stop()


def _own_environment() -> dict[str, str]:
    """Servers that were given to the test run are not ours to kill."""
    settings = [*map(port_setting, PORTS), *_SERVER_PORTS]
    return {**os.environ, "CASEGRID_POSTGRES": "", "CASEGRID_KAFKA": ""} | {
        setting: str(free_port()) for setting in settings
    }
