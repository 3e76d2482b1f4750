# SPDX-License-Identifier: BSL-1.0
"""A ConversationManager with the interface that older bots use, on an Engine of this package.

    manager = ConversationManager(max_concurrent=10, max_per_user=3)
    context = await manager.start_conversation(thread, user, room)     # None: there is no room
    await manager.end_conversation(context.id)

Contexts, limits and times are plain attributes, which a bot reads and assigns; a cleanup task ends what
is idle or too old. Beyond the older interface, start_conversation() can wait for room, tell the place in
the queue, and raise the reason of a refusal. Times are those of time.time(), in seconds.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import os
import time
import weakref
from collections.abc import Callable
from typing import Any

from . import Engine, Permit, Reason, Rejected, Rejection, Status
from ._contexts import (ConversationContext, ConversationStatus, get_current_conversation, new_id,
                        set_current_conversation)

__all__ = ['ConversationContext', 'ConversationManager', 'ConversationStatus', 'get_conversation_manager',
           'get_current_conversation', 'set_conversation_manager', 'set_current_conversation']

logger = logging.getLogger(__name__)

_CLEANUP_INTERVAL = 60.0
_HIGHEST_LIMIT, _LONGEST_QUEUE = 2_000_000, 1_000_000  # of an engine
_ENDED_AS = {ConversationStatus.IDLE: Status.IDLE, ConversationStatus.TIMED_OUT: Status.TIMED_OUT,
             ConversationStatus.ERROR: Status.ERROR}


class ConversationManager:
    """Limits conversations, of all users and of each. For one event loop.

    Limits may be assigned at any time; what is active goes on. A limit of 0 refuses all.
    """

    def __init__(self, max_concurrent: int = 10, max_per_user: int = 3,
                 idle_timeout_seconds: float = 800, max_duration_seconds: float = 1600) -> None:
        self._max_concurrent = max_concurrent
        self._max_per_user = max_per_user
        self.idle_timeout_seconds = idle_timeout_seconds
        self.max_duration_seconds = max_duration_seconds
        self._active: dict[str, tuple[ConversationContext, Permit]] = {}
        self._engine = self._new_engine()
        self._cleanup_task: asyncio.Task[None] | None = None
        _managers.add(self)
        logger.info('conversations: at most %s, %s of a user; idle for at most %s s, at most %s s long',
                    max_concurrent, max_per_user, idle_timeout_seconds, max_duration_seconds)

    @property
    def max_concurrent(self) -> int:
        """Conversations of all users that may be active at once."""
        return self._max_concurrent

    @max_concurrent.setter
    def max_concurrent(self, limit: int) -> None:
        self._engine.set_limits(max_concurrent=_engine_limit(limit))
        self._max_concurrent = limit

    @property
    def max_per_user(self) -> int:
        """Conversations of one user that may be active at once."""
        return self._max_per_user

    @max_per_user.setter
    def max_per_user(self, limit: int) -> None:
        self._engine.set_limits(max_per_user=_engine_limit(limit))
        self._max_per_user = limit

    async def start_conversation(self, thread_root_id: str, user_id: str, room_id: str, *,
                                 wait: float | None = 0, priority: int = 0,
                                 on_wait: Callable[[int], object] | None = None,
                                 raising: bool = False) -> ConversationContext | None:
        """A new conversation, or None and a warning in the log that says why there is none.

        It waits up to `wait` seconds for room (None: for ever), requests of a higher priority (0 to
        3) first. If it has to wait, `on_wait`, a plain function, is called at once with its place in
        the queue: 1 is the next. With `raising` a refusal raises Rejected, which has the reason.
        """
        user = _engine_user(user_id)
        if wait == 0 and priority == 0:
            permit = self._engine.try_admit(user)
        else:
            permit = await self._wait(user, wait, priority, on_wait)
        if isinstance(permit, Rejection):
            self._warn(permit, user_id)
            if raising:
                raise Rejected(permit)
            return None
        now = time.time()
        context = ConversationContext(new_id(), thread_root_id, user_id, room_id, now, now)
        if logger.isEnabledFor(logging.INFO):  # before it is kept: it ends if a handler raises
            logger.info('conversation %s: started by %s in %s, %d of %s, %d of %s of the user',
                        context.id, user_id, room_id, len(self._active) + 1, self._max_concurrent,
                        self._engine.active_count(user), self._max_per_user)
        self._active[context.id] = (context, permit)
        return context

    async def _wait(self, user: str | bytes, wait: float | None, priority: int,
                    on_wait: Callable[[int], object] | None) -> Permit | Rejection:
        try:
            return await self._engine._ask(user, wait, priority, None, on_wait)
        except Rejected as rejected:
            return rejected.rejection

    def queue_position(self, user_id: str) -> int | None:
        """The place of the user's next request in the queue: 1 is the next. None: it has none there."""
        return min((each.ahead + 1 for each in self._engine.waiters(_engine_user(user_id))), default=None)

    def _warn(self, rejection: Rejection, user_id: str) -> None:
        if not logger.isEnabledFor(logging.WARNING):
            return
        limits = {Reason.GLOBAL_LIMIT: f' (max_concurrent is {self._max_concurrent})',
                  Reason.USER_LIMIT: f' (max_per_user is {self._max_per_user})'}
        logger.warning('no conversation for %s: %s%s', user_id, rejection.reason,
                       limits.get(rejection.reason, ''))

    async def end_conversation(self, conversation_id: str,
                               status: ConversationStatus = ConversationStatus.COMPLETED) -> bool:
        """Whether this call has ended it. Its context says how."""
        active = self._active.pop(conversation_id, None)
        if active is None:
            logger.debug('conversation %s: not active', conversation_id)
            return False
        context, permit = active
        context.status = status
        known = isinstance(status, ConversationStatus)
        permit.end(_ENDED_AS.get(status, Status.COMPLETED) if known else Status.COMPLETED)
        if logger.isEnabledFor(logging.INFO):
            logger.info('conversation %s: of %s, %s after %.1f s; %d are active', conversation_id,
                        context.user_id, status.value, context.age_seconds(), len(self._active))
        return True

    async def update_activity(self, conversation_id: str) -> bool:
        """Something has happened in it. False: it is not active."""
        active = self._active.get(conversation_id)
        if active is None:
            return False
        active[0].update_activity()
        return True

    async def get_active_conversations(self, user_id: str | None = None) -> list[ConversationContext]:
        """The active conversations in the order of their starts, of all users or of one."""
        return [context for context, _ in self._active.values()
                if not user_id or context.user_id == user_id]

    async def get_stats(self) -> dict[str, Any]:
        """What is active, and the limits."""
        return {'total_active': len(self._active),
                'max_concurrent': self.max_concurrent,
                'max_per_user': self.max_per_user,
                'users_with_conversations': self._engine._stats()[1],
                'idle_timeout_seconds': self.idle_timeout_seconds,
                'max_duration_seconds': self.max_duration_seconds}

    def start_cleanup_task(self) -> None:
        """From now on, each minute, what is idle or too old is ended. In a running loop."""
        loop, task = asyncio.get_running_loop(), self._cleanup_task
        if task is None or task.done() or task.cancelling() or task.get_loop() is not loop:
            self._cleanup_task = loop.create_task(self._clean_up())

    def stop_cleanup_task(self) -> None:
        """Nothing is ended any more for its times."""
        if self._cleanup_task is not None and not self._cleanup_task.done():
            self._cleanup_task.cancel()

    async def _clean_up(self) -> None:
        logger.info('cleanup: started')
        try:
            while True:
                await asyncio.sleep(_CLEANUP_INTERVAL)
                ended = [await self.end_conversation(conversation_id, status)
                         for conversation_id, status in self._expired()]
                if any(ended):
                    logger.info('cleanup: ended %d conversations', sum(ended))
        except asyncio.CancelledError:
            logger.info('cleanup: stopped')
            raise
        except Exception:
            logger.exception('cleanup: failed, and ends')

    def _expired(self) -> list[tuple[str, ConversationStatus]]:
        expired = []
        for conversation_id, (context, _) in self._active.items():
            if context.idle_seconds() > self.idle_timeout_seconds:
                expired.append((conversation_id, ConversationStatus.IDLE))
            elif context.age_seconds() > self.max_duration_seconds:
                expired.append((conversation_id, ConversationStatus.TIMED_OUT))
        return expired

    def _new_engine(self) -> Engine:
        """With what is active admitted."""
        engine = Engine(max_concurrent=len(self._active), max_per_user=len(self._active),
                        idle_timeout=None, max_duration=None, max_waiting=_LONGEST_QUEUE,
                        max_waiting_per_user=_LONGEST_QUEUE)
        for conversation_id, (context, _) in self._active.items():
            permit = engine.try_admit(_engine_user(context.user_id))
            assert isinstance(permit, Permit)
            self._active[conversation_id] = (context, permit)
        engine.set_limits(max_concurrent=_engine_limit(self._max_concurrent),
                          max_per_user=_engine_limit(self._max_per_user))
        return engine

    def _after_fork(self) -> None:
        """In the child, which goes on with conversations of its own."""
        self._engine = self._new_engine()
        self._cleanup_task = None


