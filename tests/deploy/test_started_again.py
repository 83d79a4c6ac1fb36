"""What a start finds running already."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.local.ports import free_port, is_free
from deploy.local.processes import ServerProcess, silent
from deploy.local.service_processes import PORTS, port_setting
from deploy.local.stack import start

WAKES = """
import http.server, sys, time
began = time.monotonic()
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if time.monotonic() - began > 3 else 503)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


@pytest.fixture
def waking(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Four services that run and are not ready yet, as when the database came back just now; their ports."""
    ports = {name: free_port() for name in PORTS}
    with ExitStack() as stopped:
        for name, port in ports.items():
            process = ServerProcess(f"service {name}", tmp_path / name)
            stopped.callback(process.kill)
            command = [sys.executable, "-c", WAKES, str(port)]
            with process.alone():
                process.start(command, lambda port=port: not is_free(port), say=silent)
        yield {port_setting(name): str(port) for name, port in ports.items()}


def test_services_that_are_left_alone_are_waited_for(waking: dict[str, str], tmp_path: Path) -> None:
    elsewhere = {"CASEGRID_POSTGRES": "postgresql://a:b@127.0.0.1:1", "CASEGRID_KAFKA": "127.0.0.1:1"}
    before = {name: ServerProcess(name, tmp_path / name).find() for name in PORTS}
    found = start(tmp_path, environment=waking | elsewhere)
    assert {service.state() for service in found.services.values()} == {"ready"}
    assert {name: service.process.find() for name, service in found.services.items()} == before
