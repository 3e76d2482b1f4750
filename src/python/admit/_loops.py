# SPDX-License-Identifier: BSL-1.0
"""How what has happened in an engine reaches the event loop that waits for it."""

from __future__ import annotations

import asyncio
import os

from . import _engine
from ._values import Status


class LoopEvents:
    """The events of one event loop: one descriptor for all that wait or work there."""

    _all: dict[asyncio.AbstractEventLoop, LoopEvents] = {}

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._process = os.getpid()
        self._users = 0
        self.waits: set[_engine.Event] = set()
        self.supervised: set[_engine.Event] = set()
        self.channel = _engine.Channel()
        loop.add_reader(self.channel.fileno(), self._deliver)

    @classmethod
    def enter(cls) -> LoopEvents:
        loop = asyncio.get_running_loop()
        self = cls._all.get(loop)
        if self is None:
            for closed in [each for each in cls._all if each.is_closed()]:
                cls._all.pop(closed)._abandon()
            self = cls._all[loop] = cls(loop)
        self._users += 1
        return self

    def leave(self) -> None:
        """The descriptor is closed behind the last one."""
        self._users -= 1
        if self._users == 0:
            # A forked child shares the selector with its parent, which goes on.
            if self._process == os.getpid():
                self._loop.remove_reader(self.channel.fileno())
            self.channel.close()
            self._all.pop(self._loop, None)

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
                self._loop.call_soon(self._tell, events)


def give_up(event: _engine.Event) -> None:
    """Takes a wait back; if it was granted already, the slot is the next one's."""
    if not event.cancel():
        given = event.result()
        if isinstance(given, _engine.Permit):
            given.end(Status.CANCELLED)


class Wait:
    """A request on its way, which a task awaits."""

    def __init__(self) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.timer: asyncio.TimerHandle | None = None

    def happened(self) -> None:
        if not self.future.done():
            self.future.set_result(None)

    def over(self) -> None:
        self.future.cancel()
        if self.timer is not None:
            self.timer.cancel()
