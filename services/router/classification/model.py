"""The trained weights as values, and as bytes: one line of JSON, then the arrays as they are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.router.classification.features import rarity

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Calibration:
    """Turns what stands behind an answer into the chance that it is right."""

    constant: float
    score: float
    margin: float
    known: float


@dataclass(frozen=True)
class Model:
    """`containing[i]` of the `documents` have `vocabulary[i]`; `weights` is n-grams by categories, in eighth bits."""

    categories: tuple[str, ...]
    vocabulary: tuple[str, ...]
    documents: int
    containing: npt.NDArray[np.uint16]
    weights: npt.NDArray[np.int8]
    scale: float
    calibration: Calibration

    @property
    def unheard(self) -> float:
        return rarity(self.documents, 0)

    def rarities(self) -> Mapping[str, float]:
        pairs = zip(self.vocabulary, self.containing.tolist(), strict=True)
        return {ngram: rarity(self.documents, containing) for ngram, containing in pairs}


def pack(model: Model) -> bytes:
    """Only weights other than zero are kept: per n-gram how many, then their columns, then themselves."""
    rows, columns = np.nonzero(model.weights)
    header = {
        "categories": model.categories,
        "documents": model.documents,
        "scale": model.scale,
        "calibration": vars(model.calibration),
        "weights": len(rows),
        "vocabulary": "\t".join(model.vocabulary),
    }
    arrays = (
        model.containing.astype("<u2"),
        np.bincount(rows, minlength=len(model.vocabulary)).astype("u1"),
        columns.astype("u1"),
        model.weights[rows, columns].astype("i1"),
    )
    line = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    return b"".join((line.encode(), b"\n", *(array.tobytes() for array in arrays)))


def unpack(packed: bytes) -> Model:
    """The model that was packed; raises ValueError when bytes are missing or left over."""
    line, _, rest = packed.partition(b"\n")
    header = json.loads(line)
    vocabulary = tuple(header["vocabulary"].split("\t"))
    size, kept = len(vocabulary), header["weights"]
    if len(rest) != 3 * size + 2 * kept:
        raise ValueError(f"the model has {len(rest)} bytes of weights, not {3 * size + 2 * kept}")
    containing = np.frombuffer(rest, "<u2", size)
    per_row = np.frombuffer(rest, "u1", size, 2 * size)
    columns = np.frombuffer(rest, "u1", kept, 3 * size)
    weights = np.zeros((size, len(header["categories"])), np.int8)
    weights[np.repeat(np.arange(size), per_row), columns] = np.frombuffer(rest, "i1", kept, 3 * size + kept)
    return Model(
        categories=tuple(header["categories"]),
        vocabulary=vocabulary,
        documents=header["documents"],
        containing=containing.astype(np.uint16),
        weights=weights,
        scale=header["scale"],
        calibration=Calibration(**header["calibration"]),
    )
