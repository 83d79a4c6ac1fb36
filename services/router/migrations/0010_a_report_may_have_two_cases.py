"""What kept a report from having two cases goes; `cases_by_report` keeps all but emergencies single."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.drop_constraint("cases_report_id_key", "cases", type_="unique")


def downgrade() -> None:
    op.create_unique_constraint("cases_report_id_key", "cases", ["report_id"])
