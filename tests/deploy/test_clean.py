"""`make clean` drops the data of a stack wherever they lie, and nothing else."""

import os
import sys
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from deploy.local import __main__ as commands
from deploy.local import unprivileged
from deploy.local.processes import ServerProcess, silent
from deploy.local.replay import write_rejected
from deploy.local.stack import stack, write_addresses
from deploy.local.tokens import make_keys, reporter_secret


def test_the_stack_of_this_directory_is_stopped_and_gone(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "LOCAL", directory / "local")
    monkeypatch.setenv("CASEGRID_POSTGRES", "postgresql://a:b@host:5432")
    running = _leave_traces(directory / "local")
    assert CliRunner().invoke(commands.cli, ["clean"]).exit_code == 0
    assert not running.is_running() or running.status() == psutil.STATUS_ZOMBIE
    assert list(directory.iterdir()) == []
    assert CliRunner().invoke(commands.cli, ["clean"]).exit_code == 0, "there is nothing to be done"


def test_what_is_not_ours_stays(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LOCAL", directory)
    (directory / "export.csv").touch()
    _leave_traces(directory)
    assert CliRunner().invoke(commands.cli, ["clean"]).exit_code == 0
    assert [path.name for path in directory.iterdir()] == ["export.csv"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
def test_the_data_that_root_keeps_elsewhere_are_gone(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "ELSEWHERE", directory)
    closed = tmp_path / "closed"
    (closed / "postgres").mkdir(parents=True)
    closed.chmod(0o700)
    room = unprivileged.room_for(closed / "postgres")
    assert room.is_relative_to(directory)
    (room / "data").mkdir()
    (closed / "postgres" / "data").symlink_to(room / "data")
    monkeypatch.setattr(commands, "LOCAL", closed)
    assert CliRunner().invoke(commands.cli, ["clean"]).exit_code == 0
    assert not closed.exists()
    assert not room.exists()


def _leave_traces(local: Path) -> psutil.Process:
    """Of each kind what a stack makes; as its PostgreSQL a process that runs."""
    found = stack(local, environment={})
    make_keys(local / "keys")
    reporter_secret(local)
    write_addresses(found)
    write_rejected(local / "rejected.csv", [])
    postgres = ServerProcess("PostgreSQL", local / "postgres")
    with postgres.alone():
        # a shell that started us beside itself lets nobody below heed an interruption
        heeds = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_DFL)"
        code = f"{heeds}; print('heeds', flush=True); time.sleep(600)"
        postgres.start([sys.executable, "-c", code], lambda: "heeds" in postgres.log.read_text(), say=silent)
    running = postgres.find()
    assert running is not None
    return running
