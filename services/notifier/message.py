"""What subscribers receive: CloudEvents 1.0 as JSON, signed as Standard Webhooks ask, or framed for a stream."""

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from standardwebhooks import Webhook

from services.notifier.entry import SOURCE, Entry
from services.notifier.privacy import View, is_bare, shown

CONTENT_TYPE = "application/cloudevents+json"
TEST_TYPE = "casegrid.test"


def cloud_event(entry: Entry, view: View) -> bytes:
    """The event in structured mode; its `id` and `source` are those on Kafka, however often it is sent."""
    body = shown(entry.body, view)
    # what is bare no longer has the shape that the schema promises
    schema = (
        {} if is_bare(body) else {"dataschema": f"urn:casegrid:{entry.event_type}:v{entry.schema_version}"}
    )
    return orjson.dumps(
        _attributes(entry.event_id, entry.event_type, entry.occurred_at)
        | {"subject": str(entry.case_id), "data": orjson.Fragment(body)}
        | schema
    )


def test_event(delivery_id: UUID, at: datetime) -> bytes:
    """What `POST …/test` sends: shaped like the others, about no case."""
    return orjson.dumps(
        _attributes(delivery_id, TEST_TYPE, at)
        | {"source": "/casegrid/notifier", "data": {"note": "测试消息 · this is a test, about no case"}}
    )


def webhook_id(delivery_id: UUID) -> str:
    """The same at every attempt of a delivery: what a receiver recognises a repetition by."""
    return f"msg_{delivery_id.hex}"


def signed_headers(delivery_id: UUID, body: bytes, at: datetime, secrets: Iterable[str]) -> dict[str, str]:
    """One signature for each secret that is valid; `at` is the time of this attempt, in UTC."""
    name, text = webhook_id(delivery_id), body.decode()
    signatures = (Webhook(secret).sign(name, at, text) for secret in secrets)
    return {
        "content-type": CONTENT_TYPE,
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def new_secret(randomness: bytes) -> str:
    return f"whsec_{base64.b64encode(randomness).decode()}"


def stream_frame(entry: Entry, cursor: str, view: View) -> bytes:
    """One server-sent event; JSON of ours has no line breaks, so its data is one line."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (
        cursor.encode(),
        entry.event_type.encode(),
        cloud_event(entry, view),
    )


def heartbeat(cursor: str) -> bytes:
    """A line that moves the client's place even when his filter let nothing through."""
    return b": heartbeat\nid: %b\n\n" % cursor.encode()


def _attributes(event_id: UUID, event_type: str, at: datetime) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(event_id),
        "source": SOURCE,
        "type": event_type,
        "time": at.isoformat(),
        "datacontenttype": "application/json",
    }
