"""Stretches of time are found without reading every case."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.create_index("cases_by_time", "cases", ["reported_at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("cases_by_time", table_name="cases", postgresql_using="brin")
