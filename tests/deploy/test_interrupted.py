"""Whatever ends a command, and whenever: none of the processes that it has started is left."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

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
