"""What has failed is found among all that has not."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    failed = sa.text("status in ('permanent-failure', 'expired', 'not-configured', 'no-contact')")
    op.create_index(
        "deliveries_failed", "deliveries", ["subscription_id", "sequence"], postgresql_where=failed
    )
    op.create_index("notices_failed", "notices", ["unit", "id"], postgresql_where=failed)


def downgrade() -> None:
    op.drop_index("notices_failed", table_name="notices")
    op.drop_index("deliveries_failed", table_name="deliveries")
