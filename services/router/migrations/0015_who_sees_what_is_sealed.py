"""A sealed case is for the units that act on it and those above them; and what a unit has to do with is found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_OPEN = "state not in ('closed', 'archived', 'rejected', 'handed_over', 'merged', 'voided')"
_ACTING = """array_remove(array[body ->> 'lead', body ->> 'superior'], null)
    || array(select jsonb_array_elements_text(coalesce(body -> 'co_handlers', '[]')))"""


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.execute(f"update cases set involved = {_ACTING} where body ->> 'privacy' = 'sealed'")  # noqa: S608
    op.create_index(
        "cases_open_involving", "cases", ["involved"], postgresql_using="gin", postgresql_where=sa.text(_OPEN)
    )


def downgrade() -> None:
    op.drop_index("cases_open_involving", "cases")
