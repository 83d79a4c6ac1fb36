"""Which version of a case named each unit that acts on it, and which named all: what is sealed is for those of now."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column("matters", sa.Column("acting_at", JSONB(), nullable=False, server_default="{}"))
    op.add_column("matters", sa.Column("given_anew", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("matters", "given_anew")
    op.drop_column("matters", "acting_at")
