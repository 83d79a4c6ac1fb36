"""`make train`: the model from the ruleset's names and the committed examples, byte for byte the same each time."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from services.router.classification.classifier import (
    MODEL_FILE,
    Classifier,
    Evidence,
)
from services.router.classification.examples import Example, Split, names, of, written_examples
from services.router.classification.learning import Doubles, Labels, Space, solve, space_of
from services.router.classification.measuring import HEADING, measure, told
from services.router.classification.model import Calibration, Model, pack
from services.router.classification.seven_classes import measure_seven_classes
from services.router.rulesets.ruleset import SHIPPED, Ruleset, load_ruleset

RIDGE = 0.5
FOLDS = 5
FAINTEST = 4  # of 127: weaker weights say nothing and would be three quarters of the file
_UNCALIBRATED = Calibration(0, 0, 0, 0)


def train(ruleset: Ruleset, examples: Sequence[Example]) -> Model:
    """The model of everything but the held-out examples, with its calibration."""
    known = [*names(ruleset), *of(Split.KEYWORD, examples)]
    reports = of(Split.TRAIN, examples)
    categories = tuple(sorted({example.category for example in (*known, *reports)}))
    model = _fit([*known, *reports], categories)
    return replace(model, calibration=_calibrate(known, reports, categories))


def _fit(examples: Sequence[Example], categories: tuple[str, ...]) -> Model:
    texts = [example.text for example in examples]
    space = space_of(texts)
    weights = solve(space.place(texts), _labels(examples, categories), len(categories), RIDGE)
    return _quantised(space, weights, categories)


def _quantised(space: Space, weights: Doubles, categories: tuple[str, ...]) -> Model:
    scale = float(np.float32(np.abs(weights).max() / 127))
    eighth_bits = np.rint(weights / scale)
    return Model(
        categories=categories,
        vocabulary=tuple(space.containing),
        documents=space.documents,
        containing=np.array(list(space.containing.values()), np.uint16),
        weights=np.where(np.abs(eighth_bits) < FAINTEST, 0, eighth_bits).astype(np.int8),
        scale=scale,
        calibration=_UNCALIBRATED,
    )


def _labels(examples: Sequence[Example], categories: tuple[str, ...]) -> Labels:
    column = {code: number for number, code in enumerate(categories)}
    return np.array([column[example.category] for example in examples])


def _calibrate(
    known: Sequence[Example], reports: Sequence[Example], categories: tuple[str, ...]
) -> Calibration:
    """How often is an answer right, given its evidence? Asked of models that have not seen the report."""
    trials = [trial for fold in range(FOLDS) for trial in _trials(fold, known, reports, categories)]
    evidence = np.array([evidence for evidence, _ in trials])
    right = np.array([is_right for _, is_right in trials])
    fitted = LogisticRegression(C=100.0, solver="newton-cholesky", tol=1e-10).fit(evidence, right)
    score, margin, share = (round(float(value), 3) for value in fitted.coef_[0])
    return Calibration(round(float(fitted.intercept_[0]), 3), score, margin, share)


def _trials(
    fold: int, known: Sequence[Example], reports: Sequence[Example], categories: tuple[str, ...]
) -> Iterator[tuple[Evidence, bool]]:
    """Unseen reports, and pairs of them run together: two matters in one text have no one right category."""
    unseen = reports[fold::FOLDS]
    seen = [report for number, report in enumerate(reports) if number % FOLDS != fold]
    classifier = Classifier.of(_fit([*known, *seen], categories))
    for report in unseen:
        if found := classifier.examine(report.text):
            best, _, evidence = found
            yield evidence, categories[best] == report.category
    for first, second in zip(unseen[::4], unseen[2::4], strict=False):
        if first.category != second.category and (
            found := classifier.examine(f"{first.text}，{second.text}")
        ):
            yield found[2], False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="folder with zh/messages_silver_2801.csv, for measuring only"
    )
    data: Path | None = parser.parse_args().data
    examples = written_examples()
    model = train(load_ruleset(), examples)
    packed = pack(model)
    MODEL_FILE.write_bytes(packed)
    print(f"{MODEL_FILE.name}: {len(packed):,} bytes from {model.documents:,} committed texts of {SHIPPED}")
    _tell_held_out(Classifier.of(model), of(Split.HELD_OUT, examples))
    if data is None:
        print("Seven classes of real messages were not measured: no DATA=<folder> was given.")
    else:
        _tell_seven_classes(data)


def _tell_held_out(classifier: Classifier, held_out: Sequence[Example]) -> None:
    print(HEADING)
    for name, langs in (("held out", ("zh", "en")), ("  Chinese", ("zh",)), ("  English", ("en",))):
        labelled = [(example.category, example.text) for example in held_out if example.lang in langs]
        print(told(name, measure(classifier.classify, labelled)))


def _tell_seven_classes(data: Path) -> None:
    scores = measure_seven_classes(data)
    print(
        f"Seven classes, macro-F1 on {scores.measured_on} of {scores.measured_on + scores.learned_from} messages:"
    )
    for name in ("model", "nearest_centroid", "majority"):
        print(f"  {name:<18}{getattr(scores, name):.3f}")


if __name__ == "__main__":
    main()
