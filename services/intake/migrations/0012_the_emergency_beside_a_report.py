"""Which case is the emergency of a report that is an application: its units may read the report as well."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.add_column("matters", sa.Column("beside", sa.Uuid(), nullable=True))
    op.create_index("matters_beside", "matters", ["beside"], postgresql_where=sa.text("beside is not null"))


def downgrade() -> None:
    op.drop_index("matters_beside", table_name="matters")
    op.drop_column("matters", "beside")
