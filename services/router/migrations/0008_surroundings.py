"""What lies and hangs over a report: sensitive places, and weather warnings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_time = sa.TIMESTAMP(timezone=True)


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "sensitive_places",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("geometry", sa.Text(), nullable=False),
    )
    op.create_table(
        "weather_warnings",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("areas", ARRAY(sa.Text()), nullable=False),
        sa.Column("starts_at", _time, nullable=False),
        sa.Column("ends_at", _time, nullable=False),
        sa.Column("stated_by", sa.Text(), nullable=False),
        sa.Column("stated_at", _time, nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
    )
    op.create_index("weather_warnings_by_change", "weather_warnings", ["change"], unique=True)
    op.create_index("weather_warnings_by_end", "weather_warnings", ["ends_at"])


def downgrade() -> None:
    op.drop_table("weather_warnings")
    op.drop_table("sensitive_places")
