"""However a benchmark ends: none of the processes that it has started is left."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.stand import program
from tests.architecture_rules import ROOT
from tests.deploy.own_stack import stack_of
from tests.infrastructure import server_directory

COMMAND = "benchmarks.timers"


def test_a_program_that_does_not_heed_is_killed() -> None:
    with program("tests.benchmarks.stubborn", patience=0.1) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    assert process.returncode == -signal.SIGKILL


def test_servers_end_with_a_benchmark_that_is_told_to_end() -> None:
    with server_directory() as directory:
        environment = os.environ | {"TMPDIR": str(directory)}
        with (directory / "said").open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", COMMAND],
                cwd=ROOT,
                env=environment,
                stdout=said,
                stderr=said,
            )
        try:
            _wait_for_kafka(directory, process)
            process.terminate()
            assert process.wait(120) != 0
            assert stack_of(directory, but=COMMAND) == []
        finally:
            for each in [*stack_of(directory, but=COMMAND), process]:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            process.wait()


def _wait_for_kafka(directory: Path, process: subprocess.Popen[bytes], limit: float = 120) -> None:
    deadline = time.monotonic() + limit
    while not list(directory.glob("*/kafka/server.pid")):
        assert process.poll() is None, (directory / "said").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)
