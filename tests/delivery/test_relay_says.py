"""What `/health/ready` says of a relay that does nothing."""

import asyncio

import pytest

from delivery.outbox import STALLED_SECONDS, Relay


@pytest.mark.parametrize("trouble", [None, "KafkaConnectionError"])
async def test_a_relay_that_is_stuck_says_why_or_that_nobody_knows(trouble: str | None) -> None:
    relay = Relay("", "")
    relay._task = asyncio.create_task(asyncio.Event().wait())  # type: ignore[arg-type]  # it waits for nobody
    relay._alive_at -= STALLED_SECONDS + 1
    relay.trouble = trouble
    said = relay.problem() or ""
    assert said.startswith("relay has been stuck for")
    assert said.endswith(f": {trouble or 'no answer, and no error either'}")
    relay._task.cancel()
