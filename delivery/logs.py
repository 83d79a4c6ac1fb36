"""Structured logs: one JSON object a line, on standard output, with ids and never with content."""

import logging
import sys
import traceback
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict

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
    """Libraries' warnings in the same shape."""

    def emit(self, record: logging.LogRecord) -> None:
        level = min(record.levelno // 10 * 10, logging.CRITICAL)  # structlog knows no levels in between
        log.log(level, _shortened(record.getMessage()), logger=record.name)


def _shortened(said: str) -> str:
    """Begin and end: of a traceback the end says what it was."""
    return said if len(said) <= 500 else f"{said[:100]} … {said[-400:]}"
