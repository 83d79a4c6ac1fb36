"""What follows from a subscriber's answer."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import DeliveryStatus
from delivery.pauses import HORIZON, JITTER, PAUSES
from services.notifier.retry import (
    FORGOTTEN,
    LONGEST_RETRY_AFTER,
    REFUSED,
    UNREADABLE,
    Answer,
    judge,
    retry_after,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DELIVERED, LATER, NEVER, EXPIRED = (
    DeliveryStatus.DELIVERED,
    DeliveryStatus.TEMPORARY_FAILURE,
    DeliveryStatus.PERMANENT_FAILURE,
    DeliveryStatus.EXPIRED,
)


def judged(answer, *, attempts=1, age=timedelta(0), chance=0.5):
    return judge(answer, attempts=attempts, age=age, now=NOW, chance=chance)


@pytest.mark.parametrize(
    ("answer", "status", "disables"),
    [
        (Answer(200), DELIVERED, False),
        (Answer(204), DELIVERED, False),
        (Answer(299), DELIVERED, False),
        (Answer(301), NEVER, False),
        (Answer(302), NEVER, False),
        (Answer(304), NEVER, False),
        (Answer(400), NEVER, False),
        (Answer(401), NEVER, False),
        (Answer(404), NEVER, False),
        (Answer(408), LATER, False),
        (Answer(409), NEVER, False),
        (Answer(410), NEVER, True),
        (Answer(422), NEVER, False),
        (Answer(425), NEVER, False),
        (Answer(429), LATER, False),
        (Answer(500), LATER, False),
        (Answer(502), LATER, False),
        (Answer(503), LATER, False),
        (Answer(599), LATER, False),
        (Answer(error="timeout"), LATER, False),
        (Answer(error="ClientConnectorError"), LATER, False),
        (Answer(error=REFUSED), NEVER, False),
        (Answer(error=FORGOTTEN), NEVER, False),
        (Answer(error=UNREADABLE), NEVER, False),
    ],
)
def test_answers_by_table(answer, status, disables):
    verdict = judged(answer)
    assert (verdict.status, verdict.disables) == (status, disables)


def test_pauses_grow_and_cover_about_a_day():
    pauses = [judged(Answer(500), attempts=number).pause for number in range(1, len(PAUSES) + 1)]
    assert pauses == sorted(pauses)
    assert 20 * 3600 < sum(pauses) < 28 * 3600 < HORIZON.total_seconds()


def test_after_the_last_pause_it_is_over():
    assert judged(Answer(500), attempts=len(PAUSES)).status == LATER
    assert judged(Answer(500), attempts=len(PAUSES) + 1).status == NEVER


def test_what_is_too_old_expires_unless_it_arrives():
    assert judged(Answer(500), age=HORIZON).status == EXPIRED
    assert judged(Answer(200), age=HORIZON).status == DELIVERED
    assert judged(Answer(404), age=HORIZON).status == NEVER


@given(
    attempts=st.integers(1, len(PAUSES)),
    chance=st.floats(0, 1, exclude_max=True),
    asked=st.none() | st.integers(0, 10**9),
)
def test_no_pause_is_shorter_than_usual_or_asked_or_longer_than_bounded(attempts, chance, asked):
    header = None if asked is None else str(asked)
    pause = judged(Answer(503, retry_after=header), attempts=attempts, chance=chance).pause
    usual, wanted = PAUSES[attempts - 1], min(asked or 0, LONGEST_RETRY_AFTER)
    assert max(usual * (1 - JITTER), wanted) <= pause <= max(usual, wanted) * (1 + JITTER)


@pytest.mark.parametrize("header", ["0", "1", format_datetime(NOW - timedelta(days=1), usegmt=True)])
def test_who_asks_for_no_pause_uses_up_no_attempts(header):
    pauses = [judged(Answer(503, retry_after=header), attempts=number).pause for number in range(2, 13)]
    assert pauses == [float(pause) for pause in PAUSES[1:]]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("1.5", 0),
        ("٣", 0),
        ("0", 0),
        (" 7 ", 7),
        ("86400", 86_400),
        ("999999999999999999999", LONGEST_RETRY_AFTER),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0),
        (format_datetime(NOW + timedelta(days=9), usegmt=True), LONGEST_RETRY_AFTER),
        ("Mon, 23 Nov 2026 12:01:30 -0000", 90),
        ("Mon, 99 Nov 2026 12:01:30 GMT", 0),
    ],
)
def test_retry_after_by_table(header, seconds):
    assert retry_after(header, NOW) == seconds


@given(st.text())
def test_no_retry_after_header_breaks_the_rule(text):
    assert 0 <= retry_after(text, NOW) <= LONGEST_RETRY_AFTER
