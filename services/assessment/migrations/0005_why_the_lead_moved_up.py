"""Why the lead of a case moved up: who lost it because he was late is not rid of it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column("case_notes", sa.Column("cause", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("case_notes", "cause")
