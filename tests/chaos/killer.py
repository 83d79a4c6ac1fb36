"""Kills and freezes at random, also while others are still down; brings back what it killed, lets go what it froze."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from deploy.local.processes import ServerFailed
from tests.chaos.victims import Victim, Victims

_PAUSE = (2.0, 4.0)
_ABSENCE = (0.0, 1.5)
_FREEZES = 0.25  # of the harm that is done
_STANDS_STILL = (
    1.0,
    12.0,
)  # from six seconds on others are given what it held, and it does not know when it goes on
_RETURN_SECONDS = 90.0

Absences = defaultdict[str, list[float]]


@dataclass(frozen=True)
class Harm:
    """By kind of victim: how many seconds it was away, each time."""

    killed: Absences = field(default_factory=lambda: defaultdict(list))
    frozen: Absences = field(default_factory=lambda: defaultdict(list))


async def harm_at_random(victims: Victims, chance: random.Random, *, seconds: float) -> Harm:
    """Each kind in random order, then each again, until the time is up and each was killed once; returns when all are
    back."""
    harm = Harm()
    ends = time.monotonic() + seconds
    waiting: list[str] = []
    async with asyncio.TaskGroup() as returning:
        while time.monotonic() < ends or len(harm.killed) < len(victims.kinds):
            await asyncio.sleep(chance.uniform(*_PAUSE))
            waiting = waiting or chance.sample(victims.kinds, len(victims.kinds))
            kind, victim = await _first_that_runs(waiting, victims)
            await victim.down.acquire()
            if chance.random() < _FREEZES:
                still = chance.uniform(*_STANDS_STILL)
                returning.create_task(_freeze_and_let_go(victim, still, harm.frozen[kind]))
            else:
                absence = chance.uniform(*_ABSENCE)
                returning.create_task(_kill_and_bring_back(victim, absence, harm.killed[kind]))
    return harm


async def _first_that_runs(waiting: list[str], victims: Victims) -> tuple[str, Victim]:
    while True:
        for kind in waiting:
            if victim := await victims.find(kind):
                waiting.remove(kind)
                return kind, victim
        await asyncio.sleep(0.2)


async def _kill_and_bring_back(victim: Victim, absence: float, away: list[float]) -> None:
    began = time.monotonic()
    await asyncio.to_thread(victim.kill)
    await asyncio.sleep(absence)
    await _start(victim, deadline=began + _RETURN_SECONDS)
    away.append(time.monotonic() - began)
    victim.down.release()


async def _freeze_and_let_go(victim: Victim, seconds: float, away: list[float]) -> None:
    """It notices nothing: its connections, its leases and its place in the group may be another's when it goes on."""
    pid = victim.pid()
    assert pid is not None, "who is not down runs"
    process = psutil.Process(pid)
    process.suspend()
    workers = process.children(recursive=True)  # it makes no more of them
    _each(workers, psutil.Process.suspend)
    await asyncio.sleep(seconds)
    _each([*workers, process], psutil.Process.resume)
    away.append(seconds)
    victim.down.release()


def _each(processes: list[psutil.Process], do: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # one that was just ending
            do(process)


async def _start(victim: Victim, *, deadline: float) -> None:
    """As a supervisor of processes would: what it stands on may be down too, so it is started until it stays."""
    while True:
        try:
            return await asyncio.to_thread(victim.start)
        except ServerFailed:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.5)
