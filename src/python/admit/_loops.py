# SPDX-License-Identifier: BSL-1.0
"""How what has happened in an engine reaches the event loop that waits for it."""

from __future__ import annotations

import asyncio

from . import _engine


class LoopEvents:
    """The events of one event loop: one descriptor for all that wait or work there."""

    _all: dict[asyncio.AbstractEventLoop, LoopEvents] = {}

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._users = 0
        self.channel = _engine.Channel()
        loop.add_reader(self.channel.fileno(), self._deliver)

    @classmethod
    def enter(cls) -> LoopEvents:
        loop = asyncio.get_running_loop()
        self = cls._all.get(loop)
        if self is None:
            self = cls._all[loop] = cls(loop)
        self._users += 1
        return self

    def leave(self) -> None:
        """The descriptor is closed behind the last one."""
        self._users -= 1
        if self._users == 0:
            self._loop.remove_reader(self.channel.fileno())
            self.channel.close()
            del self._all[self._loop]

    def _deliver(self) -> None:
        for event in self.channel.take():
            event.future.happened(event)


class Wait:
    """A request on its way, which a task awaits."""

    def __init__(self) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def happened(self, _event: _engine.Event) -> None:
        if not self.future.done():
            self.future.set_result(None)
