"""Where webhooks may go: to public addresses over https, so that nobody makes us call our own house."""

import ipaddress
from functools import lru_cache

from yarl import URL

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_LONGEST = 2000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@lru_cache(4096)
def refusal(target: str, *, allow_private: bool) -> str | None:
    """Why this address is no target, as far as it can be told without asking DNS; None when it may be one.

    Parsed by the library that the HTTP client uses: two parsers that disagree are a hole.
    """
    try:
        url = URL(target)
        host, port = url.raw_host, url.port
    except ValueError:
        return "is not a URL"
    if len(target) > _LONGEST or any(ord(char) <= 0x20 or ord(char) == 0x7F for char in target):
        return "is too long, or holds spaces or control characters"
    if url.scheme not in ("http", "https") or not host or not port:
        return "must be an https URL"
    if url.user is not None or url.password is not None:
        return "must not hold a user or a password"
    if allow_private:
        return None
    if url.scheme != "https":
        return "must be an https URL"
    return _refusal_of_host(host)


def refusal_of_address(address: str) -> str | None:
    """Why no connection may be made to this IP address; None when it may."""
    try:
        return (
            None if _is_public(ipaddress.ip_address(address.partition("%")[0])) else "is not a public address"
        )
    except ValueError:
        return "is not an address"


def _refusal_of_host(written: str) -> str | None:
    host = written.rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return "is not a public address"
    looks_numeric = ":" in host or host.rpartition(".")[2][:1].isdigit()
    # old numeric forms such as 127.1 or 0x7f.1 are addresses to the operating system, so they are to us
    return refusal_of_address(host) if looks_numeric else None


def _is_public(address: Address) -> bool:
    inner = _embedded(address)
    if inner is not None:
        return _is_public(inner)
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not special and not site_local


def _embedded(address: Address) -> Address | None:
    """The IPv4 address that a transition form of IPv6 would reach."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo
