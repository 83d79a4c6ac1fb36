"""How good the proposals are on texts that nobody learned from."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sklearn.metrics import f1_score

from services.router.classification.classifier import NO_CATEGORY, SURE_ENOUGH, Proposal

Labelled = tuple[str, str]  # category, text


class Scores(NamedTuple):
    """Shares of 1. `coverage`: proposals that are sure enough; `precision`: of those, the right ones. What is about
    nothing counts in both, and any sure proposal for it is wrong; `macro_f1` and `top_1` leave it out."""

    texts: int
    macro_f1: float
    top_1: float
    coverage: float
    precision: float


def measure(classify: Callable[[str], Proposal], labelled: Iterable[Labelled]) -> Scores:
    """How `classify` does on texts whose category is known; raises ZeroDivisionError when there are none."""
    answers = [(category, classify(text)) for category, text in labelled]
    matters = [(category, proposal) for category, proposal in answers if category != NO_CATEGORY]
    sure = [(category, proposal) for category, proposal in answers if proposal.confidence >= SURE_ENOUGH]
    wanted = [category for category, _ in matters]
    given = [proposal.category or NO_CATEGORY for _, proposal in matters]
    return Scores(
        texts=len(answers),
        macro_f1=float(f1_score(wanted, given, labels=sorted(set(wanted)), average="macro")),
        top_1=_right(matters) / len(matters),
        coverage=len(sure) / len(answers),
        precision=_right(sure) / len(sure) if sure else 1.0,
    )


def _right(answers: Sequence[tuple[str, Proposal]]) -> int:
    return sum(category == proposal.category for category, proposal in answers)


def told(name: str, scores: Scores) -> str:
    """A row of the table that training prints."""
    shares = "".join(f"{share:>10.3f}" for share in scores[1:])
    return f"{name:<24}{scores.texts:>6}{shares}"


HEADING = f"{'':<24}{'texts':>6}" + "".join(f"{field:>10}" for field in Scores._fields[1:])
