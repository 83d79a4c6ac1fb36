"""What a local server promises to `make run`, to the tests and to the chaos runs, shown on PostgreSQL."""

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local import unprivileged
from deploy.local.kafka_server import KafkaServer
from deploy.local.ports import PortInUse, free_port
from deploy.local.postgres_server import PostgresServer
from deploy.local.processes import ServerFailed, ServerProcess
from deploy.local.servers import given_kafka, servers
from deploy.local.stack import stack, write_addresses

ROOT = Path(__file__).parents[2]


@pytest.fixture
def postgres(directory: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(directory, free_port(), durable=False)
    server.start()
    yield server
    server.stop()


async def test_postgres_keeps_its_data_over_stop_and_start(postgres: PostgresServer) -> None:
    await _ask(postgres, "create table kept as select 7 as number")
    postgres.stop()
    assert not postgres.running
    said: list[str] = []
    postgres.start(say=said.append)
    assert await _ask(postgres, "select number from kept") == 7
    assert said == []  # no new cluster was made


async def test_postgres_comes_back_after_sigkill(postgres: PostgresServer) -> None:
    await _ask(postgres, "create table kept as select 7 as number")
    postgres.kill()
    assert not postgres.running
    postgres.start()
    assert await _ask(postgres, "select number from kept") == 7


async def test_postgres_comes_back_when_its_workers_outlive_it(postgres: PostgresServer) -> None:
    os.kill(postgres.pid, signal.SIGKILL)
    postgres.start()
    assert await _ask(postgres, "select 1") == 1


async def test_a_pid_that_was_given_again_does_not_block_postgres(postgres: PostgresServer) -> None:
    postgres.kill()
    pid_file = postgres.directory / "data" / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(pid_file.read_text().split()[0], str(os.getpid()), 1))
    postgres.start()
    assert await _ask(postgres, "select 1") == 1


async def test_postgres_asks_for_its_password_and_shows_it_to_its_owner_alone(
    postgres: PostgresServer,
) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:wrong@127.0.0.1:{postgres.port}/postgres")
    assert (postgres.directory / "password").stat().st_mode & 0o077 == 0


async def test_durable_is_the_default_and_quick_is_for_tests(postgres: PostgresServer) -> None:
    assert PostgresServer(postgres.directory, postgres.port).durable
    assert await _ask(postgres, "show fsync") == "off"
    assert await _ask(postgres, "show max_connections") == "200"


def test_an_interrupted_initdb_is_made_again(directory: Path) -> None:
    (directory / "data.new").mkdir()
    (directory / "data.new" / "PG_VERSION").write_text("18")
    server = PostgresServer(directory, free_port(), durable=False)
    server.start()
    server.stop()


def test_another_process_may_stop_it(postgres: PostgresServer) -> None:
    code = f"""
        from pathlib import Path
        from deploy.local.postgres_server import PostgresServer
        PostgresServer(Path("{postgres.directory}"), {postgres.port}).stop()
    """
    _run_python(code)
    assert not postgres.running


def test_a_server_outlives_the_process_that_started_it(directory: Path) -> None:
    port = free_port()
    code = f"""
        from pathlib import Path
        from deploy.local.postgres_server import PostgresServer
        PostgresServer(Path("{directory}"), {port}, durable=False).start()
    """
    _run_python(code)
    server = PostgresServer(directory, port)
    assert server.running
    server.stop()


def test_a_taken_port_names_its_holder_and_the_setting(postgres: PostgresServer, tmp_path: Path) -> None:
    with pytest.raises(PortInUse) as raised:
        PostgresServer(tmp_path, postgres.port).start()
    assert f"port {postgres.port} is in use by postgres (pid {postgres.pid})" in str(raised.value)
    assert "CASEGRID_POSTGRES_PORT=" in str(raised.value)
    with pytest.raises(PortInUse, match="CASEGRID_KAFKA_CONTROLLER_PORT="):
        KafkaServer(tmp_path, free_port(), postgres.port).start()


def test_a_running_server_is_not_moved(postgres: PostgresServer) -> None:
    with pytest.raises(ServerFailed, match=f"serves at {postgres.port}: stop it"):
        PostgresServer(postgres.directory, free_port()).start()
    assert postgres.running


def test_a_server_that_dies_at_start_shows_its_last_lines(directory: Path) -> None:
    process = ServerProcess("Example", directory)
    directory.mkdir(exist_ok=True)
    with pytest.raises(ServerFailed, match=r"(?s)Example ended while starting.*no such luck"):
        process.start(["sh", "-c", "echo no such luck; exit 3"], lambda: False, say=print)


