"""Where the fixtures are that every test may ask for."""

import structlog

pytest_plugins = ["tests.infrastructure", "tests.databases"]
# the usual renderer draws each error with all its local variables, which took minutes where a test provokes hundreds
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)
