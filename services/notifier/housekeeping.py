"""What has to end or go by itself: deliveries that nobody can receive any more, old lines, old logs, old keys."""

import asyncio
from datetime import UTC, datetime

from uuid_utils.compat import uuid7

from delivery import outbox
from delivery.database import Database
from delivery.pauses import HORIZON
from services.notifier.mail import mail_store
from services.notifier.metrics import DELIVERIES, count_mails
from services.notifier.people import notices_store
from services.notifier.settings import Settings
from services.notifier.stating import notices_ended
from services.notifier.store import delivery_log, feed, subscriptions

_SOME = 500  # a transaction; short ones, because a long one would hold up the feed's readers
_EVERY_SECONDS = 30.0
_KEY_DAYS = 7


async def keep_house(database: Database, settings: Settings) -> None:
    while True:
        while await give_up(database, settings):
            pass
        while await forget(database, settings):
            pass
        await asyncio.sleep(_EVERY_SECONDS)


async def give_up(database: Database, settings: Settings) -> int:
    """End what is beyond the horizon or has lost its subscription; gives the number."""
    async with database.transaction() as connection:
        ended = await delivery_log.give_up(
            connection, horizon=HORIZON, feed_days=settings.feed_days, limit=_SOME
        )
        mailed = await mail_store.give_up(connection, _SOME)
        now = datetime.now(UTC)
        await outbox.add(connection, notices_ended(ended, "webhook", at=now, new_id=uuid7))
        await outbox.add(connection, notices_ended(mailed, "email", at=now, new_id=uuid7))
    for row in ended:
        DELIVERIES.labels(row["status"]).inc()
    count_mails(mailed)
    return len(ended) + len(mailed)


async def forget(database: Database, settings: Settings) -> bool:
    """Drop some of what has been kept long enough; True when there may be more."""
    async with database.transaction() as connection:
        lines = await feed.forget(connection, settings.feed_days, _SOME)
        logged = await delivery_log.forget(connection, settings.log_days, _SOME)
        told = await notices_store.forget(connection, settings.log_days, _SOME)
        mailed = await mail_store.forget(connection, settings.log_days, _SOME)
        await subscriptions.forget_keys(connection, _KEY_DAYS)
    return _SOME in (lines, logged, told, mailed)
