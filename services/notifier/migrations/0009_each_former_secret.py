"""Each former secret signs as long as was said, also when another rotation follows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "subscriptions",
        sa.Column(
            "earlier_secrets",
            JSONB(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="before the former one: each with the time until which it signs",
        ),
    )


def downgrade() -> None:
    op.drop_column("subscriptions", "earlier_secrets")
