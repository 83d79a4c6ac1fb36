"""What is old enough to be forgotten is found by its age: a BRIN finds nothing once rows reuse the space of others."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    op.create_index(
        "deliveries_by_age", "deliveries", ["ended_at"], postgresql_where=sa.text("ended_at is not null")
    )
    op.drop_index("deliveries_ended_at", table_name="deliveries")
    op.create_index(
        "notices_by_age", "notices", ["ended_at"], postgresql_where=sa.text("ended_at is not null")
    )
    op.drop_index("notices_ended_at", table_name="notices")
    op.create_index(
        "mail_lines_by_age", "mail_lines", ["ended_at"], postgresql_where=sa.text("ended_at is not null")
    )
    op.drop_index("mail_lines_ended_at", table_name="mail_lines")
    op.create_index("inbox_by_age", "inbox", ["seen_at"])
    op.drop_index("inbox_seen_at", table_name="inbox")
    op.create_index("first_answers_by_age", "first_answers", ["asked_at"])
    op.drop_index("first_answers_asked_at", table_name="first_answers")
    op.create_index(
        "mail_lines_open", "mail_lines", ["subscription_id"], postgresql_where=sa.text("ended_at is null")
    )


def downgrade() -> None:
    op.drop_index("mail_lines_open", table_name="mail_lines")
    op.create_index("deliveries_ended_at", "deliveries", ["ended_at"], postgresql_using="brin")
    op.drop_index("deliveries_by_age", table_name="deliveries")
    op.create_index("notices_ended_at", "notices", ["ended_at"], postgresql_using="brin")
    op.drop_index("notices_by_age", table_name="notices")
    op.create_index("mail_lines_ended_at", "mail_lines", ["ended_at"], postgresql_using="brin")
    op.drop_index("mail_lines_by_age", table_name="mail_lines")
    op.create_index("inbox_seen_at", "inbox", ["seen_at"], postgresql_using="brin")
    op.drop_index("inbox_by_age", table_name="inbox")
    op.create_index("first_answers_asked_at", "first_answers", ["asked_at"], postgresql_using="brin")
    op.drop_index("first_answers_by_age", table_name="first_answers")
