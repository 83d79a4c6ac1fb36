"""Requests that come in at the same time share one transaction; each is answered after its commit."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """`write` commits a group whole and gives a result an item, or raises; what it is given again it knows. `is_outage`
    says of what it raises whether the others would fare no better."""

    def __init__(
        self,
        write: Callable[[list[Item]], Awaitable[list[Result]]],
        *,
        is_outage: Callable[[Exception], bool],
        largest: int = 500,
    ) -> None:
        self._write = write
        self._is_outage = is_outage
        self._largest = largest
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._writing: set[asyncio.Task[None]] = set()

    async def submit(self, item: Item) -> Result:
        """The item's result, once it is committed; a caller that goes away takes nobody with him."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._writing) < 2:  # a second group is written while the first waits for the disk
            task = asyncio.create_task(self._write_groups())
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        return await future

    async def _write_groups(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(self._largest, len(self._waiting)))]
            await self._write_group(group)

    async def _write_group(self, group: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._write([item for item, _ in group])
        except Exception:
            # one of them may be at fault, and the others need not fail with it; or all are committed, and that was lost
            await self._write_alone(group)
        else:
            for (_, future), result in zip(group, results, strict=True):
                _answer(future, result)

    async def _write_alone(self, group: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        """Each by itself, until one meets an outage: the others would wait for theirs one after another."""
        outage: Exception | None = None
        for item, future in group:
            if outage is None:
                outage = await self._write_one(item, future)
            else:
                _refuse(future, outage)

    async def _write_one(self, item: Item, future: asyncio.Future[Result]) -> Exception | None:
        """The outage that it met, if any."""
        try:
            (result,) = await self._write([item])
        except Exception as error:
            _refuse(future, error)
            return error if self._is_outage(error) else None
        _answer(future, result)
        return None


def _refuse(future: asyncio.Future[Result], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


def _answer(future: asyncio.Future[Result], result: Result) -> None:
    if not future.done():
        future.set_result(result)
