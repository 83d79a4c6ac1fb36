"""Why a case was decided as it was: values that facts of cases carry."""

from contracts.envelope import Value


class Circumstance(Value):
    """What lay near a report or hung over it when it was decided, in the public words of the directory or the
    forecaster: a place has kind and name, a weather warning kind and level. Kept as it was then: both change."""

    kind: str | None = None
    level: str | None = None
    name: str | None = None
    name_en: str | None = None


class Reason(Value):
    """One rule that spoke in a decision; `at` are the offsets of the matched words, never the words; `about` says
    which sensitive place (S2) or weather warning (S5) it was."""

    rule: str
    effect: str
    at: tuple[int, int] | None = None
    points: int | None = None
    about: Circumstance | None = None
