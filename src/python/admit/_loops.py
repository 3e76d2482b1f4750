# SPDX-License-Identifier: BSL-1.0
"""How what has happened in an engine reaches the event loop that waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator

from . import _engine
from ._values import Status


class LoopEvents:
    """The events of one event loop: one descriptor for all that wait or work there.

    It is closed behind the last of them, when the loop comes to it: a block that follows at once has
    no other one made, which would take longer than all the rest.
    """

    _all: dict[asyncio.AbstractEventLoop, LoopEvents] = {}

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._inherited = False
        self._users = 0
        self._closing = False
        self.waits: set[_engine.Event] = set()
        self.supervised: set[_engine.Event] = set()
        self.channel = _engine.Channel()
        loop.add_reader(self.channel.fileno(), self._deliver)

    @classmethod
    def enter(cls, loop: asyncio.AbstractEventLoop) -> LoopEvents:
        """The events of the running loop, which is an argument because to ask for it is a system call."""
        self = cls._all.get(loop)
        if self is None:
            cls.abandon_closed()
            self = cls._all[loop] = cls(loop)
        self._users += 1
        return self

    @classmethod
    def abandon_closed(cls) -> bool:
        """Gives to others what closed loops have. Whether there was one."""
        closed = [each for each in list(cls._all) if each.is_closed()]
        for each in closed:
            events = cls._all.pop(each, None)  # another thread may have been first
            if events is not None:
                events._abandon()
        return bool(closed)

    def leave(self) -> None:
        """The last one has the descriptor closed."""
        self._users -= 1
        if self._users > 0:
            return
        if self._inherited or self.loop.is_closed():
            self._forget()
        elif not self._closing:
            self._closing = True
            self.loop.call_soon(self._close)

    def _close(self) -> None:
        self._closing = False
        if self._users == 0:
            if not self._inherited:
                self.loop.remove_reader(self.channel.fileno())
            self._forget()

    @contextlib.contextmanager
    def until_over(self, event: _engine.Event) -> Iterator[None]:
        """While the block waits for the event. A block that raises takes the wait back."""
        self.waits.add(event)
        try:
            yield
        except BaseException:
            give_up(event)
            raise
        finally:
            self.waits.discard(event)

    @classmethod
    def _inherit(cls) -> None:
        """In a forked child, which shares each selector with its parent: the parent goes on."""
        for each in cls._all.values():
            each._inherited = True

    def _forget(self) -> None:
        self.channel.close()
        self._all.pop(self.loop, None)

    def _abandon(self) -> None:
        """The loop was closed with tasks that never ended: what they have goes to others."""
        for event in self.waits:
            give_up(event)
        for event in self.supervised:
            event.unsupervise(Status.CANCELLED)
        self.channel.close()

    def _deliver(self) -> None:
        self._tell(self.channel.take())

    def _tell(self, events: list[_engine.Event]) -> None:
        try:
            while events:
                events.pop(0).future.happened()
        finally:
            if events:  # one of them raised
                self.loop.call_soon(self._tell, events)


os.register_at_fork(after_in_child=LoopEvents._inherit)


def give_up(event: _engine.Event) -> None:
    """Takes a wait back; if it was granted already, the slot is the next one's."""
    if not event.cancel():
        given = event.result()
        if isinstance(given, _engine.Permit):
            given.end(Status.CANCELLED)


class Wait:
    """A request on its way, which a task awaits."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.future: asyncio.Future[None] = loop.create_future()
        self.timer: asyncio.TimerHandle | None = None

    def happened(self) -> None:
        if not self.future.done():
            self.future.set_result(None)

    def over(self) -> None:
        if not self.future.get_loop().is_closed():  # or it was collected with what had waited
            self.future.cancel()
        if self.timer is not None:
            self.timer.cancel()
