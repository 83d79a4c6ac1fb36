"""What intake counts."""

from prometheus_client import Counter

ACCEPTED = Counter("casegrid_reports_accepted", "Reports accepted", ["channel"])
REPEATED = Counter("casegrid_reports_repeated", "Submissions that repeated an accepted one")
REFUSED = Counter("casegrid_reports_refused", "Submissions refused", ["reason"])
