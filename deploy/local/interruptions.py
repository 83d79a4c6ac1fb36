"""Ctrl-C, SIGTERM, a terminal that is closed: each ends a command in order, at any moment."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def heed_interruptions() -> None:
    """All of them raise KeyboardInterrupt from now on."""
    # a shell takes Ctrl-C from what it runs in the background, and then the others could not be the same
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays in force
            signal.signal(number, _as_ctrl_c)


def wait_for_interruption() -> None:
    # one that is ignored is kept all the same while it is held off, and would be waited for
    heeded = {number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN}
    with interruptions_held_off():
        signal.sigwait(heeded)


@contextmanager
def interruptions_held_off() -> Iterator[None]:
    """Whoever is impatient waits until the block is done: a stop that was itself stopped would leave processes."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    """An event loop has a handler of its own for it, which lets its tasks finish."""
    ctrl_c = signal.getsignal(signal.SIGINT)
    assert callable(ctrl_c)
    ctrl_c(number, frame)
