"""Where webhooks may go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.targets import refusal, refusal_of_address

ALLOWED = [
    "https://agency.example/hook",
    "https://agency.example:8443/hook?a=b",
    "https://社区.example/hook",
    "https://93.184.216.34/x",
    "https://[2606:4700::1111]/",
    "https://[::ffff:8.8.8.8]/",
]
REFUSED = [
    "",
    "nonsense",
    "https://",
    "https:///hook",
    "ftp://agency.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://agency.example/",
    "https://user:pass@agency.example/",
    "https://agency.example:0/",
    "https://agency.example:99999/",
    "https://agency.example/a b",
    "https://agency.example/\x00",
    "https://1.1.1.1 &@2.2.2.2# @3.3.3.3/",
    "https://a.example\\@127.0.0.1/",
    "https://agency.example/" + "x" * 2000,
    "https://localhost/",
    "https://LOCALHOST./",
    "https://db.localhost/",
    "https://metadata.google.internal/",
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127。0。0。1/",
    "https://0.0.0.0/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.1.1/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fc00::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:53aa:64c::80ff:fffe]/",
]


@pytest.mark.parametrize("target", ALLOWED)
def test_public_https_targets_are_allowed(target):
    assert refusal(target, allow_private=False) is None


@pytest.mark.parametrize("target", REFUSED)
def test_everything_else_is_refused(target):
    assert refusal(target, allow_private=False)


def test_the_local_stack_may_send_to_itself():
    assert refusal("http://127.0.0.1:9/hook", allow_private=True) is None
    assert refusal("http://127.0.0.1:9/hook", allow_private=False)
    assert refusal("ftp://127.0.0.1:9/hook", allow_private=True)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_the_same_inside_an_ipv6_one(address):
    inside = [f"::ffff:{address}", f"64:ff9b::{int(address) >> 16:x}:{int(address) & 0xFFFF:x}"]
    verdicts = {bool(refusal_of_address(form)) for form in [str(address), *inside]}
    assert len(verdicts) == 1


@given(st.text())
def test_no_text_breaks_the_rule(text):
    assert refusal(text, allow_private=True) is None or isinstance(refusal(text, allow_private=True), str)
    assert refusal_of_address(text) is None or isinstance(refusal_of_address(text), str)
