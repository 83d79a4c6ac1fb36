"""Intake's tables: reports, the vault of personal data, idempotency, what residents are told and say, inbox and
outbox."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB

from delivery.inbox import inbox_table
from delivery.outbox import outbox_table

metadata = sa.MetaData()
_time = sa.TIMESTAMP(timezone=True)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("report_id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("receipt_no", sa.Text, nullable=False, unique=True),
    sa.Column("accepted_at", _time, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("submitted_by", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),  # the report as it left: redacted, without address and reporter
    sa.Column("envelope", JSONB),  # of its event; null: accepted before this was kept
    sa.Index("reports_by_time", "accepted_at", postgresql_using="brin"),
)

vault = sa.Table(
    "vault",
    metadata,
    sa.Column("report_id", sa.Uuid, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("address", sa.Text),
    sa.Column("reporter_name", sa.Text),
    sa.Column("reporter_phone", sa.Text),
    sa.Column("reporter_email", sa.Text),
    sa.Column("attachments", JSONB, nullable=False),
)

vault_reads = sa.Table(
    "vault_reads",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("report_id", sa.Uuid, nullable=False),
    sa.Column("reader", sa.Text, nullable=False),
    sa.Column("fields", ARRAY(sa.Text), nullable=False),
    sa.Column("purpose", sa.Text),
    sa.Column("read_at", _time, nullable=False, server_default=sa.func.now()),
    sa.Index("vault_reads_by_report", "report_id", "read_at"),
)

# up to which moment all closings were looked at: what they closed long ago has left the vault
vault_cleared = sa.Table(
    "vault_cleared",
    metadata,
    sa.Column("vault", sa.Text, primary_key=True),  # the one row
    sa.Column("closed_until", _time, nullable=False),
)

# kept as long as the reports are: whoever sends a file of them again after months makes none twice
idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("body_sha256", BYTEA, nullable=False),
    sa.Column("report_id", sa.Uuid, nullable=False),
    sa.Column("created_at", _time, nullable=False, server_default=sa.func.now()),
)

case_progress = sa.Table(
    "case_progress",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("case_version", sa.Integer, primary_key=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("at", _time, nullable=False),
    sa.Column("expected_by", _time),  # the limit that this step set
    sa.Column("reason", sa.Text),  # a code of reasons.py, where the step does not say all
    sa.Column("until", _time),  # the moment that the reason names
    sa.Index("case_progress_closed", "at", postgresql_where=sa.text("step = 'closed'")),
)

# until when a case is to be done, as its clock of handling says last; null: it does not run
promises = sa.Table(
    "promises",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("case_version", sa.Integer, nullable=False),
    sa.Column("expected_by", _time),
)

# into which other case a report's case was merged; null again when that was taken back
joined = sa.Table(
    "joined",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("case_version", sa.Integer, nullable=False),
    sa.Column("master", sa.Uuid),
    sa.Column("at", _time, nullable=False),
    sa.Index("joined_by_master", "master", postgresql_where=sa.text("master is not null")),
)

# what a case is about and who has to do with it, for those who ask whether a report has been made already, or for one
matters = sa.Table(
    "matters",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("category", sa.Text),
    sa.Column("privacy", sa.Text),
    sa.Column("lon", sa.Double),
    sa.Column("lat", sa.Double),
    sa.Column("component_id", sa.Text),
    sa.Column("privacy_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column(
        "acting", ARRAY(sa.Text), nullable=False, server_default="{}"
    ),  # units that ever led, helped, decided
    sa.Column(
        "acting_at", JSONB, nullable=False, server_default="{}"
    ),  # in which version each of them last acted
    sa.Column(
        "given_anew", sa.Integer, nullable=False, server_default="0"
    ),  # the version that named all of them
    sa.Column("told", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("grid", sa.Text),  # as it was said with the privacy
    sa.Column("beside", sa.Uuid),  # of an emergency: the case of its report, an application
    sa.Column("filed_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("is_open", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("open_version", sa.Integer, nullable=False, server_default="0"),
    sa.Index("matters_open_by_place", "lat", "lon", postgresql_where=sa.text("is_open")),
    sa.Index(
        "matters_open_by_component",
        "component_id",
        postgresql_where=sa.text("is_open and component_id is not null"),
    ),
    sa.Index("matters_beside", "beside", postgresql_where=sa.text("beside is not null")),
)

# who reports to whom and which ground lies in which, as the directory says it
units = sa.Table(
    "units",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("parent", sa.Text),
    sa.Column("tier", sa.Text),  # this and the area: unknown of what was said before they were kept
    sa.Column("area", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
)

areas = sa.Table(
    "areas",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("parent", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
)

follow_ups = sa.Table(
    "follow_ups",
    metadata,
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("report_id", sa.Uuid, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("said_at", _time, nullable=False),
    sa.Column("said_by", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),  # as it left: redacted
    sa.Column("caller", sa.Text),  # with an idempotency key only
    sa.Column("key", sa.Text),
    sa.Column("body_sha256", BYTEA),
    sa.Index("follow_ups_by_report", "report_id", "said_at"),
    sa.Index("follow_ups_by_key", "caller", "key", unique=True, postgresql_where=sa.text("key is not null")),
)

# what reporters are told; where to, only the vault knows
resident_messages = sa.Table(
    "resident_messages",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("sequence", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("report_id", sa.Uuid, nullable=False),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("step", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("until", _time),
    sa.Column("way", sa.Text),  # where the law sends the reporter, or what a unit lets him know: redacted
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("medium", sa.Text),  # of the latest attempt
    sa.Column("about_event", sa.Uuid, nullable=False),
    sa.Column("about_type", sa.Text, nullable=False),
    sa.Column("about_case", sa.Uuid, nullable=False),
    sa.Column("about_version", sa.Integer, nullable=False),
    sa.Column("correlation_id", sa.Uuid, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("code", sa.Integer),
    sa.Column("error", sa.Text),
    sa.Column("created_at", _time, nullable=False, server_default=sa.func.now()),
    sa.Column("first_due_at", _time, nullable=False),
    sa.Column("due_at", _time, nullable=False),  # next attempt; while one is under way, the end of its lease
    sa.Column("ended_at", _time),
    sa.UniqueConstraint("report_id", "about_event", "kind"),
    sa.Index("resident_messages_due", "due_at", postgresql_where=sa.text("ended_at is null")),
    sa.Index("resident_messages_by_report", "report_id", "sequence"),
)

outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
