# SPDX-License-Identifier: BSL-1.0
"""The contexts of a ConversationManager, and which of them a task is in."""

from __future__ import annotations

import os
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

_IDS_AT_ONCE = 256
# What makes a UUID of version 4 of 16 random bytes, for many of them at once.
_RANDOM = int.from_bytes(bytes.fromhex('ffffffffffff0fff3fffffffffffffff') * _IDS_AT_ONCE, 'big')
_VERSION = int.from_bytes(bytes.fromhex('00000000000040008000000000000000') * _IDS_AT_ONCE, 'big')

_ids: list[str] = []


def new_id() -> str:
    """The text of a UUID. One at a time they cost more than all the rest of a conversation."""
    while True:
        try:
            return _ids.pop()
        except IndexError:
            number = int.from_bytes(os.urandom(16 * _IDS_AT_ONCE), 'big') & _RANDOM | _VERSION
            digits = f'{number:0{32 * _IDS_AT_ONCE}x}'
            _ids.extend('-'.join((digits[at:at + 8], digits[at + 8:at + 12], digits[at + 12:at + 16],
                                  digits[at + 16:at + 20], digits[at + 20:at + 32]))
                        for at in range(0, 32 * _IDS_AT_ONCE, 32))


class ConversationStatus(Enum):
    """What a conversation is, or how it ended."""

    ACTIVE = 'active'
    IDLE = 'idle'  #: ended, because nothing happened for idle_timeout_seconds
    COMPLETED = 'completed'
    TIMED_OUT = 'timed_out'  #: ended, because it was older than max_duration_seconds
    ERROR = 'error'


@dataclass
class ConversationContext:
    """A conversation. The manager gives out and lists this very object, and goes by its times."""

    id: str = field(default_factory=new_id)
    thread_root_id: str = ''
    user_id: str = ''
    room_id: str = ''
    started_at: float = field(default_factory=time.time)
    last_activity_at: float = field(default_factory=time.time)
    status: ConversationStatus = ConversationStatus.ACTIVE
    metadata: dict[str, Any] = field(default_factory=dict)

    def update_activity(self) -> None:
        """Something has happened: it is not idle."""
        self.last_activity_at = time.time()

    def age_seconds(self) -> float:
        """Seconds since its start."""
        return time.time() - self.started_at

    def idle_seconds(self) -> float:
        """Seconds since its last activity."""
        return time.time() - self.last_activity_at


_current_conversation: ContextVar[ConversationContext | None] = ContextVar(
    'current_conversation', default=None)


def get_current_conversation() -> ConversationContext | None:
    """The conversation of the running task, as set_current_conversation() has left it."""
    return _current_conversation.get()


def set_current_conversation(context: ConversationContext | None) -> None:
    """Says which conversation the running task is in."""
    _current_conversation.set(context)


os.register_at_fork(after_in_child=_ids.clear)
