"""Takes submissions in: concurrent ones share a commit, repeats get their first answer again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from delivery.database import Connection, Database, is_outage
from services.intake import store
from services.intake.group_commit import GroupCommit
from services.intake.metrics import ACCEPTED, REPEATED
from services.intake.submission import Idempotency, Submission


@dataclass(frozen=True)
class Receipt:
    """`repeated` when the report had been accepted before."""

    report_id: UUID
    case_id: UUID
    receipt_no: str
    accepted_at: datetime
    repeated: bool = False


class KeyReused(Exception):
    """The idempotency key was used for another body."""


class FrontDoor:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._commits = GroupCommit(self._write, is_outage=is_outage)

    async def submit(self, submission: Submission) -> Receipt:
        """The receipt, once the report and its event are committed; raises KeyReused."""
        outcome = await self._commits.submit(submission)
        if isinstance(outcome, KeyReused):
            raise outcome
        (REPEATED if outcome.repeated else ACCEPTED.labels(submission.given.channel)).inc()
        return outcome

    async def _write(self, submissions: list[Submission]) -> list[Receipt | KeyReused]:
        async with self._database.connection() as connection:
            keys = [submission.idempotency for submission in submissions if submission.idempotency]
            used = await store.find_used_keys(connection, keys) if keys else {}
            outcomes = [_earlier(submission, used) for submission in submissions]
            new = [each for each, earlier in zip(submissions, outcomes, strict=True) if earlier is None]
            try:
                if new:
                    await store.insert_reports(connection, new)
            except asyncpg.UniqueViolationError:
                if len(submissions) > 1:
                    raise  # they come again one by one
                outcomes = [await _committed(connection, submissions[0])]
                if outcomes[0] is None:
                    raise
        self._database.after_commit()
        return [earlier or _receipt(each) for each, earlier in zip(submissions, outcomes, strict=True)]


async def _committed(connection: Connection, submission: Submission) -> Receipt | KeyReused | None:
    """By a twin with its key, quicker by a moment; or by ourselves, when the answer to our commit was lost."""
    if key := submission.idempotency:
        return _earlier(submission, await store.find_used_keys(connection, [key]))
    is_ours = await store.find_report(connection, submission.report_id) is not None
    return _receipt(submission) if is_ours else None


def _earlier(
    submission: Submission, used: dict[tuple[str, str], asyncpg.Record]
) -> Receipt | KeyReused | None:
    key: Idempotency | None = submission.idempotency
    row = used.get((key.caller, key.key)) if key else None
    if key is None or row is None:
        return None
    if row["body_sha256"] != key.body_sha256:
        return KeyReused()
    if row["report_id"] == submission.report_id:
        return _receipt(submission)
    return Receipt(row["report_id"], row["case_id"], row["receipt_no"], row["accepted_at"], repeated=True)


def _receipt(submission: Submission) -> Receipt:
    return Receipt(submission.report_id, submission.case_id, submission.receipt_no, submission.accepted_at)
