"""What the classifier sees of a text: n-grams of Chinese characters, words of other letters and pieces of them."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

LONGEST = 1_500  # characters, and
SENTENCES = 8  # that are looked at: what a report says first is what it is about

_STOP = re.compile(r"[。！？；!?;\n]+|\.\s")
_MARK = re.compile(r"\[[^\[\]]{1,12}\]")  # what redaction leaves behind, such as ［电话］
_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_GAP = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")  # a line break in Chinese separates nothing
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<word>[^\W\d_{_HAN}]+)")


def passages(text: str) -> list[str]:
    """The text as a whole, and its first sentences when it has several."""
    text = text[:LONGEST]
    sentences = [sentence for sentence in _STOP.split(text) if sentence.strip()]
    return [text, *sentences[:SENTENCES]] if len(sentences) > 1 else [text]


def normalise(text: str) -> str:
    """One writing of what reads the same: width, case, spacing and redaction marks make no difference."""
    text = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()[:LONGEST]
    return _GAP.sub("", _MARK.sub(" ", text))


def ngrams(text: str) -> Iterator[str]:
    """Characters and pairs of them for Chinese; words, pairs of words and pieces of 3 and 4 letters for the rest."""
    before = None
    for run in _RUN.finditer(normalise(text)):
        if han := run["han"]:
            before = None
            yield from han
            yield from _pieces(han, 2)
        else:
            word = run["word"]
            yield f" {word} "
            if before:
                yield f"{before} {word}"
            before = word
            yield from _pieces(f"^{word}$", 3)
            yield from _pieces(f"^{word}$", 4)


def is_whole(ngram: str) -> bool:
    """A Chinese character or a word, not a piece of one."""
    return len(ngram) == 1 or ngram.startswith(" ")


def _pieces(run: str, length: int) -> Iterator[str]:
    return (run[start : start + length] for start in range(len(run) - length + 1))


def rarity(documents: int, containing: int) -> float:
    """How much an n-gram says: the fewer texts contain it, the more."""
    return math.log((1 + documents) / (1 + containing)) + 1


def weigh(counts: Mapping[str, int], rarities: Mapping[str, float], unheard: float) -> dict[str, float]:
    """The known n-grams with their TF-IDF weights; together with the unknown, each as rare as `unheard`, they have
    length 1, so a text of mostly unknown words weighs little. Empty when nothing is known."""
    known: dict[str, float] = {}
    length = 0.0
    for ngram, times in counts.items():
        rare = rarities.get(ngram)
        weight = (1 + math.log(times)) * (rare or unheard)
        length += weight * weight
        if rare is not None:
            known[ngram] = weight
    length = math.sqrt(length)
    return {ngram: weight / length for ngram, weight in known.items()}


def count(text: str) -> Counter[str]:
    return Counter(ngrams(text))
