"""What assessment counts."""

from prometheus_client import Counter, Gauge

FINISHED = Counter("casegrid_assignments_finished", "Assignments finished", ["outcome"])
OPEN = Gauge("casegrid_assignments_open", "Assignments not finished", ["late"])
