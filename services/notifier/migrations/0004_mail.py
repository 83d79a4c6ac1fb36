"""mail: subscriptions by e-mail, their lines of the feed, how far it was read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "mail_subscriptions",
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column(
            "paces",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="immediate, hourly or daily by urgency",
        ),
        sa.Column("confirm_token", sa.Text(), nullable=False),
        sa.Column("leave_token", sa.Text(), nullable=False),
        sa.Column("confirmed_at", _TIME, nullable=True),
        sa.Column("left_at", _TIME, nullable=True),
        sa.Column("created_at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id"),
        sa.UniqueConstraint("confirm_token"),
        sa.UniqueConstraint("leave_token"),
    )
    op.create_table(
        "mail_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="event or confirmation"),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("event_type", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("correlation_id", sa.Uuid(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=True),
        sa.Column("about", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("first_due_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("subscription_id", "event_id"),
    )
    unended = sa.text("ended_at is null")
    op.create_index("mail_lines_due", "mail_lines", ["due_at"], postgresql_where=unended)
    op.create_index("mail_lines_ended_at", "mail_lines", ["ended_at"], postgresql_using="brin")
    op.create_table(
        "mail_cursor",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False, comment="1: the only row"),
        sa.Column("xid", sa.BigInteger(), nullable=False, comment="how far the feed was read"),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("mail_cursor")
    op.drop_table("mail_lines")
    op.drop_table("mail_subscriptions")
