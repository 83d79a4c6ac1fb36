"""Proposes a category for a text, and says how far it may be trusted (`docs/classifier.md`)."""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.router.classification.features import count, is_whole, passages, weigh
from services.router.classification.model import Calibration, Floats, Model, unpack

SURE_ENOUGH = 0.6  # below it a person classifies (domain §11.4)
NO_CATEGORY = "X01-01"
MODEL_FILE = Path(__file__).with_name("model.bin")


class Proposal(NamedTuple):
    """`confidence` is the chance that `category` is right; `runner_up` is what a person should look at next."""

    category: str | None
    confidence: float
    runner_up: str | None


NOTHING = Proposal(None, 0.0, None)


class Evidence(NamedTuple):
    """What stands behind an answer: its score, its lead over the next, the share of the text that is known."""

    score: float
    margin: float
    known: float


class Finding(NamedTuple):
    """Columns of the best category and of the second, if there is one, and what stands behind the best."""

    best: int
    runner_up: int | None
    evidence: Evidence


@dataclass(frozen=True, eq=False)
class Classifier:
    """Linear in the n-grams of a text. Categories outside `proposable` compete but are never proposed: what is about
    one of them, or about nothing, leaves the others without a lead, so without confidence."""

    categories: tuple[str, ...]
    rows: Mapping[str, int]
    rarities: Mapping[str, float]
    unheard: float
    weights: Floats
    calibration: Calibration
    proposable: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, model: Model) -> "Classifier":
        weights = model.weights.astype(np.float32) * np.float32(model.scale)
        weights.flags.writeable = False
        proposable = np.array([code != NO_CATEGORY for code in model.categories])
        rows = {ngram: row for row, ngram in enumerate(model.vocabulary)}
        return cls(
            model.categories, rows, model.rarities(), model.unheard, weights, model.calibration, proposable
        )

    def limited_to(self, categories: Container[str]) -> "Classifier":
        """The same, proposing only what the ruleset in force has."""
        known = np.array([code in categories for code in self.categories])
        return replace(self, proposable=self.proposable & known)

    def classify(self, text: str) -> Proposal:
        """The most likely category of `text`, whatever `text` is; NOTHING when no word of it is known."""
        return weigh_up([answer for answer in map(self._answer, passages(text)) if answer is not NOTHING])

    def _answer(self, passage: str) -> Proposal:
        found = self.examine(passage)
        if found is None:
            return NOTHING
        second = self.categories[found.runner_up] if found.runner_up is not None else None
        return Proposal(self.categories[found.best], confidence(found.evidence, self.calibration), second)

    def examine(self, passage: str) -> "Finding | None":
        """What the answer to one passage rests on; None when there is nothing to rest on."""
        counts = count(passage)
        weighed = weigh(counts, self.rarities, self.unheard)
        if not any(map(is_whole, weighed)) or not self.proposable.any():
            return None  # pieces alone are found in the words of any language
        rows = np.fromiter((self.rows[ngram] for ngram in weighed), np.intp, len(weighed))
        scores = np.fromiter(weighed.values(), np.float32, len(weighed)) @ self.weights[rows]
        best, runner_up, lead = rank(scores, self.proposable)
        return Finding(best, runner_up, Evidence(float(scores[best]), lead, len(weighed) / len(counts)))


def rank(scores: Floats, proposable: npt.NDArray[np.bool_]) -> tuple[int, int | None, float]:
    """The best that may be proposed, the second such, and the best's lead over all others: below 0 when one that may
    not be proposed scores higher."""
    allowed = np.where(proposable, scores, -np.inf)
    best = int(np.argmax(allowed))
    allowed[best] = -np.inf
    runner_up = int(np.argmax(allowed))
    others = np.delete(scores, best)
    lead = float(scores[best] - np.max(others)) if len(others) else float(scores[best])
    return best, runner_up if math.isfinite(allowed[runner_up]) else None, lead


def weigh_up(answers: Sequence[Proposal]) -> Proposal:
    """One answer from those to the passages, the whole text's first: passages that agree support each other, and what
    speaks for a second matter speaks against being sure of the first."""
    doubts: dict[str, float] = {}
    for category, sure, _ in answers:
        if category is not None:
            doubts[category] = doubts.get(category, 1.0) * (1 - sure)
    if not doubts:
        return NOTHING
    best, *others = sorted(doubts, key=lambda category: doubts[category])
    if not others:
        return Proposal(best, 1 - doubts[best], answers[0].runner_up)
    return Proposal(best, (1 - doubts[best]) * doubts[others[0]], others[0])


def confidence(evidence: Evidence, by: Calibration) -> float:
    """Between 0 and 1; without a lead there is none to speak of."""
    if evidence.margin <= 0:
        return 0.0
    said = by.constant + by.score * evidence.score + by.margin * evidence.margin + by.known * evidence.known
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, said))))


@lru_cache
def load_classifier() -> Classifier:
    """The committed model; read once."""
    return Classifier.of(unpack(MODEL_FILE.read_bytes()))
