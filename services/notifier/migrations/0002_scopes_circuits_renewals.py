"""Who may see what: the directory and relations; how targets do; deliveries asked for again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TIME = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "directory",
        sa.Column("what", sa.Text(), nullable=False, comment="area or unit"),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True, comment="of a unit: the one it serves"),
        sa.Column("kind", sa.Text(), nullable=True, comment="of a unit"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("what", "code"),
    )
    op.create_table(
        "directory_changes",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False, comment="1: the only row"),
        sa.Column(
            "number",
            sa.BigInteger(),
            nullable=False,
            comment="grows with each change: who holds another loads anew",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column(
        "feed",
        sa.Column(
            "told",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
            comment="those of units only copied",
        ),
    )
    op.add_column("subscriptions", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("subscriptions", sa.Column("failing_since", _TIME, nullable=True))
    op.add_column(
        "subscriptions", sa.Column("probe_at", _TIME, nullable=True, comment="null: the circuit is closed")
    )
    op.add_column("subscriptions", sa.Column("last_error", sa.Text(), nullable=True))
    op.add_column(
        "subscriptions",
        sa.Column("skip_before", _TIME, nullable=True, comment="what is older is not wanted any more"),
    )
    op.add_column(
        "deliveries",
        sa.Column(
            "relation", sa.Text(), nullable=True, comment="of the subscriber to the case; null: a test"
        ),
    )
    op.add_column(
        "deliveries", sa.Column("renewed_at", _TIME, server_default=sa.text("now()"), nullable=False)
    )
    op.add_column(
        "deliveries", sa.Column("former_attempts", sa.Integer(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    for column in ("former_attempts", "renewed_at", "relation"):
        op.drop_column("deliveries", column)
    for column in ("skip_before", "last_error", "probe_at", "failing_since", "failures"):
        op.drop_column("subscriptions", column)
    op.drop_column("feed", "told")
    op.drop_table("directory_changes")
    op.drop_table("directory")
