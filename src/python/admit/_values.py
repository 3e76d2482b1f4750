# SPDX-License-Identifier: BSL-1.0
"""What an engine takes and gives: limits, reasons, statuses, the lines of listings."""

from __future__ import annotations

import dataclasses
import enum
import math
from typing import Any, NamedTuple

from . import _engine

FOREVER = 2**63 - 1  # nanoseconds


class Status(enum.IntEnum):
    """How a conversation ended."""

    COMPLETED = 0  #: its work was done
    IDLE = 1  #: no activity for idle_timeout
    TIMED_OUT = 2  #: older than max_duration
    ERROR = 3  #: its work failed
    DRAINED = 4  #: cut off because the engine shuts down
    CANCELLED = 5  #: called off by the user or the bot


class Reason(enum.IntEnum):
    """Why a request was rejected; when several hold, the one that stands first here."""

    SHUTTING_DOWN = 1  #: the engine was closed
    GLOBAL_LIMIT = 2  #: max_concurrent conversations are active
    INVALID_USER_ID = 3  #: not 1 to 255 bytes
    USER_LIMIT = 4  #: the user has as many conversations as it may
    QUEUE_FULL = 5  #: max_waiting requests wait already
    USER_QUEUE_FULL = 6  #: max_waiting_per_user requests of the user wait already
    WAIT_TIMEOUT = 7  #: no room in the time that the request may wait

    def __str__(self) -> str:
        return _engine.message(int(self))


class Rejected(Exception):
    """A request was rejected. `reason` says why, `retry_after` when to come back."""

    # Without an __init__, which would take longer than the request. The argument is the Rejection.

    @property
    def reason(self) -> Reason:
        """Why."""
        return self.rejection.reason

    @property
    def user(self) -> str | bytes:
        """That of the request."""
        return self.rejection.user

    @property
    def retry_after(self) -> float:
        """Seconds, from now, until the user could be admitted, in the worst case; inf: no timeout does it."""
        return self.rejection.retry_after

    @property
    def rejection(self) -> _engine.Rejection:
        """What try_admit() would have returned."""
        rejection: _engine.Rejection = self.args[0]
        return rejection

    def __str__(self) -> str:
        return str(self.reason)

    def __reduce__(self) -> tuple[Any, ...]:
        try:
            retry_after = self.retry_after
        except RuntimeError:  # the engine is that of a parent
            retry_after = math.inf
        return type(self), (_PastRejection(self.reason, self.user, retry_after),), self.__dict__


class _PastRejection(NamedTuple):
    """Where the engine is not: what an exception says that was copied or pickled."""

    reason: Reason
    user: str | bytes
    retry_after: float


_engine.set_classes(tuple(Reason), Rejected)


class ConversationEnded(Exception):
    """The engine, or another call, has ended the conversation of the block. `status` says how."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status = status

    def __str__(self) -> str:
        return f'the conversation was ended: {self.status.name.lower()}'


class Expired(ConversationEnded):
    """It was idle, or active, for too long."""


class Drained(ConversationEnded):
    """It was cut off because the engine shuts down."""


def ended_as(status: Status) -> ConversationEnded:
    if status in (Status.IDLE, Status.TIMED_OUT):
        return Expired(status)
    return Drained(status) if status == Status.DRAINED else ConversationEnded(status)


@dataclasses.dataclass(frozen=True)
class Limits:
    """What an engine allows."""

    max_concurrent: int = 10  #: active at once: 0 to 2,000,000
    max_per_user: int = 3  #: active at once of one user: 0 to 2,000,000
    idle_timeout: float | None = 300.0  #: seconds without a touch
    max_duration: float | None = 600.0  #: seconds in all
    max_waiting: int = 1024  #: requests that wait at once: 0 to 1,000,000
    max_waiting_per_user: int = 16  #: of one user: 0 to 1,000,000

    def in_nanoseconds(self) -> tuple[int, int, int, int, int, int]:
        return (self.max_concurrent, self.max_per_user,
                nanoseconds('idle_timeout', self.idle_timeout),
                nanoseconds('max_duration', self.max_duration),
                self.max_waiting, self.max_waiting_per_user)


@dataclasses.dataclass(frozen=True)
class Conversation:
    """An active conversation in a listing; instants are those of time.monotonic()."""

    id: str
    user: str | bytes  #: bytes if it is no UTF-8
    started: float
    last_activity: float


@dataclasses.dataclass(frozen=True)
class Waiter:
    """A request that waits. `ahead` requests are admitted before it, an estimate."""

    user: str | bytes  #: bytes if it is no UTF-8
    since: float
    ahead: int
    priority: int


@dataclasses.dataclass(frozen=True)
class Stats:
    """Totals since the engine was made, and what is active now. Exact at rest."""

    active: int
    users: int
    waiting: int
    admitted: int
    overstayed: int  #: of `ended`, those that lost their slots after their grace
    rejected: dict[Reason, int]
    ended: dict[Status, int]
    limits: Limits


def nanoseconds(name: str, seconds: float | None) -> int:
    """None is for ever."""
    if seconds is None or seconds >= FOREVER / 1e9:
        return FOREVER
    if not seconds >= 0:  # nan as well
        raise ValueError(f'{name} is {seconds}; allowed is 0 or more, or None')
    return round(seconds * 1e9)


def seconds_of(nanoseconds: int) -> float | None:
    return None if nanoseconds == FOREVER else nanoseconds / 1e9
