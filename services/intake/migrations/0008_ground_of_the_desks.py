"""Where a case lies, and which ground each unit serves: the desk of a unit reads what lies on its own.

Of units that were said before, tier and area are unknown until the directory is imported again; till then their desks
read what they act on or are told of.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COLUMNS = {"units": ("tier", "area"), "matters": ("grid",)}


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    # 0005 was run without it before it made this table too
    op.create_table(
        "units",
        sa.Column("code", sa.Text(), primary_key=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        if_not_exists=True,
    )
    for table, columns in _COLUMNS.items():
        for name in columns:
            op.add_column(table, sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "areas",
        sa.Column("code", sa.Text(), primary_key=True),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("areas")
    for table, columns in _COLUMNS.items():
        for name in columns:
            op.drop_column(table, name)
