"""A line is a JSON object with the ids it was given, and never with content."""

import json
import subprocess
import sys
from typing import Any

from tests.architecture_rules import ROOT

SECRET = "13800001111"
BEGIN = "import logging\nfrom delivery.logs import configure, log\nconfigure('tiny', 'info')\n"


def test_a_line_is_json_with_the_ids_given() -> None:
    (line,) = _lines("log.info('case dispatched', case_id='c-1', unit='T01')")
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "case dispatched",
        "case_id": "c-1",
        "unit": "T01",
        "level": "info",
        "service": "tiny",
    }


def test_chinese_and_odd_values_are_written_too() -> None:
    (line,) = _lines("from uuid import UUID\nlog.info('件', case_id=UUID(int=1), what=object)")
    assert line["event"] == "件"
    assert line["case_id"] == "00000000-0000-0000-0000-000000000001"


def test_below_the_level_nothing_is_written() -> None:
    assert _lines("log.debug('detail')") == []


def test_an_error_shows_its_way_through_the_code_and_nothing_that_was_in_it() -> None:
    (line,) = _lines(f"""
def dial(phone):
    raise ValueError(f"cannot dial {{phone}}")
try:
    dial("{SECRET[:5]}" + "{SECRET[5:]}")
except ValueError as error:
    log.error("request failed", error=type(error).__name__, exc_info=error)
""")
    assert line["error"] == "ValueError"
    assert [frame.rsplit(" ", 1)[1] for frame in line["trace"]] == ["<module>", "dial"]
    assert SECRET not in json.dumps(line)


def test_an_error_of_the_moment_is_found() -> None:
    (line,) = _lines("try:\n    1 / 0\nexcept ZeroDivisionError:\n    log.exception('failed')")
    assert line["trace"]


def test_warnings_of_libraries_have_the_same_shape_whatever_their_level() -> None:
    lines = _lines("""
logging.getLogger("aiokafka").warning("heartbeat %s", "failed")
logging.getLogger("aiokafka").log(35, "between two levels")
logging.getLogger("aiokafka").info("not wanted")
""")
    assert [(line["event"], line["logger"], line["level"]) for line in lines] == [
        ("heartbeat failed", "aiokafka", "warning"),
        ("between two levels", "aiokafka", "warning"),
    ]


def test_what_a_library_says_over_and_over_is_written_once_in_a_while_with_how_often() -> None:
    lines = _lines("""
import time
elapsed = 1000.0
time.monotonic = lambda: elapsed
for elapsed in (1000.0, 1000.1, 1009.9, 1010.0, 1015.0):
    logging.getLogger("aiokafka").error("no connection to %s", "node 1")
    logging.getLogger("aiokafka").error("no connection to node %s", elapsed)
    log.warning("ours")
""")
    assert [line.get("unsaid", 0) for line in lines if line["event"] == "no connection to node 1"] == [0, 2]
    assert sum(line["event"].startswith("no connection to node 10") for line in lines) == 5
    assert sum(line["event"] == "ours" for line in lines) == 5


def test_what_is_long_is_cut_in_the_middle() -> None:
    (line,) = _lines("logging.getLogger('uvicorn').error('Traceback' + 1000 * '.' + 'no such table')")
    assert line["event"].startswith("Traceback")
    assert line["event"].endswith("no such table")
    assert len(line["event"]) < 600


def _lines(code: str) -> list[dict[str, Any]]:
    """In a process of its own: logging is configured once for a process."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]
