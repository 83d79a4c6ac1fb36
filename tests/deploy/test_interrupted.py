"""Whatever ends a command, and whenever: none of the processes that it has started is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from deploy.local.ports import free_port
from deploy.local.service_processes import PORTS, port_setting
from tests.architecture_rules import ROOT

_MOVED = (
    *map(port_setting, PORTS),
    *(port_setting(name) for name in ("postgres", "kafka", "kafka_controller")),
)


def _starts_kafka(directory: Path) -> bool:
    return (directory / "kafka" / "server.pid").exists()


def _plays(directory: Path) -> bool:
    return (directory / "env").exists()


@pytest.mark.parametrize(
    ("command", "moment", "number"),
    [
        (["up"], _starts_kafka, signal.SIGTERM),
        (["run", "--once"], _plays, signal.SIGHUP),
    ],
    ids=["starting", "playing"],
)
def test_no_process_is_left(
    directory: Path, command: list[str], moment: Callable[[Path], bool], number: signal.Signals
) -> None:
    with _running(directory, command) as process:
        _wait_for(lambda: moment(directory) or process.poll() is not None)
        assert _of(directory) != []
        process.send_signal(number)
        process.send_signal(number)  # as when a group is told, and its parent passes it on
        assert process.wait(150) != 0, "it has not done what it was asked for"
        assert _of(directory) == []


@contextmanager
def _running(directory: Path, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    own = {"CASEGRID_LOCAL": str(directory), "CASEGRID_POSTGRES": "", "CASEGRID_KAFKA": ""}
    environment = {**os.environ, **own, **{setting: str(free_port()) for setting in _MOVED}}
    with (directory / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", *command],
            cwd=ROOT,
            env=environment,
            stdout=said,
            stderr=said,
            preexec_fn=_heeds_a_closed_terminal,
        )
    try:
        yield process
    finally:
        for each in [*_of(directory), process]:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        process.wait()


def _heeds_a_closed_terminal() -> None:
    """Also where the tests themselves run under nohup, which whoever is started would take over."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def _of(directory: Path) -> list[psutil.Process]:
    """Its whole stack, the command itself excepted: each was told of the directory."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            told = " ".join([*process.cmdline(), *process.environ().values()])
            if str(directory) in told and "deploy.local" not in process.cmdline():
                found.append(process)
    return found


def _wait_for(ask: Callable[[], bool], *, limit: float = 150) -> None:
    deadline = time.monotonic() + limit
    while not ask():
        assert time.monotonic() < deadline
        time.sleep(0.02)
