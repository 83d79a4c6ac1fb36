"""`python -m delivery.dead_letters` says what strangers wrote without obeying it, and what is wrong in a line."""

from datetime import UTC, datetime

import pytest
from aiokafka import ConsumerRecord
from typer.testing import CliRunner

from contracts.topics import REPORTS
from delivery import dead_letters
from delivery.dead_letters import cli, dead_letter

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def _record(headers: list[tuple[str, bytes]], topic: str = "reports.v1") -> ConsumerRecord:
    return ConsumerRecord(topic, 2, 7, 0, 0, b"key", b"value", None, 3, 5, headers)


def _listed(monkeypatch: pytest.MonkeyPatch, *, kind: bytes, reason: str) -> str:
    letter = dead_letter(
        REPORTS, _record([("ce_type", kind)]), consumer="router", reason=reason, attempts=3, at=NOON
    )

    async def found(*_: object) -> list[ConsumerRecord]:
        return [_record(list(letter.headers), "reports.v1.dead")]

    monkeypatch.setattr(dead_letters, "letters", found)
    told = CliRunner().invoke(cli, ["list", "reports.v1"])
    assert told.exit_code == 0, told.exception
    return told.output


@pytest.mark.parametrize("words", ["[/foo]", "[bold]", "[link=x]y", "\x1b[2J\x07", "a\r\nb", "急"])
def test_what_a_record_says_of_itself_is_shown_and_not_obeyed(
    monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    shown = "".join(sign if sign.isprintable() else " " for sign in words)
    first, second, count = _listed(monkeypatch, kind=words.encode(), reason=f"no {words}").splitlines()
    assert (
        first == f"2:7  {shown} from reports.v1 2:7, given up by router after 3 attempts, {NOON.isoformat()}"
    )
    assert (second, count) == (f"    no {shown}", "1 in reports.v1.dead")


@pytest.mark.parametrize("letter", ["abc", "1", "1:", ":2", "1:2:3", ""])
def test_what_names_no_letter_is_told_so(letter: str) -> None:
    told = CliRunner().invoke(cli, ["replay", "reports.v1", "--letter", letter])
    assert told.exit_code == 2
    assert "partition:offset" in told.output


@pytest.mark.parametrize("command", ["list", "replay"])
def test_kafka_that_is_not_there_is_one_line(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEGRID_KAFKA", "127.0.0.1:1")
    told = CliRunner().invoke(cli, [command, "reports.v1"])
    assert told.exit_code == 1
    assert told.output == "Kafka at 127.0.0.1:1 (CASEGRID_KAFKA): KafkaConnectionError\n"
