"""Each line of mail that ends is counted by how, also where nobody is to be told any more."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from prometheus_client.parser import text_string_to_metric_families

from contracts.facts.case import CasePrivacyChanged
from contracts.vocabulary import Privacy, Urgency
from tests.notifier.case_facts import an_event
from tests.notifier.mails import Mails, a_fact
from tests.notifier.rows import all_rows, happened


async def counted(mails: Mails) -> dict[tuple[str, str], float]:
    """As Prometheus scrapes it: by kind and outcome."""
    text = (await mails.client.get("/metrics")).text
    return {
        (sample.labels["kind"], sample.labels["outcome"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "casegrid_mails_total"
    }


async def somebody_leaves(mails: Mails, headers: Any, subscription: UUID) -> None:
    (row,) = await all_rows(mails.service.database, "select leave_token from mail_subscriptions")
    assert (await mails.client.post(f"/v1/mail/leave/{row['leave_token']}")).status_code == 200


async def it_is_deleted(mails: Mails, headers: Any, subscription: UUID) -> None:
    assert (
        await mails.client.delete(f"/v1/subscriptions/{subscription}", headers=headers)
    ).status_code == 204


async def its_address_changes(mails: Mails, headers: Any, subscription: UUID) -> None:
    target = {"target": {"address": "other@lights.example"}}
    answer = await mails.client.patch(f"/v1/subscriptions/{subscription}", json=target, headers=headers)
    assert answer.status_code == 200, answer.text


async def the_case_is_sealed(mails: Mails, headers: Any, subscription: UUID) -> None:
    (row,) = await all_rows(mails.service.database, "select case_id from mail_lines where kind = 'event'")
    sealed = CasePrivacyChanged(before=Privacy.OPEN, after=Privacy.SEALED)
    await happened(mails.service.database, [an_event(sealed, case_id=row["case_id"], case_version=9)])
    await mails.brings(mails.now + timedelta(days=2))


@pytest.mark.parametrize("stops", [somebody_leaves, it_is_deleted, its_address_changes, the_case_is_sealed])
async def test_what_is_stopped_is_counted(
    mails: Mails, agency: Any, stops: Callable[[Mails, Any, UUID], Awaitable[None]]
) -> None:
    subscription = await mails.subscribe(agency)
    await happened(mails.service.database, [a_fact(urgency=Urgency.GENERAL, recorded_at=mails.now)])
    assert await mails.brings() == [], "it waits for the day's letter"
    before = await counted(mails)
    await stops(mails, agency, subscription)
    after = await counted(mails)
    assert {key: after[key] - before[key] for key in after if after[key] != before[key]} == {
        ("event", "stopped"): 1
    }


async def test_each_outcome_is_there_before_it_is_counted(mails: Mails) -> None:
    series = await counted(mails)
    for kind in ("event", "confirmation"):
        for outcome in ("delivered", "stopped", "expired", "permanent-failure"):
            assert (kind, outcome) in series
