"""(b) Reports a second that one router drains from a queue, beside a loop with the same rows and messages and no rules."""

import asyncio

from benchmarks.bare_loop import SCHEMA
from benchmarks.queued import messages, queue
from benchmarks.stand import Stand, execute, make_topics, median, program, until_drained
from contracts.topics import REPORTS
from deploy.local.processes import silent


def measure(stand: Stand) -> dict[str, object]:
    count = 1000 if stand.quick else 20_000
    stand.only()
    bare, ours = [], []
    for number in range(stand.rounds):
        bare.append(asyncio.run(_bare(stand, number, count)))
        ours.append(asyncio.run(_ours(stand, count)))
    return {
        "reports": count,
        "ours": median(ours),
        "bare": median(bare),
        "every ours": ours,
        "every bare": bare,
    }


async def _ours(stand: Stand, count: int) -> float:
    """The queue is filled while the router is away; it begins when it comes back."""
    database = f"{stand.postgres}/casegrid_router"
    await execute(database, "truncate inbox, cases, case_events, outbox")
    await queue(stand.kafka, messages(REPORTS.name, count))
    router = stand.running.services["router"]
    starting = asyncio.create_task(asyncio.to_thread(router.start, silent))
    try:
        return await until_drained(database, count)
    finally:
        await starting
        await asyncio.to_thread(router.stop)


async def _bare(stand: Stand, number: int, count: int) -> float:
    name = f"bare_{number}"
    await execute(f"{stand.postgres}/postgres", f"create database {name}")
    await execute(f"{stand.postgres}/{name}", SCHEMA)
    await make_topics(stand.kafka, name, f"{name}.out")
    await queue(stand.kafka, messages(name, count))
    with program("benchmarks.bare_loop", stand.kafka, f"{stand.postgres}/{name}", name, str(count)):
        return await until_drained(f"{stand.postgres}/{name}", count)