def test_a_recycled_pid_is_never_taken_for_the_server(directory: Path) -> None:
    process = ServerProcess("Example", directory)
    innocent = psutil.Process()
    (directory / "server.pid").write_text(
        f"{innocent.pid} {innocent.create_time() - psutil.boot_time() - 60}\n"
    )
    assert process.find() is None
    process.stop(signal.SIGTERM)
    process.kill()
    assert innocent.is_running()


def test_a_server_is_still_known_when_the_clock_of_the_system_was_set(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a pause of a virtual machine: what the system calls the moment of its boot moves with its clock."""
    booted, pid = psutil.boot_time(), postgres.pid
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: booted + 30)
    assert psutil.boot_time() == booted + 30
    assert postgres.pid == pid


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user already is one")
@pytest.mark.skipif(not unprivileged.reachable(Path(sys.prefix)), reason="he could not reach the wheel")
def test_an_ordinary_user_runs_postgres_as_himself(directory: Path) -> None:
    unprivileged.give(directory)
    # a fork, because the user may not be able to reach the interpreter that root has
    child = multiprocessing.get_context("fork").Process(
        target=_start_and_stop_as_nobody, args=(directory / "own",)
    )
    child.start()
    child.join(60)
    assert child.exitcode == 0
    assert (directory / "own" / "data").stat().st_uid == unprivileged.account()["user"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
def test_root_keeps_data_where_the_other_user_can_go(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "ELSEWHERE", directory)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = PostgresServer(closed / "postgres", free_port(), durable=False)
    server.start()
    server.stop()
    assert (closed / "postgres" / "data").resolve().is_relative_to(directory)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its user")
def test_a_narrow_umask_does_not_lock_the_server_out(directory: Path) -> None:
    before = os.umask(0o077)
    try:
        server = PostgresServer(directory / "made" / "by-us", free_port(), durable=False)
        server.start()
        server.stop()
    finally:
        os.umask(before)
    assert not (server.directory / "data").is_symlink()


def test_given_addresses_are_used_and_nothing_is_started(tmp_path: Path) -> None:
    given = {"CASEGRID_POSTGRES": "postgresql://u:p@db:5432", "CASEGRID_KAFKA": "broker:9092"}
    found = servers(tmp_path, environment=given)
    found.start()
    assert found.ours == []
    assert (found.postgres_url, found.kafka_bootstrap) == ("postgresql://u:p@db:5432", "broker:9092")
    assert list(tmp_path.iterdir()) == []


def test_ports_come_from_the_environment(tmp_path: Path) -> None:
    moved = {"CASEGRID_KAFKA_PORT": "21111", "CASEGRID_POSTGRES_PORT": "21112"}
    postgres, kafka = servers(tmp_path, environment=moved).ours
    assert (postgres.port, kafka.port) == (21112, 21111)


def test_a_shell_that_has_read_the_addresses_still_has_our_own_servers(tmp_path: Path) -> None:
    """As README says to: what `.local/env` tells of our Kafka is for clients, and makes it nobody else's."""
    environment = _shell_with_addresses(tmp_path, {})
    assert environment["CASEGRID_KAFKA"] == "127.0.0.1:29092"
    assert len(servers(tmp_path, environment=environment).ours) == 2
    assert given_kafka(environment) is None, "the tests start their own"
    assert given_kafka(environment | {"CASEGRID_KAFKA": "broker:9092"}) == "broker:9092"


def test_somebody_elses_kafka_stays_his_in_a_shell_that_has_read_the_addresses(tmp_path: Path) -> None:
    given = {"CASEGRID_KAFKA": "127.0.0.1:29092", "CASEGRID_POSTGRES": "postgresql://u:p@db:5432"}
    environment = _shell_with_addresses(tmp_path, given)
    assert servers(tmp_path, environment=environment | given).ours == []


def _shell_with_addresses(directory: Path, environment: dict[str, str]) -> dict[str, str]:
    write_addresses(stack(directory, environment=environment))
    sourced = subprocess.run(
        ["sh", "-c", f"set -a; . {directory}/env; env"], env={}, check=True, capture_output=True, text=True
    )
    return dict(line.split("=", 1) for line in sourced.stdout.splitlines())


async def _ask(server: PostgresServer, statement: str) -> object:
    connection = await asyncpg.connect(f"{server.url}/postgres")
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def _start_and_stop_as_nobody(directory: Path) -> None:
    account = unprivileged.account()
    os.setgroups([])
    os.setgid(account["group"])
    os.setuid(account["user"])
    server = PostgresServer(directory, free_port(), durable=False)
    server.start()
    server.stop()


def _run_python(code: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, cwd=ROOT, env=environment)
