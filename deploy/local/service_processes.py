"""The four services as processes of this machine."""

import signal
import sys
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from deploy.local.ports import is_free, moved_to, port_told, require_free, require_unmoved
from deploy.local.processes import Say, ServerProcess

PORTS = {"intake": 8001, "router": 8002, "notifier": 8003, "assessment": 8004}
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class LocalService:
    """One service; `environment` is the whole of what it is told."""

    name: str
    directory: Path
    port: int
    environment: Mapping[str, str] = field(repr=False)  # passwords among it

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> ServerProcess:
        return ServerProcess(f"service {self.name}", self.directory)

    def start(self, say: Say) -> None:
        """Returns when it is ready; does nothing when it already runs."""
        with self.process.alone():
            if self.process.find() is None:
                require_free(self.port, port_setting(self.name))
                self._launch(say)

    def wait(self, say: Say) -> None:
        """For one that runs: it is not ready while a server that was gone comes back. One that ends is not started."""
        self.process.serves(self.is_ready, say=say)

    def require_unmoved(self) -> None:
        require_unmoved(self.process.find(), self.port, port_setting(self.name))

    def state(self) -> str:
        """Of this directory's own: who else may answer at its port says nothing of it."""
        process = self.process.find()
        if process is None:
            return "stopped" if is_free(self.port) else "stopped; another process has its port"
        if elsewhere := moved_to(process, self.port):
            return f"serves at {elsewhere}"
        return "ready" if self.is_ready() else "not ready"

    def stop(self) -> None:
        """Drains, commits, leaves its group."""
        with self.process.alone():
            self.process.stop(signal.SIGTERM, limit=45)

    def kill(self) -> None:
        self.process.kill()

    def _launch(self, say: Say) -> None:
        told = {**self.environment, "PYTHONPATH": str(_ROOT), port_setting(self.name): str(self.port)}
        command = [sys.executable, "-m", f"services.{self.name}"]
        self.process.start(command, self.is_ready, say=say, env=told)

    def is_ready(self) -> bool:
        with suppress(OSError, HTTPException):
            answer = urllib.request.urlopen(f"{self.url}/health/ready", timeout=3)  # noqa: S310  # our own address
            return bool(answer.status == 200)
        return False


def port_setting(service: str) -> str:
    return f"CASEGRID_{service.upper()}_PORT"


def port_of(service: str, environment: Mapping[str, str]) -> int:
    return port_told(environment, port_setting(service), PORTS[service])