def _engine_limit(limit: float) -> int:
    """As many as are fewer than the limit are active when one more is admitted."""
    return max(0, math.ceil(min(limit, _HIGHEST_LIMIT)))


def _engine_user(user_id: object) -> str | bytes:
    """A user of the engine, for any user id: one that an engine refuses has its digest instead.

    The digest begins with a byte that no text has.
    """
    if isinstance(user_id, str) and 0 < len(user_id) < 256 and user_id.isascii():
        return user_id
    text = user_id if isinstance(user_id, str) else f'{type(user_id).__name__} {user_id!r}'
    name = text.encode('utf-8', 'surrogatepass')
    if isinstance(user_id, str) and 0 < len(name) < 256:
        return name
    return b'\xff' + hashlib.sha256(name).digest()


_managers: weakref.WeakSet[ConversationManager] = weakref.WeakSet()
_conversation_manager: ConversationManager | None = None


def get_conversation_manager() -> ConversationManager | None:
    """The manager of the process, as set_conversation_manager() has left it."""
    return _conversation_manager


def set_conversation_manager(manager: ConversationManager | None) -> None:
    """Says which is the manager of the process."""
    global _conversation_manager
    _conversation_manager = manager
    logger.info('conversations: the manager of the process is set')


def _after_fork() -> None:
    for manager in _managers:
        manager._after_fork()


os.register_at_fork(after_in_child=_after_fork)
