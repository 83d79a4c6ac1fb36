"""Which units an import took out: at a desk of one of them nobody answers for all, as he does of a unit never known."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.create_table("former_units", sa.Column("code", sa.Text(), primary_key=True))


def downgrade() -> None:
    op.drop_table("former_units")
