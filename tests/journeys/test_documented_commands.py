"""Each `curl` that the documents show works as it is written, in a shell that has read `.local/env`."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.stack import Stack
from services.router.rulesets.ruleset import SHIPPED
from tests.journeys.reporting import Call

ROOT = Path(__file__).parents[2]
NEEDS_MAIL = '"channel":"email"'  # and says so; the stack has no server for it
# every curl fails as its answer does, so that `-e` ends the block there
SHELL = """
set -a; . "$1"; set +a
curl() { command curl --fail-with-body "$@"; }
"""


def documented() -> dict[str, str]:
    found = {}
    for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("services/**/README.md")]:
        blocks = re.findall(r"^( *)```sh\n(.*?)^ *```$", path.read_text(), re.M | re.S)
        for number, (indent, block) in enumerate(blocks, 1):
            if "curl" in block:
                found[f"{path.relative_to(ROOT)}-{number}"] = re.sub(f"^{indent}", "", block, flags=re.M)
    return found


@pytest.fixture
async def left_as_it_was(stack: Stack, call: Call, district: None) -> AsyncIterator[None]:
    """What the commands change concerns the other journeys too."""
    yield
    for service, kept in [("notifier", "/v1/subscriptions"), ("router", "/v1/weather-warnings")]:
        _, told = await call("admin", "GET", service, kept)
        for one in told["items"]:
            status, _ = await call("admin", "DELETE", service, f"{kept}/{one['id']}")
            assert status == 204
    await call("admin", "POST", "router", f"/v1/rulesets/{SHIPPED}/activation")


def test_there_are_some() -> None:
    assert len(documented()) > 5


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl on this machine")
@pytest.mark.usefixtures("left_as_it_was")
@pytest.mark.parametrize("name", documented())
async def test_it_works_as_it_is_written(name: str, stack: Stack, tmp_path: Path) -> None:
    block = documented()[name].replace(". .local/env", ":")
    done = await asyncio.to_thread(_run, block, stack, tmp_path)
    if NEEDS_MAIL in block:
        assert "e-mail is not set up here" in done.stdout
    else:
        assert done.returncode == 0, done.stdout + done.stderr


def _run(block: str, stack: Stack, folder: Path) -> Any:
    command = ["bash", "-e", "-c", SHELL + block, "bash", str(stack.directory / "env")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)
