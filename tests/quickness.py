"""How quick a rule is, on a machine that does other things beside it."""

import time
from collections.abc import Callable

_PATIENCE = 5.0  # seconds: a try that the machine slowed is followed by many others


def is_done_within(seconds: float, work: Callable[[], object]) -> bool:
    """Whether any try takes at most so much of this thread's time: one is slow by the machine, all are by the code."""
    ends = time.monotonic() + _PATIENCE
    while (taken := _taken(work)) > seconds and time.monotonic() < ends:
        pass
    return taken <= seconds


def _taken(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began
