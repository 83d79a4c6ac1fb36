"""As whom and where a server runs that refuses to be root, when we are root."""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ELSEWHERE = Path("/var/lib/casegrid")  # only root writes there, and nobody may pass through


def account() -> dict[str, Any]:
    """Arguments for `subprocess`: another user for root, nothing for everybody else."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give(path: Path) -> None:
    if owner := account():
        os.chown(path, owner["user"], owner["group"])


def reachable(path: Path) -> bool:
    """Whether the account may pass through every folder on the way, which it may not below /root."""
    way = [path, *path.parents] if path.exists() else path.parents
    return not account() or all(step.stat().st_mode & stat.S_IXOTH for step in way)


def room_for(directory: Path) -> Path:
    """The directory itself, or one that stands in for it where the account can go."""
    if reachable(directory):
        return directory
    return _folder(stand_in(directory))


def stand_in(directory: Path) -> Path:
    """Where its data are, or would be, when the account cannot go to the directory itself."""
    return ELSEWHERE / hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:12]


def reachable_copy(folders: Iterable[Path], name: str) -> Path:
    """Where these neighbours stand, or where a copy of them does, made once, in a place where the account can go."""
    first, *others = folders
    if reachable(first):
        return first.parent
    copy = _folder(ELSEWHERE) / name
    if not copy.exists():
        half = copy.with_name(f"{name}.{os.getpid()}")
        for folder in (first, *others):
            shutil.copytree(folder, half / folder.name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", half], check=True)
        half.rename(copy)
    return copy


def _folder(path: Path) -> Path:
    for step in (ELSEWHERE, path):
        step.mkdir(parents=True, exist_ok=True)
        step.chmod(0o711)
    return path
