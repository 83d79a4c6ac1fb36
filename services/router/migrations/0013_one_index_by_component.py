"""The indices by component and state go; `cases_by_component` has taken their place."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OPEN = "state not in ('closed', 'archived', 'rejected', 'handed_over', 'merged', 'voided')"
_INDICES = {"cases_open_by_component": _OPEN, "cases_closed_by_component": "state = 'closed'"}


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    for name in _INDICES:
        op.drop_index(name, "cases")


def downgrade() -> None:
    for name, state in _INDICES.items():
        op.create_index(
            name, "cases", ["component_id"], postgresql_where=sa.text(f"component_id is not null and {state}")
        )
