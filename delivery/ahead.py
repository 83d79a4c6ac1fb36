"""A second reading of a topic ahead of its backlog, for what cannot wait: emergencies overtake."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord

from delivery import inbox
from delivery.consumer import Consumer, Event
from delivery.database import is_outage
from delivery.logs import log
from delivery.metrics import BATCHES, CONSUMED, RETRIES

REST_SECONDS = 0.05  # while there is no backlog, which is most of the time
CannotWait = Callable[[bytes], bool]


def ahead_of(group: str) -> str:
    """The group that reads ahead of another."""
    return f"{group}-ahead"


@dataclass
class AheadConsumer(Consumer):
    """Reads what `behind` reads, in a group of its own, and looks at records only while `behind` is not near them.

    `cannot_wait` looks at a record's bytes and must be quick. What it picks is worked at once under the claims of
    `behind`, which meets the same records later and finds them done. Whatever is unreadable or fails is left to
    `behind`: this is a short cut, and never the only way.
    """

    behind: Consumer = field(kw_only=True)
    cannot_wait: CannotWait = field(kw_only=True)

    async def _work(self, records: Sequence[ConsumerRecord]) -> None:
        BATCHES.labels(self.name, self.topic.name).observe(len(records))
        if await self.behind.is_near(records):
            await asyncio.sleep(REST_SECONDS)  # nothing waits for a look; what comes meanwhile is one
            return
        picked = [event for record in records for event in self._picked(record)]
        if picked:
            await self._overtake(picked)

    async def _keep_pace_with_the_relay(self) -> None:
        """It says little, and what it looks for cannot wait."""

    def _picked(self, record: ConsumerRecord) -> list[Event]:
        try:
            return self._read(record) if record.value and self.cannot_wait(record.value) else []
        except Exception:  # whatever it is, it is no reason to stop looking at the others
            return []

    async def _overtake(self, events: list[Event]) -> None:
        by_id = {event.event_id: event for event in events}
        try:
            async with self.database.transaction() as connection:
                claimed = await inbox.claim(connection, self.behind.name, by_id)
                if claimed:
                    await self.handle(
                        connection, [by_id[event_id] for event_id in by_id if event_id in claimed]
                    )
        except Exception as error:
            if is_outage(error):
                raise
            RETRIES.labels(self.name, self.topic.name).inc()
            log.warning(
                "left to the others", topic=self.topic.name, consumer=self.name, error=type(error).__name__
            )
            return
        CONSUMED.labels(self.name, self.topic.name).inc(len(claimed))
