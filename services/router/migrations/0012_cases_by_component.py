"""What happened to a component is found by it alone, and the planner hears soon what is open of it all."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.create_index(
        "cases_by_component",
        "cases",
        ["component_id", "reported_at"],
        postgresql_where=sa.text("component_id is not null"),
    )
    # by a share of the table the open cases beside ten million others would be counted once in a million changes
    op.execute(
        "alter table cases set (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000)"
    )


def downgrade() -> None:
    op.execute("alter table cases reset (autovacuum_analyze_scale_factor, autovacuum_analyze_threshold)")
    op.drop_index("cases_by_component", "cases")
