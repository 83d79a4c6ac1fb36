"""(e) Decisions a second in one process, beside a loop that only parses the body: `python -m benchmarks.decisions`."""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

import orjson

from deploy.local.day import sample_directory, sample_reports
from services.router.clocks.calendars import calendar_named
from services.router.decision.api import Asked, answer
from services.router.directory.directory import Directory
from services.router.directory.importing import DirectoryImport, read_directory
from services.router.rulesets.ruleset import load_ruleset
from services.router.workflow.situation import Rules


def measure(*, rounds: int, quick: bool) -> dict[str, object]:
    """Whole answers with clocks and explanation, without HTTP and token on both sides."""
    count = 200 if quick else 5_000
    rules = Rules(_directory(), load_ruleset(), calendar_named("cn", "Asia/Shanghai"))
    at = datetime(2026, 11, 23, 4, tzinfo=UTC)
    bodies = _bodies(count, rules.directory)
    ours, bare = [], []
    for _ in range(rounds):
        bare.append(_rate(bodies, Asked.model_validate_json))
        ours.append(
            _rate(bodies, lambda body: answer(Asked.model_validate_json(body), rules, at).model_dump_json())
        )
    return {
        "decisions": count,
        "ours": statistics.median(ours),
        "bare": statistics.median(bare),
        "every ours": ours,
        "every bare": bare,
    }


def _rate(bodies: list[bytes], work: Callable[[bytes], object]) -> float:
    began = time.perf_counter()
    for body in bodies:
        work(body)
    return len(bodies) / (time.perf_counter() - began)


def _bodies(count: int, directory: Directory) -> list[bytes]:
    """The sample day's reports that lie in a grid, over and over."""
    reports = [
        {name: said for name, said in each.body.items() if name != "reporter"}
        for each in sample_reports("decisions")
    ]
    points = [(each["place"].get("lon"), each["place"].get("lat")) for each in reports]
    placed = [
        orjson.dumps(report)
        for report, grid in zip(reports, directory.locate(points), strict=True)
        if grid is not None
    ]
    return [placed[number % len(placed)] for number in range(count)]


def _directory() -> Directory:
    directory, findings = read_directory(DirectoryImport.model_validate(sample_directory()), version=1)
    assert not findings, findings
    return directory


if __name__ == "__main__":
    found = measure(rounds=5, quick=False)
    print(f"{found['ours']:,.0f} decisions/s, {found['bare']:,.0f} bodies/s parsed")
