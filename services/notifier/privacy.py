"""What of a protected case may leave the house: everything but what somebody wrote."""

from typing import Any

import orjson

from contracts.vocabulary import Privacy

PROTECTED = frozenset({Privacy.CONFIDENTIAL, Privacy.SEALED})
WITHHELD = "［保密 withheld］"

# fields of facts that hold people's own words; tests/notifier/test_withheld_words.py knows what the others hold
FREE_TEXT = frozenset(
    {
        *("text", "note", "reason", "result", "opinion", "materials"),
        *("legal_channel", "way_to_object", "receiver", "receipt"),
    }
)


def cleared(body: bytes, privacy: Privacy | None) -> bytes:
    """The event's body without anybody's words when the case is confidential or sealed (domain §8.3).

    Its shape stays: a word that the event's schema asks for is replaced.
    """
    if privacy not in PROTECTED:
        return body
    event = orjson.loads(body)
    data = {name: said for name, said in event["data"].items() if name != "text"}  # no schema asks for it
    event["data"] = {name: _withheld(said) if name in FREE_TEXT else said for name, said in data.items()}
    return orjson.dumps(event)


def _withheld(value: Any) -> Any:
    return [WITHHELD for _ in value] if isinstance(value, list) else WITHHELD
