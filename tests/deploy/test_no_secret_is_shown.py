"""What a traceback or a failed test prints of our own objects names no password and no token."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from delivery.settings import ServiceSettings
from deploy.local.servers import Servers
from deploy.local.service_processes import LocalService
from deploy.local.stack import Stack
from tests.architecture_rules import ROOT

ADDRESS = "postgresql://admin:hidden@host:5432"


def test_settings_show_no_password() -> None:
    assert "hidden" not in repr(ServiceSettings(postgres=ADDRESS))


def test_the_stack_shows_no_password_and_no_token() -> None:
    service = LocalService("intake", Path(), 8001, {"CASEGRID_POSTGRES": ADDRESS})
    stack = Stack(
        Path(), Servers(ADDRESS, "host:9092"), {"intake": service}, {"CASEGRID_ADMIN_TOKEN": "hidden"}
    )
    assert "hidden" not in repr(stack)


@pytest.mark.parametrize("command", [["deploy.local", "up"], ["deploy.local.replay"]], ids=["up", "replay"])
def test_what_a_command_writes_only_its_owner_reads(command: list[str], tmp_path: Path) -> None:
    """Shown on the keys, which come before the database that is not there."""
    export = tmp_path / "export.csv"
    columns = "service_request_id,requested_datetime,service_name,description,address,lat,long"
    export.write_text(f"{columns}\n1,2026-01-02T03:04:05Z,Pothole,deep one,Main St,30.2,120.1\n")
    said = ["--reports", str(export), "--boundaries", "samples"] if command == ["deploy.local.replay"] else []
    nowhere = {"CASEGRID_POSTGRES": "postgresql://a:b@127.0.0.1:1", "CASEGRID_KAFKA": "127.0.0.1:1"}
    subprocess.run(
        [sys.executable, "-m", *command, *said],
        cwd=ROOT,
        env={**os.environ, **nowhere, "CASEGRID_LOCAL": str(tmp_path / "local")},
        umask=0o022,
    )
    assert (tmp_path / "local" / "keys" / "jwks.json").stat().st_mode & 0o077 == 0
