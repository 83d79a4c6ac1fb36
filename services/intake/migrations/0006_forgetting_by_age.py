"""What is old enough to be forgotten is found by its age: a BRIN finds nothing once rows reuse the space of others."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.create_index("inbox_by_age", "inbox", ["seen_at"])
    op.drop_index("inbox_seen_at", table_name="inbox")


def downgrade() -> None:
    op.create_index("inbox_seen_at", "inbox", ["seen_at"], postgresql_using="brin")
    op.drop_index("inbox_by_age", table_name="inbox")
