"""Notices that a later order overtook while they were on their way."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "notices",
        sa.Column(
            "overtaken",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="by a later order: neither tried nor told again",
        ),
    )


def downgrade() -> None:
    op.drop_column("notices", "overtaken")
