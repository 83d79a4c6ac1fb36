"""A setting that cannot be meant ends a service at once, by its name and without its value."""

import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest

from delivery.migrations import SERVICES
from delivery.settings import as_told

WRONG = {
    "CASEGRID_KAFKA": "host:port",
    "CASEGRID_POSTGRES": "mysql://u:hidden@h",
    "CASEGRID_REPLICATION": "0",
    "CASEGRID_LOG_LEVEL": "hidden",
    "CASEGRID_BATCH_SIZE": "-1",
    "CASEGRID_POOL_SIZE": "hidden",
}
OWN = {
    "intake": {"CASEGRID_INTAKE_PORT": "70000", "CASEGRID_TIME_ZONE": "hidden", "CASEGRID_SMTP_PORT": "0"},
    "router": {"CASEGRID_ROUTER_PORT": "hidden", "CASEGRID_TIME_ZONE": "../etc", "CASEGRID_TIME_SPEED": "0"},
    "notifier": {
        "CASEGRID_NOTIFIER_PORT": "0",
        "CASEGRID_TIME_ZONE": "hidden",
        "CASEGRID_GATEWAY_URL": "http://gateway",
        "CASEGRID_SENDING": "0",
    },
    "assessment": {"CASEGRID_ASSESSMENT_PORT": "-1"},
}


@pytest.mark.parametrize(
    ("service", "setting", "value"),
    [(each, *pair) for each in SERVICES for pair in (WRONG | OWN[each]).items()],
)
def test_it_is_named(
    service: str,
    setting: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(setting, value)
    with pytest.raises(SystemExit) as ended:
        _told(service)
    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert setting in line
    assert "hidden" not in line


@pytest.mark.parametrize("service", SERVICES)
def test_an_empty_one_is_as_good_as_none(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = _told(service)
    for setting in WRONG | OWN[service]:
        monkeypatch.setenv(setting, "")
    assert _told(service) == usual


def test_a_service_without_its_database_says_which_setting_leads_there() -> None:
    told = {"CASEGRID_POSTGRES": "postgresql://casegrid:hidden@127.0.0.1:1", "PYTHONPATH": "."}
    ended = subprocess.run(
        [sys.executable, "-m", "services.assessment"], env=told, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode != 0
    assert "CASEGRID_POSTGRES" in ended.stdout
    assert "hidden" not in ended.stdout + ended.stderr


def _told(service: str) -> Any:
    return as_told(import_module(f"services.{service}.settings").Settings)
