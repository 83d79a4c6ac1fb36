"""Whatever ends a command, and whenever: none of the processes that it has started is left."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture_rules import ROOT
from tests.deploy.own_stack import environment_of, running, stack_of, wait_for


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
    with running(directory, command, environment_of(directory)) as process:
        wait_for(lambda: moment(directory) or process.poll() is not None)
        assert stack_of(directory) != []
        process.send_signal(number)
        process.send_signal(number)  # as when a group is told, and its parent passes it on
        assert process.wait(150) != 0, "it has not done what it was asked for"
        assert stack_of(directory) == []


def test_a_command_under_nohup_does_not_wait_for_the_terminal_to_close() -> None:
    code = """
import os, signal
from deploy.local.interruptions import heed_interruptions, wait_for_interruption
signal.signal(signal.SIGHUP, signal.SIG_IGN)
heed_interruptions()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP, signal.SIGTERM})
for number in (signal.SIGHUP, signal.SIGTERM):
    os.kill(os.getpid(), number)
wait_for_interruption()
assert signal.SIGTERM not in signal.sigpending(), "it has waited for the other one"
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
