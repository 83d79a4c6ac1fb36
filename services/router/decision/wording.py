"""What a text says, and how much of it stands: a critical word may be denied, feared, talked about, or over."""

import re
from bisect import bisect
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from contracts.width import in_plain_width
from services.router.rulesets.patterns import Words, alternation, compiled
from services.router.rulesets.urgency_rules import Before, Floor, UrgencyRules

Span = tuple[int, int]
_TOGETHER = 3  # floors whose words are looked for at once
TEXTS = 1024  # of at most 4,000 characters, of which is kept what was found: a report asks more than once on its way
_MOST = 20  # mentions of one floor that are weighed; who says it more often than that is believed
_BEFORE = 48  # characters before a mention in which a word may bear on it
_CLAUSE_ENDS = re.compile(
    r"[，,;；。！？!?：:\n\r…]|\.(?=\s|$)|但|却|而是|不过|可是|\b(?:but|and|however|instead|yet)\b",
    re.IGNORECASE,
)
_LETTER = re.compile(r"\S")
_SENTENCE_ENDS = re.compile(r"[。！？!?\n\r]|\.(?=\s|$)")


class Force(StrEnum):
    """What is left of a mention, from most to least."""

    HOLDS = "holds"
    ENDED = "ended"
    RISK = "risk"
    TALK = "talk"
    NEGATED = "negated"


class Mention(NamedTuple):
    """`at` are offsets of characters in the text."""

    at: Span
    force: Force


_NOTHING: Mapping[str, Mention] = MappingProxyType({})


class Reader:
    """The patterns of a ruleset, compiled; a report is read more than once on its way through, and found once."""

    def __init__(self, rules: UrgencyRules) -> None:
        floors = [(name, floor, _Finder(floor)) for name, floor in rules.floors.items()]
        self._groups = [
            _Group(floors[first : first + _TOGETHER]) for first in range(0, len(floors), _TOGETHER)
        ]
        self.negation = _Precedent(rules.standing.negation)
        self.risk = _Precedent(rules.standing.risk)
        self.talk = _Finder(rules.standing.talk)
        self.ended = _Finder(rules.standing.ended)
        self.read = lru_cache(TEXTS)(self._read)

    def _read(self, text: str) -> Mapping[str, Mention]:
        """For each floor that the text mentions the mention with the most force; most texts mention none."""
        encodable = text if text.isascii() else in_plain_width(text).encode("utf-8", "replace").decode()
        groups = [group for group in self._groups if group.any.search(encodable) is not None]
        if not groups:
            return _NOTHING
        said = _Said(encodable, self)
        floors = [floor for group in groups for floor in group.floors]
        found = ((name, said.strongest(floor, finder)) for name, floor, finder in floors)
        return MappingProxyType({name: mention for name, mention in found if mention is not None})


class _Group:
    """Floors whose words are looked for in one pass over a text; those of all together would not fit RE2's memory."""

    def __init__(self, floors: list[tuple[str, Floor, "_Finder"]]) -> None:
        self.floors = floors
        self.any = compiled(alternation(floor.patterns.as_one() for _, floor, _ in floors))


