"""How far the vault is cleared of what was closed long ago, and the index that finds it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "vault_cleared",
        sa.Column("vault", sa.Text(), primary_key=True),
        sa.Column("closed_until", sa.TIMESTAMP(timezone=True), nullable=False),
    )
    op.execute("insert into vault_cleared values ('vault', '2000-01-01T00:00Z')")
    op.create_index(
        "case_progress_closed", "case_progress", ["at"], postgresql_where=sa.text("step = 'closed'")
    )


def downgrade() -> None:
    op.drop_index("case_progress_closed", table_name="case_progress")
    op.drop_table("vault_cleared")
