"""The router's tables: the directory, the rulesets, the cases with their history, inbox and outbox."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from delivery.idempotency import first_answers_table
from delivery.inbox import inbox_table
from delivery.outbox import outbox_table

metadata = sa.MetaData()
_time = sa.TIMESTAMP(timezone=True)

directory_versions = sa.Table(
    "directory_versions",
    metadata,
    sa.Column("version", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("imported_at", _time, nullable=False, server_default=sa.func.now()),
    sa.Column("imported_by", sa.Text, nullable=False),
    # the cases are settled by it: begun once there is an id, up to which it is done, and ended
    sa.Column("settled_to", sa.Uuid),
    sa.Column("settled_at", _time),
)

areas = sa.Table(
    "areas",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text),
    sa.Column("parent", sa.Text),
    sa.Column("boundary", sa.Text, nullable=False),  # GeoJSON geometry
    sa.Column("managed_by", sa.Text),
)

units = sa.Table(
    "units",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_en", sa.Text),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("tier", sa.Text, nullable=False),
    sa.Column("area", sa.Text, nullable=False),
    sa.Column("parent", sa.Text),
    sa.Column("hours", sa.Text),  # its own, such as 07:00-11:00,13:00-17:00
)

# whom an import took out: not forgotten, for whoever is of no unit that is known answers at the desk for all
former_units = sa.Table("former_units", metadata, sa.Column("code", sa.Text, primary_key=True))

duties = sa.Table(
    "duties",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("post", sa.Text, nullable=False),
    sa.Column("starts_at", _time),
    sa.Column("ends_at", _time),
)

sensitive_places = sa.Table(
    "sensitive_places",
    metadata,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("geometry", sa.Text, nullable=False),  # GeoJSON
    sa.Column("name_en", sa.Text),
)

weather_warnings = sa.Table(
    "weather_warnings",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("kind", sa.Text),
    sa.Column("areas", ARRAY(sa.Text), nullable=False),  # none: everywhere
    sa.Column("starts_at", _time, nullable=False),
    sa.Column("ends_at", _time, nullable=False),
    sa.Column("stated_by", sa.Text, nullable=False),
    sa.Column("stated_at", _time, nullable=False),
    sa.Column("change", sa.BigInteger, nullable=False),
    sa.Column("heeded_at", _time),  # when it was last counted for the cases that were open
    sa.Index("weather_warnings_by_change", "change", unique=True),
    sa.Index("weather_warnings_by_end", "ends_at"),
)

rulesets = sa.Table(
    "rulesets",
    metadata,
    sa.Column("version", sa.Text, primary_key=True),
    sa.Column("title_zh", sa.Text, nullable=False),
    sa.Column("title_en", sa.Text, nullable=False),
    sa.Column("effective_from", sa.Date, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # the whole ruleset as JSON, as it is served
    sa.Column("uploaded_at", _time, nullable=False, server_default=sa.func.now()),
    sa.Column("uploaded_by", sa.Text, nullable=False),
)

# appended, never edited: the last one that has started is in force, of two for the same moment the later decision
ruleset_activations = sa.Table(
    "ruleset_activations",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("version", sa.Text, sa.ForeignKey("rulesets.version"), nullable=False),
    sa.Column("starts_at", _time, nullable=False),
    sa.Column("decided_at", _time, nullable=False, server_default=sa.func.now()),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Index("ruleset_activations_in_force", "starts_at", "id"),
)

# appended: the newest of a name is in force
calendars = sa.Table(
    "calendars",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("uploaded_at", _time, nullable=False, server_default=sa.func.now()),
    sa.Column("uploaded_by", sa.Text, nullable=False),
    sa.Index("calendars_by_name", "name", "id"),
)

# index predicates: what is at rest or has ended is in none of them, so queues cost the same after ten million cases
AT_REST_STATES = ("closed", "archived", "rejected", "handed_over", "merged", "voided")
# as an expression of its own, so that no statement but the list takes an index of what rests
LISTED_AT_REST = f"'' || state in {AT_REST_STATES}"
OPEN = f"state not in {AT_REST_STATES}"
AT_THE_DESK = "state in ('reported', 'verifying', 'accepted', 'filed')"

# closed within the last weeks, since what stays closed is archived: where a matter that comes back is looked for
CLOSED = "state = 'closed'"
# the same as expressions, for what looks around a report: of the indices of what is open it can walk the one by place
# alone, and that only where it asks for a place. The planner may take any whose predicate holds, and while it believes
# that nearly nothing is open each seems as good
LOOKED_UP = {condition: condition.replace("state", "state || ''", 1) for condition in (OPEN, CLOSED)}
_PLACE = ("class", "lat", "lon")


def _of_body(path: str, kind: sa.types.TypeEngine[Any] | None = None) -> sa.Computed:
    """Generated, so that what is searched and what the rules know cannot come apart."""
    value = f"body #>> '{{{path}}}'"
    return sa.Computed(f"({value})::{kind}" if kind else value, persisted=True)


cases = sa.Table(
    "cases",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("report_id", sa.Uuid, nullable=False),
    sa.Column("application", sa.Uuid),  # beside which it was opened, of the same report
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("tier", sa.Text),
    sa.Column("lead", sa.Text),
    sa.Column("involved", ARRAY(sa.Text), nullable=False),  # the units that may see it
    sa.Column("grid", sa.Text),
    sa.Column("community", sa.Text),
    sa.Column("town", sa.Text),
    sa.Column("district", sa.Text),
    sa.Column("category", sa.Text),
    sa.Column("urgency", sa.Text, nullable=False),
    sa.Column("urgency_level", sa.SmallInteger, nullable=False),
    sa.Column("reported_at", _time, nullable=False),
    sa.Column("dispatched_at", _time),
    sa.Column("due_at", _time),  # of the handle clock, or of the first clock that is due
    sa.Column("first_due_at", _time),  # of the clock that is due first: when it passes the case is overdue
    sa.Column("wake_at", _time),  # when time alone will change it next; null when only people can
    sa.Column("master", sa.Uuid),  # into which it was merged
    sa.Column("body", JSONB, nullable=False),  # the whole case as the rules know it
    sa.Column("class", sa.Text, sa.Computed("split_part(category, '-', 1)", persisted=True)),
    sa.Column("lon", sa.Double, _of_body("place,lon", sa.Double())),
    sa.Column("lat", sa.Double, _of_body("place,lat", sa.Double())),
    sa.Column("component_id", sa.Text, _of_body("place,component_id")),
    sa.Column("reporter_ref", sa.Text, _of_body("reporter_ref")),
    sa.Index("cases_by_report", "report_id", unique=True, postgresql_where=sa.text("application is null")),
    sa.Index(
        "cases_open_around", *_PLACE, postgresql_where=sa.text(f"lat is not null and {LOOKED_UP[OPEN]}")
    ),
    sa.Index(
        "cases_closed_around", *_PLACE, postgresql_where=sa.text(f"lat is not null and {LOOKED_UP[CLOSED]}")
    ),
    sa.Index(
        "cases_by_component",
        "component_id",
        "reported_at",
        postgresql_where=sa.text("component_id is not null"),
    ),
    sa.Index(
        "cases_by_reporter",
        "reporter_ref",
        "reported_at",
        postgresql_where=sa.text("reporter_ref is not null"),
    ),
    sa.Index("cases_open_by_lead", "lead", postgresql_where=sa.text(OPEN)),
    sa.Index("cases_open_involving", "involved", postgresql_using="gin", postgresql_where=sa.text(OPEN)),
    sa.Index("cases_open_by_tier", "tier", "urgency", postgresql_where=sa.text(OPEN)),
    sa.Index("cases_at_the_desk", "reported_at", postgresql_where=sa.text(AT_THE_DESK)),
    # what is at rest is listed by these, the last reported first: by time, or by what few of them have
    sa.Index("cases_at_rest", "reported_at", "case_id", postgresql_where=sa.text(LISTED_AT_REST)),
    sa.Index(
        "cases_at_rest_by_state",
        "state",
        "reported_at",
        "case_id",
        postgresql_where=sa.text(LISTED_AT_REST),
    ),
    sa.Index(
        "cases_at_rest_by_lead",
        "lead",
        "reported_at",
        "case_id",
        postgresql_where=sa.text(LISTED_AT_REST),
    ),
    sa.Index(
        "cases_at_rest_by_community",
        "community",
        "reported_at",
        "case_id",
        postgresql_where=sa.text(LISTED_AT_REST),
    ),
    sa.Index(
        "cases_at_rest_involving",
        "involved",
        postgresql_using="gin",
        postgresql_where=sa.text(LISTED_AT_REST),
    ),
    sa.Index(
        "cases_at_rest_due",
        "first_due_at",
        postgresql_where=sa.text(f"first_due_at is not null and {LISTED_AT_REST}"),
    ),
    sa.Index("cases_by_grid", "grid", "reported_at"),
    sa.Index("cases_by_time", "reported_at", postgresql_using="brin"),
    sa.Index("cases_to_wake", "wake_at", postgresql_where=sa.text("wake_at is not null")),
    sa.Index("cases_merged", "master", postgresql_where=sa.text("master is not null")),
)

case_events = sa.Table(
    "case_events",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("case_version", sa.Integer, primary_key=True),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("occurred_at", _time, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # the event as it was published
)

# which of them list a case in the bulletin: a limit had passed so long ago that stage L3 came
bulletins = sa.Table(
    "bulletins",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("case_version", sa.Integer, primary_key=True),
    sa.Column("at", _time, nullable=False),
    sa.Index("bulletins_by_time", "at", "case_id", "case_version"),
)

# two cases that may be one matter, for a person to say; answered by the merge, or by the end of either
merge_suggestions = sa.Table(
    "merge_suggestions",
    metadata,
    sa.Column("case_id", sa.Uuid, primary_key=True),
    sa.Column("master_case_id", sa.Uuid, primary_key=True),
    sa.Column("likeness", JSONB, nullable=False),  # the score and its parts
    sa.Column("suggested_at", _time, nullable=False),
    sa.Index("merge_suggestions_by_master", "master_case_id"),
)

# what a reporter wants that a person has to decide: to take the report back, or that a closed case goes on; until he
# has, with the case that answers for the report
reporter_wishes = sa.Table(
    "reporter_wishes",
    metadata,
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("report_id", sa.Uuid, nullable=False),
    sa.Column("wish", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),  # redacted by intake
    sa.Column("wished_at", _time, nullable=False),
    sa.Index("reporter_wishes_by_case", "case_id"),
)

outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
first_answers = first_answers_table(metadata)