class _Said:
    """A text that mentions something, with what is worked out about it once."""

    def __init__(self, text: str, reader: Reader) -> None:
        self._text = text
        self._reader = reader
        # of the same length: offsets stay, and no pattern reaches from one clause into another
        self._clauses = _CLAUSE_ENDS.sub(lambda end: "\n" * len(end[0]), text)

    def strongest(self, floor: Floor, finder: "_Finder") -> Mention | None:
        found: Mention | None = None
        for count, at in enumerate(finder.find(self._clauses), 1):
            force = Force.HOLDS if count == _MOST else self._force(floor, at)
            if found is None or _STRENGTH[force] > _STRENGTH[found.force]:
                found = Mention(at, force)
            if force is Force.HOLDS:
                break
        return found

    def _force(self, floor: Floor, at: Span) -> Force:
        start = at[0]
        clause = self._clauses.rfind("\n", max(0, start - _BEFORE), start) + 1
        before = self._clauses[max(clause, start - _BEFORE) : start]
        if "negation" not in floor.despite and self._reader.negation.bears_on_what_follows(before):
            return Force.NEGATED
        if "talk" not in floor.despite and bisect(self._sentence_ends, start) in self._talking:
            return Force.TALK
        if "risk" not in floor.despite and self._reader.risk.bears_on_what_follows(before):
            return Force.RISK
        if floor.once_ended is not None and self._is_over(at):
            return Force.ENDED
        return Force.HOLDS

    def _is_over(self, at: Span) -> bool:
        """It is said to be over later in the text, or earlier in the same clause."""
        return any(end >= at[1] or "\n" not in self._clauses[start : at[0]] for start, end in self._over)

    @cached_property
    def _over(self) -> list[Span]:
        return list(islice(self._reader.ended.find(self._clauses), _MOST))

    @cached_property
    def _sentence_ends(self) -> list[int]:
        return [end.start() for end in _SENTENCE_ENDS.finditer(self._text)]

    @cached_property
    def _talking(self) -> set[int]:
        """Numbers of the sentences that speak of a drill, a training, an enquiry."""
        talk = islice(self._reader.talk.find(self._clauses), _MOST)
        return {bisect(self._sentence_ends, start) for start, _ in talk}


class _Finder:
    """Finds where words mean what they say: a harmless phrase takes away the word that it is made of, and no other one
    that stands in it or reaches out of it (饭店起火冒浓烟 is about a fire, whatever the smoke of a restaurant is)."""

    def __init__(self, words: Words) -> None:
        self._words = compiled(words.patterns.as_one())
        self._phrases = compiled(words.but.as_one())

    def find(self, text: str) -> Iterator[Span]:
        written = text.encode()  # its offsets need no counting at each search
        phrases: list[Span] | None = None
        found = self._words.finditer(written)
        while (match := next(found, None)) is not None:
            at: Span = match.span()
            if phrases is None:
                phrases = [match.span() for match in self._phrases.finditer(written)]
            if self._is_harmless(written, at, phrases):
                found = self._words.finditer(written, at[0] + 1)
            else:
                yield len(written[: at[0]].decode()), len(written[: at[1]].decode())

    def _is_harmless(self, written: bytes, at: Span, phrases: list[Span]) -> bool:
        """It lies in a phrase that is none without its letters."""
        before = bisect(phrases, at[0], key=lambda phrase: phrase[0])
        start, end = phrases[before - 1] if before else (0, 0)
        if end < at[1]:
            return False
        unread = _LETTER.sub("_", written[slice(*at)].decode()).encode()
        return self._phrases.fullmatch(written[start : at[0]] + unread + written[at[1] : end]) is None


class _Precedent:
    """Words that bear on what follows closely, through lists too: 没有起火、冒烟、爆炸, no fire or smoke."""

    def __init__(self, before: Before) -> None:
        self._finder = _Finder(before)
        near = before.zh_within
        self._zh_gap = compiled(rf"[^、或]{{0,{near}}}(?:[、或][^、或]{{0,{near}}})*")
        words = rf"(?:\W*[\w'’-]+){{0,{before.en_within}}}"
        self._en_gap = compiled(rf"{words}(?:\W+or{words})*\W*")

    def bears_on_what_follows(self, text: str) -> bool:
        *_, last = [None, *self._finder.find(text)]
        if last is None:
            return False
        gap, word = text[last[1] :], text[last[0] : last[1]]
        return (self._en_gap if word.isascii() else self._zh_gap).fullmatch(gap) is not None


def stronger(one: Mention | None, other: Mention) -> Mention:
    """The one with more force, the first of two alike."""
    return one if one is not None and _STRENGTH[one.force] >= _STRENGTH[other.force] else other


_STRENGTH = {force: -weakness for weakness, force in enumerate(Force)}
