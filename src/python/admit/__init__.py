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
from collections.abc import AsyncIterator
from typing import Any, NoReturn

from . import _engine
from ._block import Block
from ._engine import Permit
from ._loops import LoopEvents, Wait
from ._values import (Conversation, ConversationEnded, Drained, Expired, Limits, Reason, Rejected,
                      Rejection, Stats, Status, Waiter, nanoseconds, seconds_of)

__all__ = ['Conversation', 'ConversationEnded', 'Drained', 'Engine', 'Expired', 'Limits', 'Permit',
           'Reason', 'Rejected', 'Rejection', 'Stats', 'Status', 'Waiter']
__version__: str = _engine.version


class Engine(_engine.Engine):
    """The limits on conversations, in one place for all threads and loops of a process."""

    def __init__(self, *, max_concurrent: int = 10, max_per_user: int = 3,
                 idle_timeout: float | None = 300.0, max_duration: float | None = 600.0,
                 max_waiting: int = 1024, max_waiting_per_user: int = 16,
                 histograms: bool = False) -> None:
        limits = Limits(max_concurrent, max_per_user, idle_timeout, max_duration, max_waiting,
                        max_waiting_per_user)
        super().__init__(*limits.in_nanoseconds(), histograms)

    def admit(self, user: str | bytes, *, max_per_user: int | None = None) -> Permit:
        """A permit for one conversation, now. Raises Rejected."""
        permit = self.try_admit(user, max_per_user=max_per_user)
        if isinstance(permit, Rejection):
            raise Rejected(permit)
        return permit

    def conversation(self, user: str | bytes, *, wait: float | None = 0, priority: int = 0,
                     max_per_user: int | None = None, grace: float | None = 10.0
                     ) -> contextlib.AbstractAsyncContextManager[Permit]:
        """A block in which the user has a conversation.

        It waits for room for up to `wait` seconds; 0 does not wait, None waits for ever; requests
        of a higher priority (0 to 3) first. Raises Rejected. When the engine ends the conversation,
        the task is cancelled, and the block raises ConversationEnded: Expired or Drained. A task
        that goes on for `grace` seconds after that loses its slot to the next one.
        """
        return Block(self, lambda: self._ask(user, wait, priority, max_per_user), grace)

    async def _ask(self, user: str | bytes, wait: float | None, priority: int,
                   max_per_user: int | None) -> Permit:
        waiting = Wait()
        loop = LoopEvents.enter()
        timer = None
        try:
            asked = self._wait(user, nanoseconds('wait', wait), priority, max_per_user,
                               loop.channel, waiting)
            if isinstance(asked, _engine.Event):
                if wait is not None and wait != math.inf:
                    timer = asyncio.get_running_loop().call_later(wait, self._time_out, waiting)
                asked = await self._settled(asked, waiting)
        finally:
            if timer is not None:
                timer.cancel()
            loop.leave()
        if isinstance(asked, int):
            raise Rejected(Rejection(self, user, asked))
        return asked

    async def _settled(self, event: _engine.Event, waiting: Wait) -> Permit | int:
        try:
            await waiting.future
        except asyncio.CancelledError:
            if not event.cancel():  # granted in the same turn: the slot is the next one's
                given = event.result()
                if isinstance(given, Permit):
                    given.end(Status.CANCELLED)
            raise
        given = event.result()
        assert given is not None
        return given

    def _time_out(self, waiting: Wait) -> None:
        """The library's clock may be behind the loop's, so it is asked again until it agrees."""
        self.expire()
        if not waiting.future.done():
            asyncio.get_running_loop().call_later(0.01, self._time_out, waiting)

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        concurrent, per_user, idle, duration, waiting, waiting_per_user = self._limits()
        return Limits(concurrent, per_user, seconds_of(idle), seconds_of(duration), waiting,
                      waiting_per_user)

    def set_limits(self, **changes: Any) -> None:
        """Changes some limits: set_limits(max_concurrent=5). What is active goes on."""
        self._set_limits(*dataclasses.replace(self.limits, **changes).in_nanoseconds(), False)

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
        """While the block runs, ends every `interval` seconds what is idle or too old."""
        if not 0 < interval < math.inf:
            raise ValueError(f'interval is {interval}; allowed is more than 0')

        async def sweep() -> NoReturn:
            while True:
                await asyncio.sleep(interval)
                self.expire()

        sweeping = asyncio.create_task(sweep())
        try:
            yield
        finally:
            sweeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sweeping

    async def drain(self, timeout: float | None = 30.0) -> None:
        """Admits nothing more, waits for what is active, and after `timeout` seconds cuts it off."""
        self.close()
        patience: float | None = timeout
        while not await self._idle(patience):
            patience = self._cut_off()
            if patience is None and self.active_count() == 0:
                return

    async def _idle(self, timeout: float | None) -> bool:
        """Whether the last conversation of the closed engine has ended in time."""
        waiting = Wait()
        loop = LoopEvents.enter()
        event = None
        try:
            event = self._wait_idle(loop.channel, waiting)
            async with asyncio.timeout(timeout):
                await waiting.future
            return True
        except TimeoutError:
            return False
        finally:
            if event is not None:
                event.cancel()
            loop.leave()
