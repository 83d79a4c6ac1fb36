"""How `make run` and `make replay` end: exit 0 means that everything has landed, and every other row is listed."""

import asyncio
import csv
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner, Result

from deploy.local import __main__ as commands
from deploy.local import day, missing, replay
from deploy.local.day import SAMPLES
from deploy.local.landing import Landing
from deploy.local.observer import Seen
from deploy.local.play import Outcome
from deploy.local.service_processes import LocalService
from deploy.local.stack import stack

LANDED = Landing(set(), set(), set(), set())
ONE_LOST = Landing(set(), {"lost"}, set(), set())
EXPORT = """service_request_id,requested_datetime,service_name,description,address,lat,long
1,2026-01-02T03:04:05Z,Pothole,deep one,Main St,30.2,120.1
2,2026-01-02T03:04:05Z,Pothole,Mr Miller fell,Main St,,120.1
3,yesterday,Pothole,wide one,Main St,,120.1
4,2026-01-02T03:04:05Z,Pothole,long one,Main St,30.2,120.1
"""


def _collection(*properties: dict[str, Any] | None) -> str:
    features = [{"type": "Feature", "properties": each, "geometry": None} for each in properties]
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.mark.parametrize(("complete", "code"), [(True, 0), (False, 1)])
def test_run_fails_when_a_report_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complete: bool, code: int
) -> None:
    async def played(*_: Any) -> bool:
        return complete

    monkeypatch.setattr(commands, "LOCAL", tmp_path)
    monkeypatch.setattr(commands, "start", lambda *_, **__: stack(tmp_path))
    monkeypatch.setattr(commands, "play_sample_day", played)
    assert CliRunner().invoke(commands.cli, ["run", "--once"]).exit_code == code


def test_one_service_is_stopped_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[str] = []
    monkeypatch.setattr(commands, "LOCAL", tmp_path)
    monkeypatch.setattr(LocalService, "stop", lambda service: stopped.append(service.name))
    done = CliRunner().invoke(commands.cli, ["down", "--only", "router"])
    assert (done.exit_code, stopped) == (0, ["router"])
    refused = CliRunner().invoke(commands.cli, ["down", "--only", "postgres"])
    assert refused.exit_code == 2
    assert "none of intake, router" in refused.output


@pytest.mark.parametrize(
    ("outcome", "complete"),
    [(Outcome(accepted={"1": "case"}), True), (Outcome(refused={"1": "401 Unauthorized"}), False)],
)
async def test_a_day_of_which_nothing_was_accepted_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, complete: bool
) -> None:
    async def imported(*_: Any) -> None: ...

    async def played(*_: Any, **__: Any) -> tuple[Outcome, Seen]:
        return outcome, Seen()

    async def landed(*_: Any) -> Landing:
        return LANDED

    monkeypatch.setattr(day, "import_directory", imported)
    monkeypatch.setattr(day, "play", played)
    monkeypatch.setattr(day, "landing_after", landed)
    assert await day.play_sample_day(stack(tmp_path), Console(quiet=True)) is complete


@pytest.mark.parametrize(("landing", "code"), [(LANDED, 0), (ONE_LOST, 1)])
def test_replay_fails_when_a_report_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, landing: Landing, code: int
) -> None:
    ended = _replay(tmp_path, monkeypatch, landing)
    assert ended.exit_code == code
    assert ("1 have no case" in ended.output) == (landing is ONE_LOST)


def test_replay_lists_each_row_that_is_no_report_and_nothing_that_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = _replay(tmp_path, monkeypatch, LANDED)
    assert "columns as in generic_311" in ended.output
    assert "3 of 4 rows rejected" in ended.output
    with (tmp_path / "rejected.csv").open(newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["line", "reason"],
            ["3", "lat: no coordinates: nothing places the report on the map"],
            ["4", "lat: no coordinates: nothing places the report on the map"],
            ["4", "requested_datetime: not a time as the column map says"],
            ["5", "refused: 409 this Idempotency-Key was used for something else"],
        ]


