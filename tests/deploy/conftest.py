"""A directory for servers of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infrastructure import server_directory


@pytest.fixture
def directory() -> Iterator[Path]:
    with server_directory() as path:
        yield path
