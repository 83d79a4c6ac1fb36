"""A case knows which of its clocks is due first, and what is at rest is listed by indices."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_STATES = "('closed', 'archived', 'rejected', 'handed_over', 'merged', 'voided')"
# as an expression, so that no statement but the list takes one of these
_AT_REST = sa.text(f"'' || state in {_STATES}")
_LISTED = {
    "cases_at_rest": ["reported_at", "case_id"],
    "cases_at_rest_by_state": ["state", "reported_at", "case_id"],
    "cases_at_rest_by_lead": ["lead", "reported_at", "case_id"],
    "cases_at_rest_by_community": ["community", "reported_at", "case_id"],
}


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column("cases", sa.Column("first_due_at", sa.TIMESTAMP(timezone=True)))
    # clocks run in what is open, and of what rests in what is closed: those of an appeal
    op.execute(
        f"""update cases set first_due_at = (
                select min((value ->> 'due')::timestamptz) from jsonb_each(body -> 'clocks'))
            where state not in {_STATES} or state = 'closed'"""  # noqa: S608  # our own text
    )
    for name, columns in _LISTED.items():
        op.create_index(name, "cases", columns, postgresql_where=_AT_REST)
    op.create_index(
        "cases_at_rest_involving", "cases", ["involved"], postgresql_using="gin", postgresql_where=_AT_REST
    )
    op.create_index(
        "cases_at_rest_due",
        "cases",
        ["first_due_at"],
        postgresql_where=sa.text(f"first_due_at is not null and '' || state in {_STATES}"),
    )


def downgrade() -> None:
    for name in ("cases_at_rest_due", "cases_at_rest_involving", *_LISTED):
        op.drop_index(name, table_name="cases")
    op.drop_column("cases", "first_due_at")
