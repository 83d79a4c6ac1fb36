"""What assessment counts."""

from prometheus_client import Counter, Gauge

from services.assessment.cohort import Outcome

FINISHED = Counter("casegrid_assignments_finished", "Assignments finished", ["outcome"])
OPEN = Gauge("casegrid_assignments_open", "Assignments not finished", ["late"])

for ended in (Outcome.IN_TIME, Outcome.LATE):
    FINISHED.labels(ended)  # a series that is born with its first count shows no increase
