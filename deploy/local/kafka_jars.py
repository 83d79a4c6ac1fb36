"""The jars of Apache Kafka: those of the lock file and no others, each with the locked sha256."""

import hashlib
import os
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.maven import MavenContext

from deploy.local.processes import Say, ServerFailed, make_folder

LOCK = Path(__file__).parent / "kafka" / "jgo.lock.toml"


@dataclass(frozen=True)
class Jar:
    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    def matches(self, path: Path) -> bool:
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == self.sha256


def class_path(cache: Path, *, say: Say) -> str:
    """Asks the network only for what the cache lacks; a damaged jar counts as lacking."""
    jars = locked_jars()
    if missing := [jar for jar in jars if not jar.matches(cache / jar.file_name)]:
        _fetch(missing, cache, say)
    return os.pathsep.join(str(cache / jar.file_name) for jar in jars)


def locked_jars() -> list[Jar]:
    locked = tomllib.loads(LOCK.read_text())["dependencies"]
    return [Jar(jar["groupId"], jar["artifactId"], jar["version"], jar["sha256"]) for jar in locked]


def _fetch(jars: list[Jar], cache: Path, say: Say) -> None:
    make_folder(cache)
    say(f"Apache Kafka: fetching {len(jars)} jars")
    # on the cache's own file system, so that a jar appears there whole or not at all
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        for count, (jar, path) in enumerate(_download(jars, Path(folder)), 1):
            if not jar.matches(path):
                raise ServerFailed(f"{jar.file_name} as downloaded differs from {LOCK.name}")
            path.replace(cache / jar.file_name)
            if count % 15 == 0:
                say(f"Apache Kafka: {count} of {len(jars)} jars")


def _download(jars: list[Jar], folder: Path) -> Iterator[tuple[Jar, Path]]:
    context = _maven(folder)
    pool = ThreadPoolExecutor(4)
    try:
        pending = {pool.submit(_resolve, context, jar): jar for jar in jars}
        for done in as_completed(pending):
            yield pending[done], done.result()
    finally:
        pool.shutdown(cancel_futures=True)  # without a network, one failure says it all


def _resolve(context: MavenContext, jar: Jar) -> Path:
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    try:
        return artifact.resolve()
    except (OSError, RuntimeError) as error:
        raise ServerFailed(f"{jar.file_name} cannot be fetched: {error}") from error


def _maven(folder: Path) -> MavenContext:
    """Maven Central, after the mirrors that this machine's own jgo settings may name."""
    context = MavenContext(repo_cache=folder, timeout=30)
    context.remote_repos = {**GlobalSettings.load().repositories, **context.remote_repos}
    return context
