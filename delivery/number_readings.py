"""How a text may be read, so that what is personal is found however its figures are written."""

import re
import unicodedata
from collections.abc import Iterator

# what nobody sees (Unicode's Default_Ignorable_Code_Point), wherever it stands in a number or a name
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

# figures as they are said: everyday, financial, on the telephone
_IN_CHINESE = "〇零洞 一壹壱弌幺 二贰貳弐弍两兩 三叁參参叄弎 四肆 五伍 六陆陸 七柒拐 八捌 九玖勾"
_IN_ENGLISH = "zero one two three four five six seven eight nine"
_TIMES = {"double": 2, "triple": 3}

Letters = dict[int, str]
_NOTHING = re.compile("(?!)")
_LATIN = re.compile("[A-Za-z]")


class Reading:
    """What some letters, and some words, of a text say instead of what they are; the rest is read as it stands."""

    def __init__(self, letters: Letters, words: re.Pattern[str] = _NOTHING) -> None:
        self.letters = letters
        self.words = words
        self._letter = _any_of(letters) if letters else _NOTHING
        self._word = _NOTHING if words is _NOTHING else _LATIN

    def of(self, text: str) -> str:
        read = text.translate(self.letters) if self._letter.search(text) else text
        return self.words.sub(_said, read) if self._word.search(read) else read

    def places(self, text: str) -> list[tuple[int, int]]:
        """For each character of the reading, from where to where it stands in `text`."""
        letters = [
            (at, at + 1) for at, letter in enumerate(text) for _ in self.letters.get(ord(letter), letter)
        ]
        places, read = [], 0
        for word in self.words.finditer(text.translate(self.letters)):
            places += letters[read : word.start()]
            places += [(letters[word.start()][0], letters[word.end() - 1][1])] * len(_said(word))
            read = word.end()
        return places + letters[read:]


def _any_of(letters: Letters) -> re.Pattern[str]:
    """At least: to look whether there is any is quicker than to read, and mostly there is none."""
    plane = "".join(chr(letter) for letter in letters if letter <= 0xFFFF)
    return re.compile(f"[{re.escape(plane)}\U00010000-\U0010ffff]")


def _said(word: re.Match[str]) -> str:
    figure = _DIGITS_OF_WORDS.get(word["figure"].lower(), word["figure"])
    return figure * _TIMES.get((word["times"] or "").lower(), 1)


def _letters_of(*categories: str) -> Iterator[str]:
    """Figures and combining marks are in the first two planes of Unicode; ASCII's are as they should be."""
    return (letter for letter in map(chr, range(0x80, 0x20000)) if unicodedata.category(letter) in categories)


def _figures() -> Letters:
    """Digits of every script and shape, and what counts up to 99 in one letter, such as ⑫."""
    values = {letter: unicodedata.numeric(letter, -1) for letter in _letters_of("Nd", "No", "Nl")}
    return {
        ord(letter): str(int(value))
        for letter, value in values.items()
        if 0 <= value < 100 and value == int(value)
    }


_CHINESE = {ord(word): str(digit) for digit, words in enumerate(_IN_CHINESE.split()) for word in words}
_DIGITS_OF_WORDS = {word: str(digit) for digit, word in enumerate(_IN_ENGLISH.split())} | {
    "oh": "0",
    "o": "0",
}
_ENGLISH = re.compile(
    rf"(?i)(?:(?P<times>{'|'.join(_TIMES)})[ -]?)?"
    rf"(?P<figure>{_IN_ENGLISH.replace(' ', '|')}|(?<![a-z])oh?(?![a-z])|[0-9])"
)
_UNSEEN = {code: "" for code in (*range(0x80, 0x20000), *range(0xE0000, 0xE1000)) if UNSEEN.match(chr(code))}
_OVERLAID = _UNSEEN | {ord(letter): "" for letter in _letters_of("Mn", "Me")}
_FIGURES = _figures()

AS_IT_CAME = Reading({})
AS_SEEN = Reading(_OVERLAID)
IN_FIGURES = Reading(_OVERLAID | _FIGURES)
IN_WORDS = Reading(_OVERLAID | _FIGURES | _CHINESE, _ENGLISH)
