"""One detached server process: whoever knows its directory can find it, wait for it and end it."""

import fcntl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import psutil

Say: TypeAlias = Callable[[str], None]

# by directory, to be collected whichever object ends them
_CHILDREN: dict[Path, subprocess.Popen[bytes]] = {}


class ServerFailed(RuntimeError):
    """A server cannot start; the message is for the person who started it."""


class ServerEnded(ServerFailed):
    """Its process is gone before it gave an answer."""


def silent(_: str) -> None:
    """What servers say to a caller who does not listen."""


@dataclass(frozen=True)
class ServerProcess:
    """Known by a file with its pid and its start, so that a number that was given again is never mistaken for it."""

    name: str
    directory: Path

    @property
    def log(self) -> Path:
        return self.directory / "server.log"

    def find(self) -> psutil.Process | None:
        with suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
            pid, started = self._pid_file.read_text().split()
            process = psutil.Process(int(pid))
            if abs(_started(process) - float(started)) < 0.1 and _is_alive(process):
                return process
        return None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One starter or stopper at a time; the lock goes when its holder does."""
        make_folder(self.directory)
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def serves(self, ready: Callable[[], bool], *, say: Say) -> bool:
        """Whether it runs already, and then it answers too: one that is just dying does not count."""
        with suppress(ServerEnded):
            self._wait(ready, say)
            return True
        return False

    def start(self, command: list[str], ready: Callable[[], bool], *, say: Say, **options: Any) -> None:
        """It survives the caller from the moment it is ready; whatever comes before that ends it."""
        try:
            self._launch(command, **options)
            self._wait(ready, say)
        except BaseException:
            self.kill()
            raise

    def stop(self, signal_number: int, *, limit: float = 30) -> None:
        """Ask, wait, and past the limit insist: both servers recover from that at their next start."""
        if process := self.find():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal_number)
            if not wait_for_end([process], limit):
                self.kill()
        self._forget()

    def kill(self) -> None:
        if process := self.find():
            kill([process, *_children(process)])
        self._forget()

    def _launch(self, command: list[str], **options: Any) -> None:
        self._forget()  # one that ended by itself
        self._keep_earlier_log()
        with self.log.open("wb") as log:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C at the terminal is for the caller, who decides
                cwd="/",
                **options,
            )
        _CHILDREN[self.directory] = child
        self._pid_file.write_text(f"{child.pid} {_started(psutil.Process(child.pid))}\n")

    def _wait(self, ready: Callable[[], bool], say: Say, *, limit: float = 60) -> None:
        began = spoke = time.monotonic()
        while not self._is_up(ready):
            now = time.monotonic()
            if now - began > limit:
                raise ServerFailed(f"{self.name} gave no answer in {limit:.0f} s\n{self.last_lines()}")
            if now - spoke > 2:
                say(f"{self.name}: waiting, {now - began:.0f} s")
                spoke = now
            time.sleep(0.05)

    def _is_up(self, ready: Callable[[], bool]) -> bool:
        if self.find() is None:
            raise ServerEnded(f"{self.name} ended while starting\n{self.last_lines()}")
        return ready()

    def last_lines(self, count: int = 15) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join([f"last lines of {self.log}:", *lines[-count:]])

    def _keep_earlier_log(self) -> None:
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))

    def _forget(self) -> None:
        if child := _CHILDREN.pop(self.directory, None):
            child.poll()
        self._pid_file.unlink(missing_ok=True)

    @property
    def _pid_file(self) -> Path:
        return self.directory / "server.pid"


@dataclass
class LocalServer:
    """What is the same of every server that runs by itself in a directory and on a port of 127.0.0.1."""

    name: ClassVar[str]
    directory: Path
    port: int

    def __post_init__(self) -> None:
        self.directory = self.directory.absolute()
        self.process = ServerProcess(self.name, self.directory)

    def kill(self) -> None:
        """SIGKILL for the whole of it, as the kernel does when memory runs out: what it acknowledged survives."""
        self.process.kill()

    @property
    def running(self) -> bool:
        return self.process.find() is not None

    @property
    def pid(self) -> int | None:
        process = self.process.find()
        return process.pid if process else None

    @property
    def log(self) -> Path:
        return self.process.log

    @property
    def _data(self) -> Path:
        return self.directory / "data"


def make_folder(path: Path) -> None:
    """Passable whatever the umask: a server may be another user than its starter; secrets lock themselves."""
    for step in reversed([path, *path.parents]):
        if not step.exists():
            step.mkdir(exist_ok=True)  # two servers may make their parent at once
            step.chmod(0o711)


def kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    wait_for_end(processes, limit=10)


def wait_for_end(processes: list[psutil.Process], limit: float) -> bool:
    deadline = time.monotonic() + limit
    while any(map(_is_alive, processes)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _started(process: psutil.Process) -> float:
    """In seconds from the boot: the system's clock may be set while it runs, as after a pause of a virtual machine."""
    return float(process.create_time() - psutil.boot_time())


def _is_alive(process: psutil.Process) -> bool:
    """A zombie counts as ended, for nobody may ever collect it, once its last thread is gone and with it the port."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.is_running()) and (
            process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1
        )
    return False


def _children(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return list(process.children(recursive=True))
    return []
