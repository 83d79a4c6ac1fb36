"""Why a report stands where it does, beside its step: for the public status and for messages to reporters."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_REASON = (("reason", sa.Text()), ("until", sa.TIMESTAMP(timezone=True)))
_COLUMNS = {"case_progress": _REASON, "resident_messages": (*_REASON, ("way", sa.Text()))}


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    for table, columns in _COLUMNS.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for table, columns in _COLUMNS.items():
        for name, _ in columns:
            op.drop_column(table, name)
