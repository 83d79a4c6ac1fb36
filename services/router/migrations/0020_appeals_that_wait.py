"""Appeals that wait for their decision are looked at when time passes, as everything else that runs."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_RESTS = "'' || state in ('closed', 'archived', 'rejected', 'handed_over', 'merged', 'voided')"


def upgrade() -> None:
    # wait for no lock that the running service holds: fail, and be run again
    op.execute("set local lock_timeout = '5s'")
    # of what rests only appeals have a limit; in an hour no router is left that knows no alarm of theirs
    op.execute(
        f"""update cases set wake_at = now() + interval '1 hour'
            where first_due_at is not null and {_RESTS}"""  # noqa: S608  # our own text
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
