"""Which units have to do with a report's case, how secret it is now, and who reports to whom."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    for name in ("acting", "told"):
        op.add_column("matters", sa.Column(name, ARRAY(sa.Text()), nullable=False, server_default="{}"))
    op.create_table(
        "units",
        sa.Column("code", sa.Text(), primary_key=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.add_column("matters", sa.Column("privacy_version", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_table("units")
    for name in ("privacy_version", "told", "acting"):
        op.drop_column("matters", name)
