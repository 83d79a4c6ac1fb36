"""Structured logs: one JSON object a line, on standard output, with ids and never with content."""

import logging
import sys
import time
import traceback
from collections import Counter
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict

_SAYS_AGAIN = 10.0  # seconds
_REMEMBERED = 1000

log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


def configure(service: str, level: str) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _frames_only,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event, default=str)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[_IntoStructlog()], force=True)


def _frames_only(logger: Any, method: str, event: EventDict) -> EventDict:
    """An error's way through the code; its text and its local variables could hold what somebody sent."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["trace"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


class _IntoStructlog(logging.Handler):
    """Libraries' warnings in the same shape. While Kafka is away its client says the same two hundred times a second:
    the same words are written once in a while, with how often they were left unsaid."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}
        self._unsaid: Counter[tuple[str, str]] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        said, now = (record.name, _shortened(record.getMessage())), time.monotonic()
        if now - self._said.get(said, -_SAYS_AGAIN) < _SAYS_AGAIN:
            self._unsaid[said] += 1
            return
        if len(self._said) >= _REMEMBERED:
            self._said.clear()
            self._unsaid.clear()
        self._said[said] = now
        unsaid = {"unsaid": count} if (count := self._unsaid.pop(said, 0)) else {}
        level = min(record.levelno // 10 * 10, logging.CRITICAL)  # structlog knows no levels in between
        log.log(level, said[1], logger=record.name, **unsaid)


def _shortened(said: str) -> str:
    """Begin and end: of a traceback the end says what it was."""
    return said if len(said) <= 500 else f"{said[:100]} … {said[-400:]}"
