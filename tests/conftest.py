"""Where the fixtures are that every test may ask for."""

pytest_plugins = ["tests.infrastructure", "tests.databases"]
