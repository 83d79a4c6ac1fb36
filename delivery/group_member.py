"""A member of a consumer group as batches need it: waits until there is something, and commits offsets seldom."""

import asyncio
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from delivery.stopping import in_time

COMMIT_SECONDS = 0.25
_WAIT_MS = 1000

Batches = dict[TopicPartition, list[ConsumerRecord]]


class GroupMember(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka tells mypy nothing
    """What is done twice is known by the inbox, so an offset is only where to begin again: one commit serves all the
    batches of a moment, where a commit each would cost the broker more than the records."""

    def __init__(self, *topics: str, **options: Any) -> None:
        super().__init__(*topics, **options)
        self._handed: dict[TopicPartition, int] = {}
        self._done: dict[TopicPartition, int] = {}
        self._committing: asyncio.Task[None] | None = None

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> Batches:
        """Never empty: FastStream sleeps after an empty look, and a record that came meanwhile would wait for it."""
        found: Batches = {}
        while not found:
            found = await super().getmany(*partitions, timeout_ms=_WAIT_MS, max_records=max_records)
        self._handed = {partition: records[-1].offset + 1 for partition, records in found.items()}
        return found

    async def commit(self, offsets: Any = None) -> None:
        """FastStream calls it when a batch is done; what was handed out last is committed before long."""
        self._done |= self._handed
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_soon())

    async def waiting(self) -> int | None:
        """Records behind those handed out, by the broker's word: what is known here stands still with the fetching.
        None without a place in the group; who never comes back to it says so nowhere else."""
        if self._coordinator.need_rejoin(self._subscription.subscription):
            return None
        ends = await self.end_offsets(self.assignment())
        try:
            waiting: int = sum([max(0, end - await self.position(place)) for place, end in ends.items()])
        except IllegalStateError:  # its partitions have just been dealt to others
            return None
        return waiting

    async def stop(self) -> None:
        """A coordinator that is gone would be asked without end; what is not committed then, the inbox knows."""
        if self._committing is not None:
            self._committing.cancel()
        await in_time(self._commit_done())
        if not await in_time(super().stop()):
            await in_time(self._fetcher.close())
            await in_time(self._client.close())

    async def _commit_soon(self) -> None:
        await asyncio.sleep(COMMIT_SECONDS)
        self._committing = None
        with suppress(KafkaError):  # the group is dealt anew or the broker is away: the next commit covers it
            await self._commit_done()

    async def _commit_done(self) -> None:
        ours = self.assignment()
        done = {partition: offset for partition, offset in self._done.items() if partition in ours}
        if done:
            await super().commit(done)
        # what another batch has added meanwhile stays for the next time
        self._done = {place: offset for place, offset in self._done.items() if offset > done.get(place, -1)}
