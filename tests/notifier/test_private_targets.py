"""No webhook ever reaches a private address, whatever a name, a redirect or a change of DNS says."""

import asyncio
import socket
import threading

import pytest
from uuid_utils.compat import uuid7

from services.notifier import webhook
from services.notifier.webhook import refused
from tests.notifier.case_facts import a_dispatch, a_story
from tests.notifier.delivering import delivering, ended
from tests.notifier.rows import a_subscription, attempts_of, happened

PUBLIC = ["93.184.216.34"]
PRIVATE = [
    ["127.0.0.1"],
    ["10.1.2.3"],
    ["169.254.169.254"],
    ["100.64.0.1"],
    ["0.0.0.0"],
    ["::1"],
    ["::"],
    ["fe80::1"],
    ["fd00::1"],
    ["::ffff:127.0.0.1"],
    ["::ffff:a9fe:a9fe"],
    ["64:ff9b::7f00:1"],
    ["2002:7f00:1::"],
    ["10.1.2.3", "127.0.0.1"],
]


def resolving(monkeypatch, *answers):
    """Names resolve to each of the answers in turn, and then always to the last."""
    left = list(answers)

    real = socket.getaddrinfo

    def found(host, port, *kinds, **more):
        if not str(host).endswith(".example"):
            return real(host, port, *kinds, **more)
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize("addresses", PRIVATE)
async def test_a_name_that_resolves_to_a_private_address_is_refused_at_once(addresses, monkeypatch):
    resolving(monkeypatch, [*PUBLIC, *addresses])
    assert await refused("https://agency.example/hook", allow_private=False)


@pytest.mark.parametrize("addresses", PRIVATE)
async def test_an_answer_that_changes_before_the_connection_is_refused_then(
    addresses, database, notifier_settings, monkeypatch
):
    settings = notifier_settings.model_copy(update={"allow_private_targets": False})
    resolving(monkeypatch, PUBLIC, addresses)
    target = "https://rebinding.example:1/hook"
    assert await refused(target, allow_private=False) is None
    subscription = await a_subscription(database, target=target)
    await happened(database, a_story(uuid7(), a_dispatch()))
    async with delivering(database, settings):
        await ended(database, subscription, "permanent-failure")
    assert await attempts_of(database, subscription) == [(None, "target-refused")]


async def test_names_that_nobody_answers_for_delay_no_other(
    database, notifier_settings, receiver, monkeypatch
):
    silence, real = threading.Event(), socket.getaddrinfo

    def found(host, port, *kinds, **more):
        if str(host).endswith(".example"):
            silence.wait(20)
        return real("127.0.0.1" if str(host) == "localhost" else host, port, *kinds, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    for number in range(12):
        await a_subscription(database, target=f"http://silent-{number}.example/hook")
    healthy = await a_subscription(database, target=receiver.url.replace("127.0.0.1", "localhost"))
    await happened(database, a_story(uuid7(), a_dispatch()))
    try:
        async with delivering(database, notifier_settings):
            await ended(database, healthy, "delivered")
            silence.set()
    finally:
        silence.set()


async def test_asking_for_such_names_leaves_the_threads_of_everything_else_free(monkeypatch):
    silence = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: silence.wait(20) and [])
    monkeypatch.setattr(webhook, "_DNS_SECONDS", 0.1)
    asked = (refused(f"https://silent-{number}.example/", allow_private=False) for number in range(40))
    try:
        assert set(await asyncio.gather(*asked)) == {None}, "each connection is checked again"
        async with asyncio.timeout(5):
            await asyncio.to_thread(int)
    finally:
        silence.set()


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(code, database, deliverer, receiver, second_receiver):
    receiver.plan = [(code, {"Location": second_receiver.url})]
    subscription = await a_subscription(database, target=receiver.url)
    await happened(database, a_story(uuid7(), a_dispatch()))
    await ended(database, subscription, "permanent-failure")
    assert second_receiver.received == []
