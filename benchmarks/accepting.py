"""(a) Accepted reports a second at 1, 8 and 64 clients, beside an endpoint that only parses the same body."""

import subprocess
import sys
import time
from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import urlopen

from benchmarks.stand import ROOT, Stand, median, program
from deploy.local.ports import free_port

CLIENTS = (1, 8, 64)


def measure(stand: Stand) -> list[dict[str, object]]:
    seconds = 1.0 if stand.quick else 3.0
    port = free_port()
    bare = f"http://127.0.0.1:{port}/v1/reports"
    ours = f"{stand.running.url('intake')}/v1/reports"
    token = stand.running.token("operator")
    stand.only("intake")
    with program("benchmarks.bare_endpoint", str(port)):
        _wait_for(bare)
        rates: dict[tuple[str, int], list[float]] = {}
        for _ in range(stand.rounds):
            for clients in CLIENTS:
                for url in (bare, ours):
                    rates.setdefault((url, clients), []).append(_rate(url, token, clients, seconds))
    return [
        {"clients": clients, "ours": median(rates[ours, clients]), "bare": median(rates[bare, clients])}
        for clients in CLIENTS
    ]


def _rate(url: str, token: str, clients: int, seconds: float) -> float:
    command = [sys.executable, "-m", "benchmarks.load", url, token, str(clients), str(seconds)]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(OSError):
            try:
                urlopen(url, timeout=1)
            except HTTPError:  # a GET is refused: it is there
                return
        time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer")
