"""Who may speak through a browser: whether a form is ours, where it may lead, and which language is wanted."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from delivery.pages.speaking import LANGS, Lang

LONGEST_TOKEN = 3_900  # browsers drop a cookie above 4,096 bytes without a word
LANG_COOKIE = "casegrid_lang"
# the hosts for which a browser needs no https: what ends TLS in front of us is not seen from here
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    # no-referrer would have browsers send `Origin: null` with our own forms; nothing leaves for others here either
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def is_from_our_pages(headers: Mapping[str, str]) -> bool:
    """What the browser itself says of where a form was; without its word a form is nobody's."""
    if (site := headers.get("sec-fetch-site")) is not None:
        return site == "same-origin"
    host = headers.get("host")
    return bool(host) and urlsplit(headers.get("origin", "")).netloc == host


def local_path(wanted: str | None) -> str:
    """Where to go after signing in; anything that could lead to another host leads to the first page."""
    path = wanted or "/"
    plain = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if plain else "/"


def language(asked: str | None, kept: str | None, accepted: str | None) -> Lang:
    """Asked for in the address, kept in the cookie, or the first that the browser accepts; else Chinese."""
    named = [asked, kept, *_by_preference(accepted or "")]
    return next((lang for name in named for lang in LANGS if lang == name), "zh")


def _by_preference(accepted: str) -> list[str]:
    """`en-GB;q=0.8, zh` as [`zh`, `en`]."""
    found = []
    for part in accepted.split(","):
        name, _, weight = part.strip().partition(";q=")
        found.append((-_number(weight), name.split("-")[0].lower()))
    return [name for _, name in sorted(found, key=lambda pair: pair[0])]


def _number(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
