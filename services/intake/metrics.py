"""What intake counts."""

from prometheus_client import Counter

ACCEPTED = Counter("casegrid_reports_accepted", "Reports accepted", ["channel"])
REPEATED = Counter("casegrid_reports_repeated", "Submissions that repeated an accepted one")
RESIDENTS_TOLD = Counter(
    "casegrid_residents_told", "Messages to reporters that ended", ["message", "medium", "outcome"]
)
ERASED = Counter("casegrid_vault_erased", "Reports whose personal data were kept long enough")
REFUSED = Counter("casegrid_reports_refused", "Submissions refused", ["reason"])
