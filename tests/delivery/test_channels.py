"""The ways out to people, against a real SMTP server and a real gateway."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from uuid_utils.compat import uuid7

from contracts.vocabulary import Language, Medium, NoticeStatus
from delivery.channels.channel import Answer, Outcome, OutwardMessage
from delivery.channels.letter import letter
from delivery.channels.opened import open_channels
from delivery.channels.retrying import judge
from delivery.channels.settings import ChannelSettings
from delivery.pauses import HORIZON, PAUSES
from tests.gateway import SECRET, a_gateway
from tests.mailbox import body_of, receiving_mail, refusing_mail


def a_message(medium: Medium = Medium.EMAIL, **more: Any) -> OutwardMessage:
    said = {
        "address": "duty@lights.example",
        "language": Language.ZH,
        "subject": "【特急】新派单",
        "text": "请签收",
    }
    return OutwardMessage(**{"id": uuid7(), "medium": medium} | said | more)


def mail_settings(port: int, **more: Any) -> ChannelSettings:
    return ChannelSettings(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", **more)


async def sent(settings: ChannelSettings, message: OutwardMessage) -> Answer:
    async with open_channels(settings) as channels:
        return await channels.send(message)


async def test_mail_has_two_parts_and_ends_with_one_click() -> None:
    words = letter(
        "标题",
        ["一行 <b>"],
        language=Language.ZH,
        why="因为",
        link="https://x.example/1",
        unsubscribe="https://x.example/u",
    )
    message = a_message(text=words.text, html=words.html, unsubscribe="https://x.example/u")
    async with receiving_mail() as box:
        answer = await sent(mail_settings(box.port, smtp_sender="网格 <grid@city.example>"), message)
    assert answer.outcome is Outcome.TAKEN
    (mail,) = box.mails
    assert (mail["Subject"], mail["To"]) == ("【特急】新派单", "duty@lights.example")
    assert mail["Message-ID"] == f"<{message.id.hex}@city.example>"
    assert mail["List-Unsubscribe"] == "<https://x.example/u>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "一行 <b>" in body_of(mail, "plain")
    assert "一行 &lt;b&gt;" in body_of(mail, "html")


async def test_the_address_that_ends_a_subscription_stands_in_the_mail_as_it_is() -> None:
    """However long it is: programs that offer the one click decode nothing."""
    leave = f"https://notifier.city.example/v1/mail/leave/{'wCVXGa3k' * 12}="
    async with receiving_mail() as box:
        await sent(mail_settings(box.port), a_message(unsubscribe=leave))
    assert f"\r\nList-Unsubscribe: <{leave}>\r\n".encode() in box.raw[0]


@pytest.mark.parametrize(
    ("code", "outcome"), [(550, Outcome.LASTING), (450, Outcome.PASSING), (421, Outcome.PASSING)]
)
async def test_the_servers_refusal_lasts_or_passes(code: int, outcome: Outcome) -> None:
    async with receiving_mail() as box:
        box.refuses["duty@lights.example"] = code
        answer = await sent(mail_settings(box.port), a_message())
    assert (answer.outcome, answer.code) == (outcome, code)
    assert "lights" not in repr(answer)


@pytest.mark.parametrize("refused", ["", "EHLO", "MAIL"], ids=["greeting", "our name", "the sender"])
async def test_what_a_server_refuses_before_it_hears_for_whom_it_is_passes(refused: str) -> None:
    """A relay that is being set up turns everybody away, and no mail is at fault."""
    async with refusing_mail(refused) as port:
        answer = await sent(mail_settings(port), a_message())
    assert (answer.outcome, answer.code) == (Outcome.PASSING, 554)


async def test_a_server_that_is_away_passes() -> None:
    answer = await sent(mail_settings(1), a_message())
    assert (answer.outcome, answer.code) == (Outcome.PASSING, None)


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "a@b.example\nx"])
async def test_an_address_cannot_carry_a_header(address: str) -> None:
    async with receiving_mail() as box:
        answer = await sent(mail_settings(box.port), a_message(address=address))
    assert (answer.outcome, box.mails) == (Outcome.LASTING, [])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """The server's context, and the file that a client must trust."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key_bytes = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(key_bytes)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"


async def test_mail_is_encrypted_and_signed_in(certificate: tuple[ssl.SSLContext, Path]) -> None:
    context, trusted = certificate
    who = {"smtp_user": "casegrid", "smtp_password": "secret"}
    async with receiving_mail(tls=context, signed_in=True) as box:
        base = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "starttls"}
        good = await sent(ChannelSettings(**base, **who, smtp_ca=str(trusted)), a_message())
        strange = await sent(ChannelSettings(**base, **who), a_message())
        wrong = await sent(
            ChannelSettings(**base, **who | {"smtp_password": "x"}, smtp_ca=str(trusted)), a_message()
        )
    assert (good.outcome, len(box.mails), box.signed_in) == (Outcome.TAKEN, 1, ["casegrid"])
    assert (strange.outcome, strange.code) == (Outcome.PASSING, None)
    assert (wrong.outcome, wrong.code) == (Outcome.PASSING, 535)


