"""What a service reads and writes on Kafka, as an AsyncAPI 3.0 document made from the contracts."""

from collections.abc import Mapping, Sequence, Set
from inspect import getdoc
from typing import Any

from contracts.envelope import Fact
from contracts.events import EVENTS, FACTS, TYPES
from contracts.topics import Topic
from delivery.definitions import schema_of, with_definitions


def asyncapi(
    service: str,
    *,
    kafka: str,
    reads: Mapping[Topic, Set[str]],
    writes: Mapping[Topic, Sequence[type[Fact]]],
) -> dict[str, Any]:
    written = {topic: {TYPES[fact] for fact in facts} for topic, facts in writes.items() if facts}
    channels = {topic: written.get(topic, set()) | set(reads.get(topic, ())) for topic in [*written, *reads]}
    types = {name for names in channels.values() for name in names}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": f"casegrid {service}", "version": "1"},
        "defaultContentType": "application/json",
        "servers": {"kafka": {"host": kafka, "protocol": "kafka"}},
        "channels": {topic.name: _channel(topic, names) for topic, names in channels.items()},
        "operations": {
            f"send.{topic.name}": _operation("send", topic, names) for topic, names in written.items()
        }
        | {f"receive.{topic.name}": _operation("receive", topic, names) for topic, names in reads.items()},
        "components": {"messages": {name: _message(name) for name in sorted(types)}},
    }
    return with_definitions(document)


def _channel(topic: Topic, names: Set[str]) -> dict[str, Any]:
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in sorted(names)}
    return {"address": topic.name, "description": f"{topic.holds}; key: {topic.key}", "messages": messages}


def _operation(action: str, topic: Topic, names: Set[str]) -> dict[str, Any]:
    channel = f"#/channels/{topic.name}"
    messages = [{"$ref": f"{channel}/messages/{name}"} for name in sorted(names)]
    return {"action": action, "channel": {"$ref": channel}, "messages": messages}


def _message(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "summary": getdoc(FACTS[name]),
        "contentType": "application/json",
        "bindings": {"kafka": {"key": {"type": "string"}}},
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": schema_of(EVENTS[name]),
        },
    }
