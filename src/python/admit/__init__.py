# SPDX-License-Identifier: BSL-1.0
"""Decides for every conversation a chat bot is asked to start whether it may start now.

    engine = admit.Engine(max_concurrent=20, max_per_user=2, idle_timeout=120.0)

    async with engine.conversation(user, wait=5.0) as permit:
        ...  # at most 20 at once, 2 of this user; cancelled when it is idle for too long

Times are seconds; None means without end. An engine may be used from any thread and any number of
event loops. After a fork the child makes its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import math
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from . import _engine
from ._block import Block
from ._engine import Permit, Rejection
from ._loops import LoopEvents, Wait
from ._values import (FOREVER, Conversation, ConversationEnded, Drained, Expired, Limits, Reason,
                      Rejected, Stats, Status, Waiter, nanoseconds, seconds_of)
from .rate_limiter import RateLimiter

__all__ = ['Conversation', 'ConversationEnded', 'Drained', 'Engine', 'Expired', 'Limits', 'Permit',
           'RateLimiter', 'Reason', 'Rejected', 'Rejection', 'Stats', 'Status', 'Waiter']
__version__: str = _engine.version


class Engine(_engine.Engine):
    """The limits on conversations, in one place for all threads and loops of a process."""

    def __init__(self, *, max_concurrent: int = 10, max_per_user: int = 3,
                 idle_timeout: float | None = 300.0, max_duration: float | None = 600.0,
                 max_waiting: int = 1024, max_waiting_per_user: int = 16) -> None:
        limits = Limits(max_concurrent, max_per_user, idle_timeout, max_duration, max_waiting,
                        max_waiting_per_user)
        super().__init__(*limits.in_nanoseconds())
        self._changing = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Admits nothing more; what waits is rejected, what is active goes on."""
        self._closed = True
        super().close()

    def conversation(self, user: str | bytes, *, wait: float | None = 0, priority: int = 0,
                     max_per_user: int | None = None, grace: float | None = 10.0,
                     on_wait: Callable[[int], object] | None = None
                     ) -> contextlib.AbstractAsyncContextManager[Permit]:
        """A block in which the user has a conversation.

        It waits for room for up to `wait` seconds; 0 does not wait, None waits for ever; requests
        of a higher priority (0 to 3) first. If it has to wait, `on_wait`, a plain function, is called
        at once with its place in the queue: 1 is the next. Raises Rejected. When the engine ends the
        conversation, the task is cancelled, and the block raises ConversationEnded, usually Expired
        or Drained, unless its body swallows the cancellation. A task that goes on for `grace`
        seconds after that loses its slot to the next one, at the next expire(). A block belongs to
        one task.
        """
        return Block(self, lambda: self._ask(user, wait, priority, max_per_user, on_wait), grace,
                     lambda: self._closed)

    async def _ask(self, user: str | bytes, wait: float | None, priority: int,
                   max_per_user: int | None, on_wait: Callable[[int], object] | None) -> Permit:
        if priority not in range(4):
            raise ValueError(f'priority is {priority}; allowed is 0 to 3')
        at_most = nanoseconds('wait', wait)
        if at_most == 0:
            permit = self.try_admit(user, max_per_user=max_per_user)
            if isinstance(permit, Permit):
                return permit
            if not LoopEvents.abandon_closed():
                raise Rejected(permit)
            return self.admit(user, max_per_user=max_per_user)
        loop = asyncio.get_running_loop()
        waiting = Wait(loop)
        events = LoopEvents.enter(loop)
        try:
            given = self._wait(user, at_most, priority, max_per_user, events.channel, waiting)
            if isinstance(given, _engine.Event):
                event = given
                with events.until_over(event):
                    if on_wait is not None:
                        self._tell_place(on_wait, user, priority)
                    if at_most < FOREVER:
                        self._time_out_after(at_most / 1e9, waiting)
                    await waiting.future
                    given = event.result()
        finally:
            waiting.over()
            events.leave()
        return given if isinstance(given, Permit) else self._reject(user, given)

    def _tell_place(self, on_wait: Callable[[int], object], user: str | bytes, priority: int) -> None:
        """That of the user's last request of the priority, unless another thread has ended its wait."""
        ahead = [each.ahead for each in self.waiters(user) if each.priority == priority]
        told = on_wait(max(ahead) + 1) if ahead else None
        if isinstance(told, Coroutine):
            told.close()
            raise TypeError('on_wait is awaited by nothing; a function may start a task')

    def _time_out_after(self, seconds: float, waiting: Wait) -> None:
        def time_out() -> None:
            self.expire()
            # The library's clock may be behind the loop's: it is asked again until it agrees.
            if not waiting.future.done():
                self._time_out_after(0.01, waiting)

        waiting.timer = waiting.future.get_loop().call_later(seconds, time_out)

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        concurrent, per_user, idle, duration, waiting, waiting_per_user = self._limits()
        return Limits(concurrent, per_user, seconds_of(idle), seconds_of(duration), waiting,
                      waiting_per_user)

    def set_limits(self, **changes: Any) -> None:
        """Changes some limits: set_limits(max_concurrent=5). What is active goes on."""
        with self._changing:
            self._set_limits(*dataclasses.replace(self.limits, **changes).in_nanoseconds())

    def stats(self) -> Stats:
        """Totals since the engine was made, and what is active now."""
        active, users, waiting, admitted, overstayed, rejected, ended = self._stats()
        return Stats(active, users, waiting, admitted, overstayed,
                     {reason: rejected[reason] for reason in Reason},
                     {status: ended[status] for status in Status}, self.limits)

    def conversations(self, user: str | bytes | None = None) -> list[Conversation]:
        """The active conversations, of all users or of one."""
        return [Conversation(*each) for each in self._conversations(user)]

    def waiters(self, user: str | bytes | None = None) -> list[Waiter]:
        """The requests that wait, the next to be admitted first."""
        return [Waiter(*each) for each in self._waiters(user)]

    @contextlib.asynccontextmanager
    async def expiring(self, interval: float = 1.0) -> AsyncIterator[None]:
        """While the block runs, ends every `interval` seconds what is idle or too old.

        A wait that times out does so as well, once.
        """
        if not 0 < interval < math.inf:
            raise ValueError(f'interval is {interval}; allowed is more than 0')
        loop = asyncio.get_running_loop()
        timer = loop.call_later(interval, lambda: sweep())

        def sweep() -> None:
            nonlocal timer
            timer = loop.call_later(interval, sweep)
            self.expire()

        try:
            yield
        finally:
            timer.cancel()

    async def drain(self, timeout: float | None = 30.0) -> None:
        """Admits nothing more, waits for what is active, and after `timeout` seconds cuts it off."""
        patience = seconds_of(nanoseconds('timeout', timeout))
        self.close()
        while not await self._idle(patience):
            patience = self._cut_off()
            if patience is None:  # nothing is active any more
                return

    async def _idle(self, timeout: float | None) -> bool:
        """Whether the last conversation of the closed engine has ended in time."""
        loop = asyncio.get_running_loop()
        waiting = Wait(loop)
        events = LoopEvents.enter(loop)
        try:
            event = self._wait_idle(events.channel, waiting)
            with events.until_over(event):
                # Not asyncio.timeout(), which in 3.11.2 has no TimeoutError for a task that is being
                # cancelled, as one that drains in its `finally` is.
                done, _ = await asyncio.wait([waiting.future], timeout=timeout)
                event.cancel()
                return bool(done)
        finally:
            events.leave()
