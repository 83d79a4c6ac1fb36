"""How an attempt at a message ended, and the columns that its store keeps of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from delivery.channels.channel import Answer
from delivery.channels.retrying import Verdict


@dataclass(frozen=True)
class Ended:
    """`id` and `attempt` tell whether the claim still stood."""

    id: UUID
    attempt: int
    answer: Answer
    verdict: Verdict


AS_ENDED = """unnest($2::uuid[], $3::int[], $4::int[], $5::text[], $6::text[], $7::float[])
    as e (id, attempt, code, error, status, pause)"""


# a letter or digest as it was tried: lines that went out together are due together, and nothing else then
AS_TRIED = "case when attempts > 0 then (due_at, attempts)::text end"


def columns_of(ended: Sequence[Ended]) -> list[list[Any]]:
    """For `AS_ENDED`, of which the second parameter is the first."""
    return [
        [one.id for one in ended],
        [one.attempt for one in ended],
        [one.answer.code for one in ended],
        [one.answer.error for one in ended],
        [one.verdict.status for one in ended],
        [one.verdict.pause for one in ended],
    ]
