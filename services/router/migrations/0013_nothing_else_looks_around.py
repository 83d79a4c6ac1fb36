"""The indices of open and closed cases by place and by component go; those of 0012 have taken their place."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OPEN = "state not in ('closed', 'archived', 'rejected', 'handed_over', 'merged', 'voided')"
_CLOSED = "state = 'closed'"
_INDICES = {
    "cases_open_by_place": (["class", "lat", "lon"], _OPEN),
    "cases_closed_by_place": (["class", "lat", "lon"], _CLOSED),
    "cases_open_by_component": (["component_id"], f"component_id is not null and {_OPEN}"),
    "cases_closed_by_component": (["component_id"], f"component_id is not null and {_CLOSED}"),
}


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    for name in _INDICES:
        op.drop_index(name, "cases")


def downgrade() -> None:
    for name, (columns, condition) in _INDICES.items():
        op.create_index(name, "cases", columns, postgresql_where=sa.text(condition))
