"""duplicates."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OPEN = "state not in ('closed', 'archived', 'rejected', 'handed_over', 'merged', 'voided')"
_CLOSED = "state = 'closed'"

_COLUMNS: dict[str, tuple[Any, str]] = {
    "class": (sa.Text(), "split_part(category, '-', 1)"),
    "lon": (sa.Double(), "(body #>> '{place,lon}')::double precision"),
    "lat": (sa.Double(), "(body #>> '{place,lat}')::double precision"),
    "component_id": (sa.Text(), "body #>> '{place,component_id}'"),
    "reporter_ref": (sa.Text(), "body #>> '{reporter_ref}'"),
}

_INDICES = {
    "cases_open_by_place": (["class", "lat", "lon"], _OPEN),
    "cases_closed_by_place": (["class", "lat", "lon"], _CLOSED),
    "cases_open_by_component": (["component_id"], f"component_id is not null and {_OPEN}"),
    "cases_closed_by_component": (["component_id"], f"component_id is not null and {_CLOSED}"),
    "cases_by_reporter": (["reporter_ref", "reported_at"], "reporter_ref is not null"),
}


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    for name, (kind, expression) in _COLUMNS.items():
        op.add_column("cases", sa.Column(name, kind, sa.Computed(expression, persisted=True)))
    for name, (columns, condition) in _INDICES.items():
        op.create_index(name, "cases", columns, postgresql_where=sa.text(condition))
    op.create_table(
        "merge_suggestions",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("master_case_id", sa.Uuid(), nullable=False),
        sa.Column("likeness", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("suggested_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "master_case_id"),
    )
    op.create_index("merge_suggestions_by_master", "merge_suggestions", ["master_case_id"])
    op.create_table(
        "reporter_wishes",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("wished_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("reporter_wishes_by_case", "reporter_wishes", ["case_id"])


def downgrade() -> None:
    for table in ("reporter_wishes", "merge_suggestions"):
        op.drop_table(table)
    for name in _INDICES:
        op.drop_index(name, "cases")
    for name in _COLUMNS:
        op.drop_column("cases", name)
