"""How long most of many took: what a day and the benchmarks tell of latencies."""

from collections.abc import Iterable
from math import nan


def quantile(values: Iterable[float], share: float) -> float:
    """The value that so large a share of them stays below; not a number where there is none."""
    ordered = sorted(values) or [nan]
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
