"""A case that becomes more private while mails and notices about it wait: they tell no more than is allowed now."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CasePrivacyChanged
from contracts.vocabulary import Language, Privacy, Urgency
from delivery.channels.timing import Timetable
from delivery.database import Database
from delivery.settings import ServiceSettings
from services.notifier.mail import mail_store, reading
from services.notifier.mail.lines import PACES
from services.notifier.mail.mailman import Mailman
from services.notifier.settings import Settings
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, NIGHT, STYLE, ZONE, AtATime, Kept, a_contact, heard
from tests.notifier.rows import a_subscription, all_rows, happened, notices_in

GRID, CATEGORY, ADDRESS = "G-7", "C01-02", "duty@lights.example"


def dispatched(case_id: UUID, **more: Any) -> Any:
    about = {"grid": GRID, "category": CATEGORY, "urgency": Urgency.GENERAL, "recorded_at": DAY}
    return an_event(a_dispatch(co_handlers=(), copies=()), case_id=case_id, **about | more)


def becomes(case_id: UUID, level: Privacy) -> Any:
    changed = CasePrivacyChanged(before=Privacy.OPEN, after=level)
    return an_event(changed, case_id=case_id, case_version=2, recorded_at=DAY)


async def a_reader(database: Database, owner: str | None) -> Callable[[], Awaitable[int]]:
    """Reads on for a confirmed subscription to what is dispatched."""
    subscription = await a_subscription(
        database, channel="email", target=ADDRESS, owner=owner, filter={"event_types": ["case.dispatched"]}
    )
    async with database.transaction() as connection:
        tokens = (f"confirm-{subscription}", f"leave-{subscription}")
        await mail_store.begin(
            connection, subscription, language=Language.ZH, paces=PACES, tokens=tokens, line_id=uuid7()
        )
        await mail_store.confirm(connection, subscription)
    read_on = partial(reading.advance, database, Timetable(ZONE))
    await read_on()
    return read_on


@pytest.mark.parametrize("is_late", [False, True], ids=["before the line", "while it waits"])
@pytest.mark.parametrize(
    ("owner", "level", "is_sent"),
    [
        ("LIGHTS", Privacy.RESTRICTED, True), ("LIGHTS", Privacy.CONFIDENTIAL, True), ("LIGHTS", Privacy.SEALED, False),
        (None, Privacy.RESTRICTED, True), (None, Privacy.CONFIDENTIAL, False), (None, Privacy.SEALED, False),
    ],
)  # fmt: skip
async def test_a_digest_leaves_out_what_its_reader_may_not_read_any_more(
    database: Database,
    settings: ServiceSettings,
    owner: str | None,
    level: Privacy,
    is_sent: bool,
    is_late: bool,
) -> None:
    read_on, kept, private, other = await a_reader(database, owner), Kept(), uuid7(), uuid7()
    await happened(database, [dispatched(private), dispatched(other)])
    if is_late:
        await read_on()
    await happened(database, [becomes(private, level)])
    await read_on()
    tomorrow = DAY + timedelta(days=1)
    mailman = Mailman(database, Settings(**settings.model_dump()), STYLE, now=lambda: tomorrow)
    await mailman.turn(kept)
    await mailman.settle()
    (digest,) = [message for message in kept.messages if message.unsubscribe]
    assert (str(private) in digest.text, str(other) in digest.text) == (is_sent, True)
    waits = "select case_id from mail_lines where kind = 'event' and ended_at is null"
    assert await all_rows(database, waits) == [], "what is stopped does not come again"
    stated = {notice["case_id"] for notice in await notices_in(database)}
    assert stated == {str(other)} | ({str(private)} if is_sent else set())


@pytest.mark.parametrize(
    ("level", "is_told"),
    [(Privacy.RESTRICTED, True), (Privacy.CONFIDENTIAL, True), (Privacy.SEALED, False)],
)
@pytest.mark.parametrize("urgency", [Urgency.GENERAL, Urgency.CRITICAL])
async def test_a_notice_says_where_and_what_only_while_its_case_is_not_sealed(
    database: Database, level: Privacy, is_told: bool, urgency: Urgency
) -> None:
    """The one that waits for the morning, and the one that comes again."""
    await a_contact(database, "LIGHTS")
    clock, order = AtATime(database, NIGHT), dispatched(uuid7(), urgency=urgency, recorded_at=NIGHT)
    await happened(database, [order])
    await heard(database, order)
    await clock.works()
    raised = becomes(order.case_id, level)
    await happened(database, [raised])
    await heard(database, raised)
    clock.now += timedelta(hours=12)
    await clock.teller.turn(clock.kept)
    await clock.teller.settle()
    (message,) = clock.kept.messages
    said = message.subject + message.text
    assert (GRID in said, CATEGORY in said, str(order.case_id) in said) == (is_told, is_told, True)
