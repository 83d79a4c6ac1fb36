"""The frame of an e-mail: the same words as plain text and as HTML that any mailbox shows."""

from typing import NamedTuple

from jinja2 import Environment, StrictUndefined

from contracts.vocabulary import Language

_HTML = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
).from_string(
    """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8"><title>{{ subject }}</title></head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 40em">
<h1 style="font-size: 1.2em">{{ subject }}</h1>
{% for line in lines %}
<p>{{ line }}</p>
{% endfor %}
{% if link %}
<p><a href="{{ link }}">{{ opens }}</a></p>
{% endif %}
<p style="color: #666; font-size: 0.85em">{{ why }}
{% if unsubscribe %}
<a href="{{ unsubscribe }}">{{ ends }}</a>
{% endif %}
</p>
</body></html>
"""
)
_OPENS = {Language.ZH: "查看详情", Language.EN: "Open"}
_ENDS = {Language.ZH: "退订", Language.EN: "Unsubscribe"}


class Letter(NamedTuple):
    text: str
    html: str


def letter(
    subject: str,
    lines: list[str],
    *,
    language: Language,
    why: str,
    link: str | None = None,
    unsubscribe: str | None = None,
) -> Letter:
    """`why` tells the reader why he gets this."""
    ends = [f"{_ENDS[language]}: {unsubscribe}"] if unsubscribe else []
    text = "\n\n".join([*lines, *([link] if link else []), "-- \n" + "\n".join([why, *ends])]) + "\n"
    html = _HTML.render(
        language={"zh": "zh-CN", "en": "en"}[language],
        subject=subject,
        lines=lines,
        link=link,
        opens=_OPENS[language],
        why=why,
        unsubscribe=unsubscribe,
        ends=_ENDS[language],
    )
    return Letter(text, html)
