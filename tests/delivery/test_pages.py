"""What all pages share: whose forms are taken, where signing in leads, which language, and the words of the frame."""

import re
from pathlib import Path

import pytest

from delivery.pages import speaking
from delivery.pages.refusals import OF_MODELS, Refusals
from delivery.pages.signing_in import is_from_our_pages, language, local_path

# what each service says for itself
_OWN = {"site", "back"}


def test_every_word_of_the_frame_is_said_in_both_languages() -> None:
    texts = [path.read_text() for path in (Path(speaking.__file__).parent / "templates").glob("*.html")]
    used = {key for text in texts for key in re.findall(r"""\bsay\(["'](\w+)["']\)""", text)}
    reasons = {"token_long", "token_bad", "token_missing", "session_over"}
    assert used | reasons <= set(speaking.PAGE) | _OWN
    assert all(zh and en for zh, en in speaking.PAGE.values())


def test_what_is_refused_is_said_in_chinese_where_there_is_chinese_for_it() -> None:
    refusals = Refusals({"{} is away": "不在"})
    assert refusals.in_chinese("the lamp (7) is away") == "不在"
    assert refusals.in_chinese("Field required") == OF_MODELS["Field required"]
    assert refusals.in_chinese("nobody has translated this") == "nobody has translated this"


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [({"sec-fetch-site": "same-origin"}, True), ({"sec-fetch-site": "same-site"}, False),
     ({"sec-fetch-site": "cross-site", "origin": "http://desk", "host": "desk"}, False),
     ({"origin": "http://desk:8002", "host": "desk:8002"}, True), ({"origin": "http://desk", "host": "desk:8002"}, False),
     ({"origin": "http://desk.evil", "host": "desk"}, False), ({"origin": "null", "host": "desk"}, False),
     ({"host": "desk"}, False), ({"origin": "", "host": ""}, False), ({}, False)],
)  # fmt: skip
def test_whose_form_it_is(headers: dict[str, str], is_ours: bool) -> None:
    assert is_from_our_pages(headers) is is_ours


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [("/cases/1", "/cases/1"), (None, "/"), ("", "/"), ("//evil", "/"), ("/\\evil", "/"), ("https://evil", "/"),
     ("/\nevil", "/"), ("javascript:1", "/")],
)  # fmt: skip
def test_where_signing_in_leads(wanted: str | None, leads_to: str) -> None:
    assert local_path(wanted) == leads_to


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "lang"),
    [("en", "zh", "zh", "en"), (None, "en", "zh", "en"), (None, None, "en-GB;q=0.8,zh-CN", "zh"),
     (None, None, "fr,en;q=0.5", "en"), (None, None, "fr", "zh"), ("fr", "de", None, "zh"),
     (None, None, "en;q=x, zh;q=0.1", "zh")],
)  # fmt: skip
def test_which_language(asked: str | None, kept: str | None, accepted: str | None, lang: str) -> None:
    assert language(asked, kept, accepted) == lang
