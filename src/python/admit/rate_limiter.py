# SPDX-License-Identifier: BSL-1.0
"""A RateLimiter with the interface that older bots use: requests per second, of all users and of each.

    limiter = RateLimiter(rate=5.0, burst=10)          # of each user; twice as much of all
    if await limiter.acquire(user, timeout=30.0): ...

Token buckets, which may owe: a request takes its tokens at once and sleeps until they are there, so that
requests of a user are served in their order and nothing is polled. A token is owed to all users only
while its user has none to wait for: a user in debt does not hold up the others.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from dataclasses import dataclass, field
from typing import Any

logger = logging.getLogger(__name__)

_REFILL_INTERVAL = 60.0


@dataclass
class TokenBucket:
    """Holds up to `capacity` tokens and gets `rate` a second. Below 0: so many are owed to waiters."""

    capacity: float
    tokens: float
    rate: float
    last_refill_at: float = field(default_factory=time.monotonic)

    def refill(self) -> None:
        """Adds what has come since the last time."""
        now = time.monotonic()
        self.tokens = min(self.capacity, self.tokens + self.rate * max(0.0, now - self.last_refill_at))
        self.last_refill_at = now

    def consume(self, tokens: float = 1) -> bool:
        """Takes them if they are there."""
        self.refill()
        if self.tokens < tokens:
            return False
        self.tokens -= tokens
        return True

    def available(self) -> int:
        """Whole tokens that are there."""
        self.refill()
        return max(0, math.floor(self.tokens))

    def time_until_available(self, tokens: float = 1) -> float:
        """Seconds, behind all to which some are owed; inf: never."""
        self.refill()
        if self.tokens >= tokens:
            return 0.0
        return (tokens - self.tokens) / self.rate if self.rate > 0 and tokens <= self.capacity else math.inf

    async def take(self, tokens: float, deadline: float) -> bool:
        """Waits for them. False: they were not there at the deadline, of time.monotonic()."""
        wait = self.time_until_available(tokens)
        left = max(0.0, deadline - time.monotonic())
        if wait > left:
            await asyncio.sleep(left)
            return self.consume(tokens)
        self.tokens -= tokens
        if wait > 0:
            try:
                await asyncio.sleep(wait)
            except BaseException:
                self.tokens += tokens
                raise
        return True


@dataclass
class _UserBucket(TokenBucket):
    used_at: float = field(default_factory=time.monotonic)


class RateLimiter:
    """At most `rate` requests a second, after `burst` at once: of each user, and of all together.

    For one event loop.
    """

    def __init__(self, rate: float = 5.0, burst: int = 10, global_rate: float | None = None,
                 global_burst: int | None = None) -> None:
        self.rate = rate
        self.burst = burst
        self.global_rate = 2 * rate if global_rate is None else global_rate
        self.global_burst = 2 * burst if global_burst is None else global_burst
        for name in ('rate', 'burst', 'global_rate', 'global_burst'):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f'{name} is {getattr(self, name)}; allowed is more than 0')
        self._all = TokenBucket(self.global_burst, self.global_burst, self.global_rate)
        self._users: dict[str, _UserBucket] = {}
        self._many = 1024
        self._refill_task: asyncio.Task[None] | None = None

    async def acquire(self, user_id: str, timeout: float = 30.0, tokens: int = 1) -> bool:
        """Waits for the turn of the request. False: it has not come in `timeout` seconds."""
        if tokens < 0:
            raise ValueError(f'tokens is {tokens}; allowed is 0 or more')
        deadline = time.monotonic() + timeout
        bucket = self._bucket(user_id)
        if not await bucket.take(tokens, deadline):
            return False
        taken = False
        try:
            taken = await self._all.take(tokens, deadline)
        finally:
            if not taken:
                bucket.tokens += tokens
        return taken

    def _bucket(self, user_id: str) -> _UserBucket:
        bucket = self._users.get(user_id)
        if bucket is None:
            if len(self._users) >= self._many:
                self._forget_full()
            bucket = self._users[user_id] = _UserBucket(self.burst, self.burst, self.rate)
        bucket.used_at = time.monotonic()
        return bucket

    def _forget_full(self) -> None:
        """A full bucket is as good as none. What is looked at has doubled since the last time."""
        self._users = {user: bucket for user, bucket in self._users.items()
                       if bucket.time_until_available(bucket.capacity) > 0}
        self._many = max(1024, 2 * len(self._users))

    async def get_stats(self) -> dict[str, Any]:
        """The limits, and the tokens that are there."""
        return {'rate': self.rate, 'burst': self.burst,
                'global_rate': self.global_rate, 'global_burst': self.global_burst,
                'global_tokens_available': self._all.available(),
                'active_users': len(self._users),
                'user_tokens': {user: bucket.available() for user, bucket in self._users.items()}}

    def start_refill_task(self) -> None:
        """From now on, each minute, idle users are forgotten. Buckets refill without it."""
        if self._refill_task is None or self._refill_task.done():
            self._refill_task = asyncio.create_task(self._forget_idle())

    def stop_refill_task(self) -> None:
        """Ends what start_refill_task() has begun."""
        if self._refill_task is not None and not self._refill_task.done():
            self._refill_task.cancel()

    async def _forget_idle(self) -> None:
        while True:
            await asyncio.sleep(_REFILL_INTERVAL)
            await self.cleanup_idle_buckets()

    async def cleanup_idle_buckets(self, idle_threshold_seconds: float = 3600) -> int:
        """Forgets users without a request for so long, and what they have used. How many."""
        now = time.monotonic()
        idle = [user for user, bucket in self._users.items()
                if now - bucket.used_at >= idle_threshold_seconds and bucket.time_until_available(0) == 0]
        for user in idle:
            del self._users[user]
        return len(idle)


_rate_limiter: RateLimiter | None = None


def get_rate_limiter() -> RateLimiter | None:
    """The limiter of the process, as set_rate_limiter() has left it."""
    return _rate_limiter


def set_rate_limiter(limiter: RateLimiter | None) -> None:
    """Says which is the limiter of the process."""
    global _rate_limiter
    _rate_limiter = limiter
    logger.info('rate limiter: that of the process is set')
