"""TCP ports of 127.0.0.1: is one free, who has it, which is free."""

import random
import socket
from collections.abc import Mapping
from contextlib import suppress

import psutil

from deploy.local.processes import ServerFailed


class PortInUse(ServerFailed):
    """Somebody else listens where a server of ours should."""

    def __init__(self, port: int, setting: str) -> None:
        super().__init__(
            f"port {port} is in use by {_holder(port)}; end that, or choose another with {setting}=<port>"
        )
        self.port = port


def port_told(environment: Mapping[str, str], setting: str, usual: int) -> int:
    """What a setting says; one that is empty is none."""
    told = environment.get(setting) or str(usual)
    if not told.isdecimal() or not 1 <= int(told) <= 65_535:
        raise ServerFailed(f"{setting}={told}: a port is a number from 1 to 65535")
    return int(told)


def require_free(port: int, setting: str) -> None:
    if not is_free(port):
        raise PortInUse(port, setting)


def require_unmoved(server: psutil.Process | None, port: int, setting: str) -> None:
    """A server that runs stays where it is until it is stopped."""
    if server and (elsewhere := moved_to(server, port)):
        raise ServerFailed(
            f"{server.name()} (pid {server.pid}) serves at {elsewhere}: stop it, then start it at {port}, or leave it "
            f"there with {setting}"
        )


def moved_to(server: psutil.Process, port: int) -> str:
    """Where it listens, when that is not where it is looked for; otherwise nothing."""
    taken = _listens_at(server)
    return "" if port in taken else " and ".join(map(str, sorted(taken)))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # as the servers do: connections of an earlier server that still linger are no hindrance
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return True
    return False


def free_port() -> int:
    """Below the range from which the system takes the near ends of connections, so that none of those takes it."""
    return next(port for port in random.sample(range(20_000, 32_000), 1000) if is_free(port))


def _listens_at(server: psutil.Process) -> set[int]:
    with suppress(psutil.Error):
        connections = server.net_connections(kind="tcp")
        return {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}
    return set()


def _holder(port: int) -> str:
    with suppress(psutil.Error):
        for connection in psutil.net_connections(kind="tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return "a process that this user may not see"
