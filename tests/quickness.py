"""How quick a rule is, on a machine that may be slow and does other things beside it."""

import time
from collections.abc import Callable

_PATIENCE = 5.0  # seconds: a try that the machine slowed is followed by many others
_USUAL = 0.001
"""What `_same_work` takes, in seconds, on the machine for which limits are given."""


def is_done_within(seconds: float, work: Callable[[], object]) -> bool:
    """Whether any try takes at most so much of this thread's time: one is slow by the machine, all are by the code.

    A machine that is slower at something else by its side is given so much more.
    """
    ends = time.monotonic() + _PATIENCE
    while (slow := _taken(work) > seconds * _pace()) and time.monotonic() < ends:
        pass
    return not slow


def _pace() -> float:
    """How many times slower this machine is at this moment; 1 when it is quicker."""
    return max(1.0, _taken(_same_work) / _USUAL)


def _same_work() -> object:
    """What rules are made of: slices of text, sets, numbers."""
    text = "the same work on every machine, whoever does it"
    return [frozenset(text[start : start + 3] for start in range(45)) for _ in range(100)]


def _taken(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began
