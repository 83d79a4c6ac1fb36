"""How weights are learned: least squares over TF-IDF n-grams, solved exactly, so that every machine finds the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction import DictVectorizer

from services.router.classification.features import count, rarity, weigh

Doubles = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Space:
    """The n-grams of some texts, and how rare each is there."""

    documents: int
    containing: Mapping[str, int]
    vectorizer: DictVectorizer
    rarities: Mapping[str, float]

    @property
    def unheard(self) -> float:
        return rarity(self.documents, 0)

    def place(self, texts: Sequence[str]) -> Any:
        """A sparse row for each text."""
        return self.vectorizer.transform([weigh(count(text), self.rarities, self.unheard) for text in texts])


def space_of(texts: Sequence[str], least: int = 1) -> Space:
    """The space of the n-grams that stand in at least `least` of the texts, in alphabetical order."""
    counts = [count(text) for text in texts]
    containing = Counter(ngram for counted in counts for ngram in counted)
    kept = {ngram: texts for ngram, texts in sorted(containing.items()) if texts >= least}
    rarities = {ngram: rarity(len(texts), number) for ngram, number in kept.items()}
    vectorizer = DictVectorizer(sort=True).fit([dict.fromkeys(kept, 1.0)])
    return Space(len(texts), kept, vectorizer, rarities)


def solve(rows: Any, labels: Labels, classes: int, ridge: float) -> Doubles:
    """Weights, n-grams by classes, that tell each class from all others; `ridge` holds them small."""
    wanted = np.eye(classes)[labels]
    alike = (rows @ rows.T).toarray()
    alike[np.diag_indices_from(alike)] += ridge
    return np.asarray(rows.T @ np.linalg.solve(alike, wanted))
