"""A unit's notices as the message that goes out: in its language, as a letter or as a short text."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from contracts.vocabulary import Language, Medium, Privacy, Urgency
from delivery.channels.channel import OutwardMessage
from delivery.channels.letter import letter
from services.notifier.people.parties import Post
from services.notifier.people.telling import seen
from services.notifier.people.words import Notified, Said, Style, digest, said


def message_of(
    rows: Sequence[Mapping[str, Any]], medium: Medium, address: str, style: Style
) -> OutwardMessage:
    """One notice, or a digest of several; its id is that of the first."""
    first = rows[0]
    style = replace(style, language=Language(first["language"]))
    notified = [_notified(row) for row in rows]
    words = digest(notified, style) if first["digest"] else said(notified[0], style)
    text, html = _body(words, medium, style.language)
    return OutwardMessage(
        *(first["id"], medium, address, style.language, words.subject, text, html), at=first["claimed_at"]
    )


def _body(words: Said, medium: Medium, language: Language) -> tuple[str, str | None]:
    if medium is not Medium.EMAIL:
        return words.short, None
    mail = letter(words.subject, words.lines, language=language, why=words.why, link=words.link)
    return mail.text, mail.html


def _notified(row: Mapping[str, Any]) -> Notified:
    return Notified(
        event_type=row["event_type"],
        case_id=row["case_id"],
        post=Post(row["post"]),
        urgency=Urgency(row["urgency"]),
        number=row["number"],
        about=seen(row["about"], Privacy(row["privacy"]) if row["privacy"] else None),
    )
