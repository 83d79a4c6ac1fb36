"""What lies around a report is found by indices that serve nothing else, and the planner hears soon what there is."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INDICES = {
    "cases_by_component": (["component_id", "reported_at"], "component_id is not null"),
    "cases_open_around": (
        ["class", "lat", "lon"],
        "lat is not null and state || '' not in ('closed', 'archived', 'rejected', 'handed_over', 'merged', 'voided')",
    ),
    "cases_closed_around": (["class", "lat", "lon"], "lat is not null and state || '' = 'closed'"),
}


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    for name, (columns, condition) in _INDICES.items():
        op.create_index(name, "cases", columns, postgresql_where=sa.text(condition))
    # by a share of the table the open cases beside ten million others would be counted once in a million changes
    op.execute(
        "alter table cases set (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000)"
    )


def downgrade() -> None:
    op.execute("alter table cases reset (autovacuum_analyze_scale_factor, autovacuum_analyze_threshold)")
    for name in _INDICES:
        op.drop_index(name, "cases")
