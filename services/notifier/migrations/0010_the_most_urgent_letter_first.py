"""Mail that is due is looked for by its urgency: what is critical waits behind no morning's digests."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_index(
        "mail_lines_due_by_urgency",
        "mail_lines",
        [sa.text("coalesce(urgency, '')"), "due_at"],
        postgresql_where=sa.text("ended_at is null"),
    )
    op.drop_index("mail_lines_due", table_name="mail_lines")


def downgrade() -> None:
    op.create_index("mail_lines_due", "mail_lines", ["due_at"], postgresql_where=sa.text("ended_at is null"))
    op.drop_index("mail_lines_due_by_urgency", table_name="mail_lines")
