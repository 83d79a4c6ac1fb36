"""`python -m deploy.local` with a stack of its own, and whatever it leaves behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from deploy.local.ports import free_port
from deploy.local.service_processes import PORTS, port_setting
from tests.architecture_rules import ROOT

_MOVED = (
    *map(port_setting, PORTS),
    *(port_setting(name) for name in ("postgres", "kafka", "kafka_controller")),
)


def environment_of(directory: Path) -> dict[str, str]:
    """Servers of its own, at ports of its own."""
    own = {"CASEGRID_LOCAL": str(directory), "CASEGRID_POSTGRES": "", "CASEGRID_KAFKA": ""}
    return {**os.environ, **own, **{setting: str(free_port()) for setting in _MOVED}}


@contextmanager
def running(
    directory: Path, command: list[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """It and its whole stack are gone at the end."""
    try:
        with started(directory, command, environment) as process:
            yield process
    finally:
        for each in stack_of(directory):
            with suppress(psutil.NoSuchProcess):
                each.kill()


@contextmanager
def started(
    directory: Path, command: list[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with (directory / "said").open("ab") as said:
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
        process.kill()
        process.wait()


def _heeds_a_closed_terminal() -> None:
    """Also where the tests themselves run under nohup, which whoever is started would take over."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def stack_of(directory: Path, but: str = "deploy.local") -> list[psutil.Process]:
    """The command itself excepted, by its module: each was told of the directory."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            told = " ".join([*process.cmdline(), *process.environ().values()])
            if str(directory) in told and but not in process.cmdline():
                found.append(process)
    return found


def wait_for(ask: Callable[[], bool], *, limit: float = 150) -> None:
    deadline = time.monotonic() + limit
    while not ask():
        assert time.monotonic() < deadline
        time.sleep(0.02)
