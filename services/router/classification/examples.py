"""The committed texts that the model is made from: the ruleset's own names, and written examples of each category."""

import csv
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from services.router.rulesets.ruleset import UNCLASSIFIED, Ruleset

EXAMPLES_FILE = Path(__file__).with_name("examples.csv")


class Split(StrEnum):
    """What a text is for: whole reports to learn from, words to learn, and reports that are only ever measured on."""

    TRAIN = "train"
    KEYWORD = "keyword"
    HELD_OUT = "held_out"


class Example(NamedTuple):
    category: str
    lang: str
    split: Split
    text: str


def written_examples() -> list[Example]:
    with EXAMPLES_FILE.open(encoding="utf-8", newline="") as stream:
        return [
            Example(row["category"], row["lang"], Split(row["split"]), row["text"])
            for row in csv.DictReader(stream)
        ]


def names(ruleset: Ruleset) -> Iterator[Example]:
    for category in ruleset.categories.values():
        if category.code != UNCLASSIFIED:
            yield Example(category.code, "zh", Split.KEYWORD, category.zh)
            yield Example(category.code, "en", Split.KEYWORD, category.en)


def of(split: Split, examples: Iterable[Example]) -> list[Example]:
    return [example for example in examples if example.split is split]
