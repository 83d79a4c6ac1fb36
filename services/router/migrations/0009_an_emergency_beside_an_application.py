"""Two cases of one report: an application, and the emergency that is opened beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column("cases", sa.Column("application", sa.Uuid(), nullable=True))
    op.create_index(
        "cases_by_report",
        "cases",
        ["report_id"],
        unique=True,
        postgresql_where=sa.text("application is null"),
    )


def downgrade() -> None:
    op.drop_index("cases_by_report", "cases")
    op.drop_column("cases", "application")