async def test_whom_to_trust_is_read_once_and_no_one_beside_the_file_that_is_named(
    certificate: tuple[ssl.SSLContext, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate
    make, made = ssl.create_default_context, list[ssl.SSLContext]()

    def once_more(*args: Any, **more: Any) -> ssl.SSLContext:
        made.append(make(*args, **more))
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", once_more)
    async with receiving_mail(tls=context) as box:
        settings = ChannelSettings(smtp_host="127.0.0.1", smtp_port=box.port, smtp_ca=str(trusted))
        async with open_channels(settings) as channels:
            answers = [await channels.send(a_message()) for _ in range(3)]
    assert [answer.outcome for answer in answers] == [Outcome.TAKEN] * 3
    assert [each.cert_store_stats()["x509"] for each in made] == [1]


async def test_the_gateway_gets_a_signed_post() -> None:
    message = a_message(Medium.SMS, address="13900001111")
    async with a_gateway() as gateway:
        answer = await sent(ChannelSettings(gateway_url=gateway.url, gateway_secret=SECRET), message)
    assert answer == Answer(Outcome.TAKEN, 202)
    assert gateway.posted == [
        {
            "id": str(message.id),
            "medium": "sms",
            "to": "13900001111",
            "language": "zh",
            "subject": message.subject,
            "text": "请签收",
        }
    ]


@pytest.mark.parametrize(
    ("planned", "answer"),
    [
        (503, Answer(Outcome.PASSING, 503)),
        ((429, {"retry-after": "7"}), Answer(Outcome.PASSING, 429, retry_after=7.0)),
        (400, Answer(Outcome.LASTING, 400)),
        (302, Answer(Outcome.LASTING, 302)),
        ("reset", Answer(Outcome.PASSING, error="ServerDisconnectedError")),
    ],
)
async def test_what_the_gateway_answers(planned: Any, answer: Answer) -> None:
    async with a_gateway() as gateway:
        gateway.plan = [planned]
        got = await sent(
            ChannelSettings(gateway_url=gateway.url, gateway_secret=SECRET), a_message(Medium.CALL)
        )
    assert got == answer


@pytest.mark.parametrize("medium", list(Medium))
async def test_what_nobody_set_up_says_so(medium: Medium) -> None:
    assert (await sent(ChannelSettings(), a_message(medium))).outcome is Outcome.NOT_CONFIGURED


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!"])
def test_a_gateway_without_a_secret_is_refused_at_the_start(secret: str) -> None:
    with pytest.raises(ValueError, match="CASEGRID_GATEWAY_SECRET"):
        ChannelSettings(gateway_url="https://gateway.example", gateway_secret=secret)


def test_a_message_shows_its_address_in_no_log() -> None:
    assert "lights" not in repr(a_message())


@pytest.mark.parametrize(
    ("answer", "attempts", "age", "status", "pause"),
    [
        (Answer(Outcome.TAKEN), 1, timedelta(), NoticeStatus.DELIVERED, 0.0),
        (Answer(Outcome.LASTING), 1, timedelta(), NoticeStatus.PERMANENT_FAILURE, 0.0),
        (Answer(Outcome.NOT_CONFIGURED), 1, timedelta(), NoticeStatus.NOT_CONFIGURED, 0.0),
        (Answer(Outcome.PASSING), 1, timedelta(), NoticeStatus.TEMPORARY_FAILURE, 1.0),
        (Answer(Outcome.PASSING), 4, timedelta(), NoticeStatus.TEMPORARY_FAILURE, 60.0),
        (Answer(Outcome.PASSING, retry_after=10), 1, timedelta(), NoticeStatus.TEMPORARY_FAILURE, 11.0),
        (Answer(Outcome.PASSING, retry_after=0), 4, timedelta(), NoticeStatus.TEMPORARY_FAILURE, 60.0),
        (Answer(Outcome.PASSING, retry_after=1e9), 1, timedelta(), NoticeStatus.TEMPORARY_FAILURE, 3960.0),
        (Answer(Outcome.PASSING), len(PAUSES) + 1, timedelta(), NoticeStatus.EXPIRED, 0.0),
        (Answer(Outcome.PASSING), 1, HORIZON, NoticeStatus.EXPIRED, 0.0),
    ],
)  # fmt: skip
def test_what_follows_from_an_answer(
    answer: Answer, attempts: int, age: timedelta, status: NoticeStatus, pause: float
) -> None:
    verdict = judge(answer, attempts=attempts, age=age, chance=0.5)
    assert (verdict.status, verdict.pause) == (status, pytest.approx(pause))
