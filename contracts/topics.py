"""The topics, who writes each and what its key is."""

from dataclasses import dataclass

from contracts.vocabulary import Tier

KEPT_DAYS = 30  # so long may a reader be away; a compacted topic keeps the last of each key for good


@dataclass(frozen=True)
class Topic:
    name: str
    writer: str
    key: str
    holds: str
    partitions: int = 6
    compacted: bool = False

    @property
    def dead(self) -> str:
        """Where a record goes that a consumer gave up on, as it was, with the reason."""
        return f"{self.name}.dead"


REPORTS = Topic("reports.v1", "intake", "case_id", "what residents, operators and grid workers said")
CASES = Topic("cases.v1", "router", "case_id", "every fact of a case's life, in order per case")
DISPATCH = {
    tier: Topic(f"dispatch.{tier}.v1", "router", "case_id", f"dispatch orders led by a {tier} unit")
    for tier in Tier
}
DIRECTORY = Topic(
    "directory.v1",
    "router",
    "code",
    "areas, units and duty people as they stand",
    partitions=1,
    compacted=True,
)
NOTICES = Topic("notices.v1", "notifier, intake", "case_id", "what was sent to whom and how it ended")
ASSESSMENTS = Topic("assessments.v1", "assessment", "subject", "published scores")

TOPICS = (REPORTS, CASES, *DISPATCH.values(), DIRECTORY, NOTICES, ASSESSMENTS)
