"""What of a protected case may leave the house: everything but what somebody wrote."""

import orjson

from contracts.vocabulary import Privacy

PROTECTED = frozenset({Privacy.CONFIDENTIAL, Privacy.SEALED})


def cleared(body: bytes, privacy: Privacy | None) -> bytes:
    """The event's body without the report's text when the case is confidential or sealed (domain §8.3)."""
    if privacy not in PROTECTED:
        return body
    event = orjson.loads(body)
    event["data"].pop("text", None)
    return orjson.dumps(event)
