"""A unit that an import took out is kept: who was above it still sees how its assignments went."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "units",
        sa.Column(
            "gone",
            sa.Boolean(),
            nullable=False,
            server_default=sa.text("false"),
            comment="an import took it out: where it stood last",
        ),
    )


def downgrade() -> None:
    op.execute("delete from units where gone")
    op.drop_column("units", "gone")
