"""What keeps a command from its work is a line that names the setting, and not a traceback; words are never markup."""

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from deploy.local import __main__ as commands
from deploy.local import simulate, telling
from deploy.local.databases import prepare_databases
from deploy.local.ports import free_port, is_free, port_told
from deploy.local.processes import ServerFailed, ServerProcess, silent
from deploy.local.service_processes import LocalService
from deploy.local.stack import stack, start
from services.router.rulesets.ruleset import SHIPPED


class _Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def somebody_elses() -> Iterator[int]:
    """A port at which another folder's service says that it is ready."""
    server = http.server.HTTPServer(("127.0.0.1", 0), _Ready)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def test_another_folders_service_is_not_ours(somebody_elses: int, tmp_path: Path) -> None:
    taken = LocalService("router", tmp_path, somebody_elses, {})
    assert taken.is_ready(), "somebody answers there"
    assert taken.state() == "stopped; another process has its port"
    assert LocalService("router", tmp_path, free_port(), {}).state() == "stopped"


@pytest.fixture
def running_intake(tmp_path: Path) -> Iterator[int]:
    """At a port of its own choice, as after a start with CASEGRID_INTAKE_PORT."""
    port, process = free_port(), ServerProcess("service intake", tmp_path / "intake")
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    with process.alone():
        process.start(command, lambda: not is_free(port), say=silent)
    yield port
    process.kill()


def test_a_service_that_runs_is_not_moved(running_intake: int, tmp_path: Path) -> None:
    expected = free_port()
    environment = {
        "CASEGRID_INTAKE_PORT": str(expected),
        "CASEGRID_POSTGRES": "postgresql://a:b@127.0.0.1:1",
        "CASEGRID_KAFKA": "127.0.0.1:1",
    }
    words = rf"serves at {running_intake}: stop it, then start it at {expected}, .* CASEGRID_INTAKE_PORT"
    with pytest.raises(ServerFailed, match=words):
        start(tmp_path, environment=environment)
    found = stack(tmp_path, environment=environment)
    assert found.runs, "it is left alone"
    assert found.services["intake"].state() == f"serves at {running_intake}"


def test_status_names_no_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LOCAL", tmp_path)
    told = CliRunner().invoke(commands.cli, ["status"])
    assert told.exit_code == 0
    assert "stopped" in told.output
    assert "env" not in told.output


@pytest.mark.parametrize("told", ["", "0", "-1", "65536", "http", "8001.0"])
def test_a_port_is_a_number_or_its_setting_is_named(told: str) -> None:
    if told == "":
        assert port_told({"CASEGRID_X_PORT": told}, "CASEGRID_X_PORT", 8001) == 8001
    else:
        with pytest.raises(ServerFailed, match="CASEGRID_X_PORT"):
            port_told({"CASEGRID_X_PORT": told}, "CASEGRID_X_PORT", 8001)


@pytest.mark.parametrize("command", ["run", "up", "down", "status"])
@pytest.mark.parametrize("setting", ["CASEGRID_ROUTER_PORT", "CASEGRID_KAFKA_PORT"])
def test_a_port_that_is_none_is_one_line(
    command: str, setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "LOCAL", tmp_path)
    monkeypatch.setenv(setting, "[bold]")
    _is_one_line(CliRunner().invoke(commands.cli, [command]), f"{setting}=[bold]")


@pytest.mark.parametrize(
    "address", ["postgresql://casegrid:hidden@127.0.0.1:1", "nonsense", "postgresql://a:hidden@b:hidden"]
)
def test_a_postgresql_that_is_not_there_is_said_without_its_password(address: str) -> None:
    with pytest.raises(ServerFailed, match="CASEGRID_POSTGRES") as failed:
        prepare_databases(address)
    assert "hidden" not in str(failed.value)


def test_a_wrong_password_is_said(postgres_url: str) -> None:
    place = postgres_url.rpartition("@")[2]
    with pytest.raises(ServerFailed, match="password authentication failed"):
        prepare_databases(f"postgresql://postgres:wrong@{place}")


def test_simulating_on_a_stack_that_is_stopped_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulate, "LOCAL", tmp_path)
    _is_one_line(_simulated(), "make up")
    said = f"CASEGRID_SUPERVISOR_TOKEN=t\nCASEGRID_ROUTER_URL=http://127.0.0.1:{free_port()}\n"
    (tmp_path / "env").write_text(said)
    _is_one_line(_simulated(), "make up")
    _is_one_line(_simulated("nowhere.json"), "nowhere.json")


@pytest.mark.parametrize("words", ["no [data] at /srv/[a]/b", "[/red]", "[link=x]y[/link]"])
def test_words_in_brackets_are_told(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    for tell in (telling.say, telling.complain):
        with telling.console.capture() as told:
            tell(words)
        assert told.get().strip() == words


def test_what_the_system_refuses_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as a folder that is full, read-only, or a file."""
    (tmp_path / "file").touch()
    monkeypatch.setattr(commands, "LOCAL", tmp_path / "file")
    _is_one_line(CliRunner().invoke(commands.cli, ["up"]), str(tmp_path / "file"))


def _simulated(ruleset: str = SHIPPED) -> Result:
    command = typer.Typer()
    command.command()(simulate.main)
    return CliRunner().invoke(command, ["--ruleset", ruleset])


def _is_one_line(ended: Result, words: str) -> None:
    assert ended.exit_code == 1, ended.exception
    (line,) = ended.output.strip().splitlines()
    assert words in line


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        (["replay"], "make replay needs REPORTS="),
        (["replay", "REPORTS=reports.csv"], "make replay needs BOUNDARIES="),
        (["simulate"], "make simulate needs RULESET="),
        (["replay", "REPORTS=reports.csv", "BOUNDARIES=boundaries"], None),
        (["simulate", "RULESET=ours-1"], None),
    ],
)
def test_make_names_what_was_not_said(said: list[str], missing: str | None) -> None:
    """An empty folder is the present one: `make replay` complained of that."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    made = subprocess.run(
        ["make", "--dry-run", *said],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (made.returncode == 0) is (missing is None)
    assert missing is None or missing in made.stderr
