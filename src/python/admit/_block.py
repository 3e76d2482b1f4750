# SPDX-License-Identifier: BSL-1.0
"""The block `async with engine.conversation(...)`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType

from . import _engine
from ._loops import LoopEvents
from ._values import Status, ended_as, nanoseconds


class Block:
    """`async with engine.conversation(...)`."""

    def __init__(self, engine: _engine.Engine, ask: Callable[[], Awaitable[_engine.Permit]],
                 grace: float | None, closed: Callable[[], bool]) -> None:
        self._engine = engine
        self._ask = ask
        self._closed = closed
        self._grace = nanoseconds('grace', grace)
        self._told = False
        self._task: asyncio.Task[object] | None = None

    async def __aenter__(self) -> _engine.Permit:
        running = asyncio.get_running_loop()
        task = asyncio.current_task(running)
        if task is None or self._task is not None:
            raise RuntimeError('a block is entered once, in a task')
        self._task = task
        permit = await self._ask()
        self._cancelling = task.cancelling()
        try:
            self._loop = LoopEvents.enter(running)
        except BaseException:
            permit.end(Status.ERROR)
            raise
        try:
            event = self._engine._supervise(permit, self._grace, self._loop.channel, self)
            if event is None:  # ended by another call since its grant
                raise ended_as(Status.DRAINED if self._closed() else Status.CANCELLED)
            self._loop.supervised.add(event)
        except BaseException:
            self._loop.leave()
            permit.end(Status.ERROR)
            raise
        self._event: _engine.Event | None = event
        self._permit = permit  # which would end with its last reference
        return permit

    def happened(self) -> None:
        """The conversation is to end: its task is cancelled, once."""
        if self._event is not None and not self._told:
            self._told = True
            assert self._task is not None
            self._task.cancel()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        event, self._event = self._event, None
        task = self._task
        assert event is not None and task is not None
        self._loop.supervised.discard(event)
        how = Status.COMPLETED
        if kind is not None:
            how = Status.CANCELLED if issubclass(kind, asyncio.CancelledError) else Status.ERROR
        status, _, _ = event.unsupervise(how)
        self._loop.leave()
        if isinstance(error, GeneratorExit):  # the task is collected, or its coroutine closed
            return
        if asyncio.current_task(self._loop.loop) is not task:
            raise RuntimeError('a block is left by the task that has entered it') from error
        if not self._told:
            return
        # The cancellation of the engine is taken back. If another one came as well, it goes on.
        others = task.uncancel() > self._cancelling
        if not others and isinstance(error, asyncio.CancelledError):
            raise ended_as(Status(status)) from error
