"""What every service counts; a service's own numbers stand beside what they are about."""

from prometheus_client import Counter, Gauge, Histogram

CONSUMED = Counter("casegrid_consumed_events", "Events worked, duplicates left out", ["consumer", "topic"])
BATCHES = Histogram(
    "casegrid_consumed_batch_records",
    "Records in a batch",
    ["consumer", "topic"],
    buckets=(1, 5, 20, 100, 300, 500),
)
RETRIES = Counter("casegrid_consumer_retries", "Batches that had to come again", ["consumer", "topic"])
DEAD_LETTERS = Counter("casegrid_dead_letters", "Records given up on", ["consumer", "topic"])
LOOP_FAILURES = Counter("casegrid_loop_failures", "Runs of a loop that failed", ["service", "loop"])
MEASURE_FAILURES = Counter(
    "casegrid_measure_failures", "Measures before a scrape that failed", ["service", "measure"]
)
LAG = Gauge(
    "casegrid_consumer_lag", "Records that wait in the partitions this process reads", ["consumer", "topic"]
)
OUTBOX_DEPTH = Gauge("casegrid_outbox_depth", "Messages that wait to be sent", ["service"])
OUTBOX_AGE = Gauge("casegrid_outbox_age_seconds", "Age of the oldest message that waits", ["service"])
OUTBOX_SENT = Gauge(
    "casegrid_outbox_sent", "Messages this process's relay has sent since it began", ["service"]
)
HTTP_REQUESTS = Counter(
    "casegrid_http_requests", "Requests answered", ["service", "method", "route", "status"]
)
HTTP_SECONDS = Histogram(
    "casegrid_http_request_seconds",
    "Time to answer",
    ["service", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
