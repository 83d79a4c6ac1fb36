"""What the router counts."""

from prometheus_client import Counter, Gauge, Histogram

CASES_DISPATCHED = Counter(
    "casegrid_cases_dispatched", "Cases given to a unit for the first time", ["tier", "urgency"]
)
REPORT_TO_DISPATCH = Histogram(
    "casegrid_report_to_dispatch_seconds",
    "From the acceptance of a report to its dispatch",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300),
)
OPEN_CASES = Gauge("casegrid_open_cases", "Cases that are not at rest", ["tier", "urgency"])
OLDEST_UNDISPATCHED = Gauge(
    "casegrid_oldest_undispatched_seconds", "Age of the oldest report not dispatched yet"
)
UNACCOUNTED = Gauge(
    "casegrid_unaccounted", "Cases that break a promise of the ledger; 0 in a steady state", ["what"]
)
UNACCOUNTED_OLDEST = Gauge(
    "casegrid_unaccounted_oldest_seconds", "Age of the oldest case that breaks it", ["what"]
)
COMMANDS = Counter("casegrid_commands", "Commands on cases", ["command", "outcome"])
ALARMS = Counter("casegrid_alarms", "What time alone brought to cases", ["command", "outcome"])
ALARM_DELAY = Histogram(
    "casegrid_alarm_delay_seconds",
    "From the moment when something was due to the moment when it was done",
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300),
)
