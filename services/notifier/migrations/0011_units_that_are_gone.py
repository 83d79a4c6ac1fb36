"""Whoever an import took out is kept with where he stood, so that his orders go to whoever stands in for him."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "directory",
        sa.Column(
            "gone_at",
            sa.TIMESTAMP(timezone=True),
            nullable=True,
            comment="an import took it out: where it stood last",
        ),
    )


def downgrade() -> None:
    op.execute("delete from directory where gone_at is not null")
    op.drop_column("directory", "gone_at")
