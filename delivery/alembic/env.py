"""What alembic runs: the migrations of whichever service was asked for."""

from delivery.migrations import run

run()
