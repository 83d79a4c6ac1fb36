"""The notifier's tables."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from delivery.idempotency import first_answers_table
from delivery.inbox import inbox_table
from delivery.outbox import outbox_table

metadata = sa.MetaData()
_TIME = sa.TIMESTAMP(timezone=True)
_HAS_FAILED = sa.text("status in ('permanent-failure', 'expired', 'not-configured', 'no-contact')")


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, _TIME, nullable=False, server_default=sa.func.now())


subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("owner", sa.Text, comment="unit; null: made by an administrator without one"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("target", sa.Text),
    sa.Column("filter", JSONB, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="active"),
    # in clear: a signature needs the secret itself, no hash of it will do; disk and backups must be guarded
    sa.Column("secret", sa.Text),
    sa.Column("former_secret", sa.Text),
    sa.Column("former_until", _TIME),
    sa.Column(
        "earlier_secrets",
        JSONB,
        nullable=False,
        server_default="[]",
        comment="before the former one: each with the time until which it signs",
    ),
    sa.Column("created_by", sa.Text, nullable=False),
    _time("created_at"),
    _time("updated_at"),
    # how its target does: failures in a row, since when, and when an open circuit is probed next
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failing_since", _TIME),
    sa.Column("probe_at", _TIME, comment="null: the circuit is closed"),
    sa.Column("last_error", sa.Text),
    sa.Column("skip_before", _TIME, comment="what is older is not wanted any more"),
    sa.Index("subscriptions_owner", "owner", "id"),
)

idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("body_sha256", BYTEA, nullable=False),
    sa.Column("subscription_id", sa.Uuid, nullable=False),
    _time("created_at"),
)

involved = sa.Table(
    "involved",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("lead", sa.Text),
    sa.Column("co_handlers", JSONB, nullable=False),
    sa.Column("copies", JSONB, nullable=False),
    sa.Column("units_version", sa.Integer, nullable=False),
    sa.Column("privacy", sa.Text),
    sa.Column("privacy_version", sa.Integer, nullable=False),
)

feed = sa.Table(
    "feed",
    metadata,
    sa.Column("position", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    # of the transaction that wrote the line, or a later one if it saw lines of that: lines become visible in its
    # order, not in that of `position`
    sa.Column("xid", sa.BigInteger, nullable=False),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("event_type", sa.Text, nullable=False),
    sa.Column("schema_version", sa.Integer, nullable=False),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("correlation_id", sa.Uuid, nullable=False),
    sa.Column("occurred_at", _TIME, nullable=False),
    sa.Column("recorded_at", _TIME, nullable=False),
    sa.Column("tier", sa.Text),
    sa.Column("grid", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("urgency", sa.Text),
    sa.Column("units", JSONB, nullable=False),
    sa.Column("told", JSONB, nullable=False, server_default="[]", comment="those of units only copied"),
    sa.Column("privacy", sa.Text),
    sa.Column("body", BYTEA, nullable=False),
    sa.Index("feed_order", "xid", "position"),
    sa.Index("feed_recorded_at", "recorded_at"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("subscription_id", sa.Uuid, nullable=False),
    sa.Column("cause", sa.Text, nullable=False, comment="event, replay or test"),
    sa.Column("position", sa.BigInteger, comment="in the feed; null: a test, which is about nothing"),
    sa.Column("event_id", sa.Uuid),
    sa.Column("event_type", sa.Text, nullable=False),
    sa.Column("case_id", sa.Uuid),
    sa.Column("correlation_id", sa.Uuid),
    sa.Column("status", sa.Text, nullable=False, server_default="created"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("relation", sa.Text, comment="of the subscriber to the case; null: a test"),
    _time("created_at"),
    # when it was created, or asked for again: from then on tries and age count
    _time("renewed_at"),
    sa.Column("former_attempts", sa.Integer, nullable=False, server_default="0"),
    # next attempt; while one is under way, the end of its lease: then its worker is taken for dead
    _time("due_at"),
    sa.Column("ended_at", _TIME),
    sa.Index("deliveries_log", "subscription_id", "sequence"),
    sa.Index(
        "deliveries_due",
        "subscription_id",
        "due_at",
        "sequence",
        postgresql_where=sa.text("ended_at is null"),
    ),
    sa.Index(
        "deliveries_order",
        "subscription_id",
        "case_id",
        "sequence",
        postgresql_where=sa.text("ended_at is null"),
    ),
    sa.Index("deliveries_failed", "subscription_id", "sequence", postgresql_where=_HAS_FAILED),
    sa.Index("deliveries_by_age", "ended_at", postgresql_where=sa.text("ended_at is not null")),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("delivery_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("ended_at", _TIME, nullable=False),
    sa.Column("seconds", sa.Float(53), nullable=False),
    sa.Column("status_code", sa.Integer),
    sa.Column("error", sa.Text),
)

replays = sa.Table(
    "replays",
    metadata,
    sa.Column("subscription_id", sa.Uuid, primary_key=True),
    sa.Column("since", _TIME, nullable=False),
    sa.Column("xid", sa.BigInteger, nullable=False, comment="how far it has come"),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("until_xid", sa.BigInteger, nullable=False, comment="what is newer was sent as it came"),
)

directory = sa.Table(
    "directory",
    metadata,
    sa.Column("what", sa.Text, primary_key=True, comment="area or unit"),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("parent", sa.Text),
    sa.Column("area", sa.Text, comment="of a unit: the one it serves"),
    sa.Column("kind", sa.Text, comment="of a unit"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("gone_at", _TIME, comment="an import took it out: where it stood last"),
)

directory_changes = sa.Table(
    "directory_changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False, comment="1: the only row"),
    sa.Column(
        "number",
        sa.BigInteger,
        nullable=False,
        comment="grows with each change: who holds another loads anew",
    ),
)

# where people on duty are reached: personal data, in this database and nowhere else
contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("app", sa.Text),
    sa.Column("quiet_from", sa.Time),
    sa.Column("quiet_to", sa.Time),
    sa.Column("updated_by", sa.Text, nullable=False),
    _time("updated_at"),
)

parties = sa.Table(
    "parties",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("body", JSONB, nullable=False),
    sa.Column("waits_for_signature", sa.Boolean, nullable=False),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("event_type", sa.Text, nullable=False),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("correlation_id", sa.Uuid, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("post", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="order, alarm or news"),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("rank", sa.SmallInteger, nullable=False, comment="of the urgency: the highest goes first"),
    sa.Column("medium", sa.Text, nullable=False, comment="none: the unit has given no contact"),
    sa.Column("number", sa.Integer, nullable=False, comment="1, and more for each repetition"),
    sa.Column("digest", sa.Boolean, nullable=False),
    sa.Column("every", sa.Interval, comment="comes again after this, until the case is signed"),
    sa.Column("about", JSONB, nullable=False, comment="codes and times that the words are made of"),
    sa.Column("status", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("code", sa.Integer),
    sa.Column("error", sa.Text),
    _time("created_at"),
    sa.Column("first_due_at", _TIME, nullable=False),
    # next attempt; while one is under way, the end of its lease
    sa.Column("due_at", _TIME, nullable=False),
    sa.Column("ended_at", _TIME),
    sa.Column(
        "overtaken",
        sa.Boolean,
        nullable=False,
        server_default=sa.text("false"),
        comment="by a later order: neither tried nor told again",
    ),
    sa.UniqueConstraint("event_id", "unit", "medium", "number"),
    sa.Index("notices_due", "rank", "due_at", postgresql_where=sa.text("ended_at is null")),
    sa.Index("notices_open_by_case", "case_id", postgresql_where=sa.text("ended_at is null")),
    sa.Index("notices_log", "unit", "id"),
    sa.Index("notices_failed", "unit", "id", postgresql_where=_HAS_FAILED),
    sa.Index("notices_by_age", "ended_at", postgresql_where=sa.text("ended_at is not null")),
)

mail_subscriptions = sa.Table(
    "mail_subscriptions",
    metadata,
    sa.Column("subscription_id", sa.Uuid, primary_key=True),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("paces", JSONB, nullable=False, comment="immediate, hourly or daily by urgency"),
    # in clear: each letter holds the link that ends it
    sa.Column("confirm_token", sa.Text, nullable=False, unique=True),
    sa.Column("leave_token", sa.Text, nullable=False, unique=True),
    sa.Column("confirmed_at", _TIME),
    sa.Column("left_at", _TIME),
    _time("created_at"),
)

mail_lines = sa.Table(
    "mail_lines",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("subscription_id", sa.Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="event or confirmation"),
    sa.Column("event_id", sa.Uuid),
    sa.Column("event_type", sa.Text),
    sa.Column("case_id", sa.Uuid),
    sa.Column("correlation_id", sa.Uuid),
    sa.Column("urgency", sa.Text),
    sa.Column("about", JSONB),
    sa.Column("status", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("code", sa.Integer),
    sa.Column("error", sa.Text),
    _time("created_at"),
    sa.Column("first_due_at", _TIME, nullable=False),
    sa.Column("due_at", _TIME, nullable=False),
    sa.Column("ended_at", _TIME),
    sa.UniqueConstraint("subscription_id", "event_id"),
    sa.Index(
        "mail_lines_due_by_urgency",
        sa.text("coalesce(urgency, '')"),
        "due_at",
        postgresql_where=sa.text("ended_at is null"),
    ),
    sa.Index("mail_lines_open", "subscription_id", postgresql_where=sa.text("ended_at is null")),
    sa.Index("mail_lines_by_age", "ended_at", postgresql_where=sa.text("ended_at is not null")),
)

mail_cursor = sa.Table(
    "mail_cursor",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False, comment="1: the only row"),
    sa.Column("xid", sa.BigInteger, nullable=False, comment="how far the feed was read"),
    sa.Column("position", sa.BigInteger, nullable=False),
)

outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
first_answers = first_answers_table(metadata)
