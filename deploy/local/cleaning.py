"""`make clean`: nothing of a stack is left, wherever it lies."""

import shutil

from deploy.local import unprivileged
from deploy.local.service_processes import PORTS
from deploy.local.stack import Stack

_FOLDERS = (*PORTS, "postgres", "kafka", "keys", "jars")
_FILES = ("env", "reporter_secret", "rejected.csv")


def drop(found: Stack) -> None:
    """Stops it first. What else is in its folder is not ours, and the folder then stays."""
    found.stop()
    kept_elsewhere = unprivileged.stand_in(found.directory / "postgres")
    for folder in (kept_elsewhere, *(found.directory / name for name in _FOLDERS)):
        if folder.exists():
            shutil.rmtree(folder)
    for name in _FILES:
        (found.directory / name).unlink(missing_ok=True)
    if not any(found.directory.iterdir()):
        found.directory.rmdir()
