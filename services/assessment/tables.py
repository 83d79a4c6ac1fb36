"""Assessment's tables: what each event said, the assignments that follow from it, the units, inbox and outbox."""

import sqlalchemy as sa

from delivery.inbox import inbox_table
from delivery.outbox import outbox_table

metadata = sa.MetaData()
_time = sa.TIMESTAMP(timezone=True)

case_notes = sa.Table(
    "case_notes",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("case_version", sa.Integer, primary_key=True),
    sa.Column("at", _time, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("round", sa.Integer),
    sa.Column("unit", sa.Text),
    sa.Column("limit_at", _time),
    sa.Column("granted", sa.Boolean, nullable=False),
    sa.Column("cause", sa.Text),
)

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("round", sa.Integer, primary_key=True),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("limit_at", _time, nullable=False),
    sa.Column("finished_at", _time),
    sa.Column("exempt", sa.Boolean, nullable=False),
    sa.Column("cohort_at", _time, nullable=False),
    sa.Column("paused_at", _time),
    # not finished, and not taken over since, as what was late may be: after years those are the many
    sa.Column("to_finish", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("assignments_by_cohort", "unit", "cohort_at"),
    sa.Index("assignments_to_finish", "limit_at", "paused_at", postgresql_where=sa.text("to_finish")),
    # a former release counts by it
    sa.Index("assignments_open", "unit", postgresql_where=sa.text("finished_at is null")),
)

# who serves what and reports to whom, as the directory says it
units = sa.Table(
    "units",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("area", sa.Text, nullable=False),
    sa.Column("parent", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column(
        "gone",
        sa.Boolean,
        nullable=False,
        server_default=sa.text("false"),
        comment="an import took it out: where it stood last",
    ),
)

outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
