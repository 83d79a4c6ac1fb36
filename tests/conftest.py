"""Where the fixtures are that every test may ask for."""

import structlog
from hypothesis import settings

pytest_plugins = ["tests.infrastructure", "tests.databases", "tests.delivery.wire", "tests.browsing"]
# how long one example takes says how busy the machine is; what must be quick asks `tests.quickness`
settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")
# the usual renderer draws each error with all its local variables, which took minutes where a test provokes hundreds
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)
