"""Kills at random, also while others are still down, and brings back what it killed."""

import asyncio
import random
import time
from collections import defaultdict

from deploy.local.processes import ServerFailed
from tests.chaos.victims import Victim, Victims

_PAUSE = (2.0, 4.0)
_ABSENCE = (0.0, 1.5)
_RETURN_SECONDS = 90.0

Kills = dict[str, list[float]]
"""By kind of victim: how many seconds it was away, each time."""


async def kill_at_random(victims: Victims, chance: random.Random, *, seconds: float) -> Kills:
    """Each kind in random order, then each again, until the time is up; returns when all are back."""
    kills: Kills = defaultdict(list)
    ends = time.monotonic() + seconds
    waiting: list[str] = []
    async with asyncio.TaskGroup() as returning:
        while time.monotonic() < ends or len(kills) < len(victims.kinds):
            await asyncio.sleep(chance.uniform(*_PAUSE))
            waiting = waiting or chance.sample(victims.kinds, len(victims.kinds))
            kind, victim = await _first_that_runs(waiting, victims)
            await victim.down.acquire()
            returning.create_task(_kill_and_bring_back(victim, chance.uniform(*_ABSENCE), kills[kind]))
    return kills


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


async def _start(victim: Victim, *, deadline: float) -> None:
    """As a supervisor of processes would: what it stands on may be down too, so it is started until it stays."""
    while True:
        try:
            return await asyncio.to_thread(victim.start)
        except ServerFailed:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.5)
