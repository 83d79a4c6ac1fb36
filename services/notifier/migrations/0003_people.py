"""people: contacts of units, the parties of cases, notices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "contacts",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("app", sa.Text(), nullable=True),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_to", sa.Time(), nullable=True),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.Column("updated_at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("unit"),
    )
    op.create_table(
        "parties",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("waits_for_signature", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("correlation_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="order, alarm or news"),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column(
            "rank", sa.SmallInteger(), nullable=False, comment="of the urgency: the highest goes first"
        ),
        sa.Column("medium", sa.Text(), nullable=False, comment="none: the unit has given no contact"),
        sa.Column("number", sa.Integer(), nullable=False, comment="1, and more for each repetition"),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column(
            "every", sa.Interval(), nullable=True, comment="comes again after this, until the case is signed"
        ),
        sa.Column(
            "about",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="codes and times that the words are made of",
        ),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("first_due_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "unit", "medium", "number"),
    )
    unended = sa.text("ended_at is null")
    op.create_index("notices_due", "notices", ["rank", "due_at"], postgresql_where=unended)
    op.create_index("notices_open_by_case", "notices", ["case_id"], postgresql_where=unended)
    op.create_index("notices_log", "notices", ["unit", "id"])
    op.create_index("notices_ended_at", "notices", ["ended_at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_table("notices")
    op.drop_table("parties")
    op.drop_table("contacts")