@pytest.fixture
def heeding_interruptions() -> Iterator[None]:
    """As the command does; a shell takes Ctrl-C from what it runs in the background, these tests among it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeding_interruptions")
def test_an_interrupted_replay_says_how_far_it_got_and_lists_what_was_refused_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse_one_and_be_interrupted(*_: Any, outcome: Outcome, **__: Any) -> None:
        outcome.refused["4"] = "409 this Idempotency-Key was used for something else"
        signal.raise_signal(signal.SIGINT)
        await asyncio.Event().wait()

    _without_a_stack(tmp_path, monkeypatch)
    monkeypatch.setattr(replay, "play", refuse_one_and_be_interrupted)
    ended = _invoke_replay(tmp_path, EXPORT)
    assert ended.exit_code == 130
    assert "interrupted: 1 of 2 reports are answered" in ended.output
    assert "5,refused: 409 this Idempotency-Key" in (tmp_path / "rejected.csv").read_text()


@pytest.fixture
def playing_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a stack of which nothing runs."""

    async def play_for_ever(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    _without_a_stack(tmp_path, monkeypatch)
    monkeypatch.setattr(commands, "LOCAL", tmp_path)
    monkeypatch.setattr(commands, "start", lambda *_, **__: stack(tmp_path))
    monkeypatch.setattr(commands, "play_sample_day", play_for_ever)
    monkeypatch.setattr(replay, "play", play_for_ever)
    monkeypatch.setattr(missing, "GONE_SECONDS", 0.1)


@pytest.mark.usefixtures("playing_for_ever")
def test_a_part_of_the_stack_that_is_gone_for_good_ends_the_command(tmp_path: Path) -> None:
    for ended in (CliRunner().invoke(commands.cli, ["run"]), _invoke_replay(tmp_path, EXPORT)):
        assert ended.exit_code == 1
        assert "has been gone for" in ended.output
        assert "server.log" in ended.output
    assert "interrupted: 0 of 2 reports are answered; the same command goes on" in ended.output


def test_an_export_that_no_map_fits_is_one_clear_line(tmp_path: Path) -> None:
    ended = _invoke_replay(tmp_path, "a,b\n1,2\n")
    assert ended.exit_code == 1
    (line,) = ended.output.splitlines()
    assert "generic_311 also wants address, description" in line


AREA = {"tier": "grid", "code": "G1", "name": "first", "parent": "C1"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "areas.geojson: not JSON"),
        ("[]", "areas.geojson: not a GeoJSON FeatureCollection"),
        ('{"features": [null]}', "areas.geojson: not a GeoJSON FeatureCollection"),
        (_collection(None, AREA | {"tier": "ward"}), "boundaries: no .geojson in it has a feature whose tier is"),
        (_collection(AREA, AREA | {"code": None}), "areas.geojson: feature 2, of tier grid: its properties have no code"),
        (_collection({"tier": "district", "code": "D"}), "feature 1, of tier district: its properties have no name"),
        (_collection(AREA | {"parent": ""}), "its properties have no parent"),
    ],
)  # fmt: skip
def test_boundaries_that_are_unfit_are_one_line_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str
) -> None:
    (tmp_path / "boundaries").mkdir()
    (tmp_path / "boundaries" / "areas.geojson").write_text(text)
    monkeypatch.setattr(replay, "LOCAL", tmp_path / "local")
    ended = _invoke_replay(tmp_path, EXPORT)
    assert ended.exit_code == 1
    (line,) = ended.output.splitlines()[1:]
    assert words in line
    assert not (tmp_path / "local").exists()


def _replay(directory: Path, monkeypatch: pytest.MonkeyPatch, landing: Landing) -> Result:
    """With a stack that accepts the first report and refuses the fourth."""

    async def played(*_: Any, outcome: Outcome, **__: Any) -> tuple[Outcome, Seen]:
        outcome.accepted["1"] = "case"
        outcome.refused["4"] = "409 this Idempotency-Key was used for something else"
        return outcome, Seen()

    async def landed(*_: Any) -> Landing:
        return landing

    _without_a_stack(directory, monkeypatch)
    monkeypatch.setattr(replay, "play", played)
    monkeypatch.setattr(replay, "landing_after", landed)
    return _invoke_replay(directory, EXPORT)


def _without_a_stack(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def imported(*_: Any) -> None: ...

    monkeypatch.setattr(replay, "LOCAL", directory)
    monkeypatch.setattr(replay, "start", lambda *_, **__: stack(directory))
    monkeypatch.setattr(replay, "import_directory", imported)


def _invoke_replay(directory: Path, export: str) -> Result:
    (directory / "export.csv").write_text(export)
    if not (directory / "boundaries").exists():
        (directory / "boundaries").symlink_to(SAMPLES)
    command = typer.Typer()
    command.command()(replay.main)
    said = ["--reports", str(directory / "export.csv"), "--boundaries", str(directory / "boundaries")]
    return CliRunner().invoke(command, said)
