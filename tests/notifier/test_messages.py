"""What subscribers receive, and that it proves where it comes from."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import orjson
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from uuid_utils.compat import uuid7

from contracts.envelope import to_message
from contracts.vocabulary import Privacy
from services.notifier.entry import entry_of
from services.notifier.involved import NOBODY
from services.notifier.message import cloud_event, heartbeat, new_secret, signed_headers, stream_frame
from services.notifier.privacy import WHOLE
from tests.notifier.case_facts import a_dispatch, an_entry, an_event

OLD, NEW, FOREIGN = (new_secret(bytes([number]) * 32) for number in (1, 2, 3))


def test_the_event_is_cloudevents_in_structured_mode_with_the_body_as_on_kafka():
    event = an_event(a_dispatch())
    entry = entry_of(event, NOBODY, Privacy.OPEN)
    sent = orjson.loads(cloud_event(entry, WHOLE))
    body = sent.pop("data")
    assert sent == {
        "specversion": "1.0",
        "id": str(entry.event_id),
        "source": "/casegrid/router",
        "type": "case.dispatched",
        "time": entry.occurred_at.isoformat(),
        "subject": str(entry.case_id),
        "datacontenttype": "application/json",
        "dataschema": "urn:casegrid:case.dispatched:v1",
    }
    on_kafka = to_message("cases.v1", "router", event)
    assert body == orjson.loads(on_kafka.value)
    assert sent["source"].encode() == dict(on_kafka.headers)["ce_source"]


@pytest.mark.parametrize("held", [OLD, NEW])
def test_while_a_secret_is_changed_both_verify(held):
    body = cloud_event(an_entry(a_dispatch()), WHOLE)
    headers = signed_headers(uuid7(), body, datetime.now(UTC), [NEW, OLD])
    assert Webhook(held).verify(body, headers) == orjson.loads(body)


def by_hand(secret, name, at, body):
    """The signature as the specification of Standard Webhooks words it, without its library."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def test_the_signature_is_the_specifications():
    known = by_hand(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
    )
    assert known == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "its published example"
    body = cloud_event(an_entry(a_dispatch()), WHOLE)
    headers = signed_headers(uuid7(), body, datetime.now(UTC), [NEW, OLD])
    name, at = headers["webhook-id"], headers["webhook-timestamp"]
    assert headers["webhook-signature"].split(" ") == [by_hand(key, name, at, body) for key in (NEW, OLD)]


def test_nothing_else_verifies():
    body = cloud_event(an_entry(a_dispatch()), WHOLE)
    headers = signed_headers(uuid7(), body, datetime.now(UTC), [NEW])
    with pytest.raises(WebhookVerificationError):
        Webhook(FOREIGN).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body, headers | {"webhook-id": "msg_other"})


def test_repetitions_bear_the_same_id_and_a_time_of_their_own():
    delivery, body = uuid7(), b"{}"
    first, second = (signed_headers(delivery, body, datetime.fromtimestamp(at, UTC), [NEW]) for at in (1, 9))
    assert first["webhook-id"] == second["webhook-id"] == f"msg_{delivery.hex}"
    assert (first["webhook-timestamp"], second["webhook-timestamp"]) == ("1", "9")
    assert first["webhook-signature"] != second["webhook-signature"]


def test_a_stream_message_is_one_line_of_data():
    entry = an_entry(a_dispatch(text="one\ntwo\r\nthree\u2028four"))
    lines = stream_frame(entry, "12-34", WHOLE).decode().split("\n")
    assert lines[:2] == ["id: 12-34", "event: case.dispatched"]
    assert lines[2].startswith("data: {")
    assert lines[3:] == ["", ""]


def test_a_heartbeat_moves_the_place_and_is_no_message():
    assert heartbeat("12-34") == b": heartbeat\nid: 12-34\n\n"
