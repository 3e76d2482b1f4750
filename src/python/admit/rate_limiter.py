# SPDX-License-Identifier: BSL-1.0
"""A RateLimiter with the interface that older bots use: requests per second, of all users and of each.

    limiter = RateLimiter(rate=5.0, burst=10)          # of each user; twice as much of all
    if await limiter.acquire(user, timeout=30.0): ...

Token buckets. The requests of a user wait in their order; the first of them stands in line for a token of
all users when its user has one, and takes both at once. So users take turns, and one that asks for more
than its rate does not hold up the others.
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
    """Holds up to `capacity` tokens and gets `rate` a second."""

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
        return math.floor(self.tokens)

    def time_until_available(self, tokens: float = 1) -> float:
        """Seconds; inf: never."""
        self.refill()
        if self.tokens >= tokens:
            return 0.0
        return (tokens - self.tokens) / self.rate if self.rate > 0 and tokens <= self.capacity else math.inf

    async def until_available(self, tokens: float) -> None:
        """For one task at a time."""
        while (wait := self.time_until_available(tokens)) > 0:
            await asyncio.sleep(wait)


class _User:
    """A user with requests that wait, or with a bucket that is not full."""

    def __init__(self, bucket: TokenBucket) -> None:
        self.bucket = bucket
        self.first = asyncio.Lock()  # of the request that is the first; it is passed on in order
        self.waiting = 0
        self.used_at = 0.0


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
        self._users: dict[str, _User] = {}
        self._next = asyncio.Lock()  # of the request that takes its tokens next; in order as well
        self._waiting = 0
        self._many = 1024
        self._refill_task: asyncio.Task[None] | None = None

    async def acquire(self, user_id: str, timeout: float = 30.0, tokens: int = 1) -> bool:
        """Waits for the turn of the request. False: it has not come in `timeout` seconds, or never will."""
        if not tokens >= 0:
            raise ValueError(f'tokens is {tokens}; allowed is 0 or more')
        if math.isnan(timeout):
            raise ValueError('timeout is nan; allowed is a number of seconds')
        if tokens > min(self.burst, self.global_burst):
            return False
        user = self._user(user_id)
        if self._waiting == 0 and user.bucket.available() >= tokens and self._all.consume(tokens):
            return user.bucket.consume(tokens)
        return await self._wait(user, tokens, None if timeout == math.inf else max(0.0, timeout))

    async def _wait(self, user: _User, tokens: int, timeout: float | None) -> bool:
        turn = asyncio.create_task(self._turn(user, tokens))
        self._waiting += 1
        user.waiting += 1
        try:
            done, _ = await asyncio.wait([turn], timeout=timeout)
            return bool(done)
        except asyncio.CancelledError:
            if turn.done():  # in the same turn of the loop: the tokens are for others
                user.bucket.tokens += tokens
                self._all.tokens += tokens
            raise
        finally:
            self._waiting -= 1
            user.waiting -= 1
            turn.cancel()

    async def _turn(self, user: _User, tokens: int) -> None:
        async with user.first:
            await user.bucket.until_available(tokens)
            async with self._next:
                await self._all.until_available(tokens)
                self._all.consume(tokens)
                user.bucket.consume(tokens)

    def _user(self, user_id: str) -> _User:
        user = self._users.get(user_id)
        if user is None:
            if len(self._users) >= self._many:
                self._forget_full()
            user = self._users[user_id] = _User(TokenBucket(self.burst, self.burst, self.rate))
        user.used_at = time.monotonic()
        return user

    def _forget_full(self) -> None:
        """A full bucket is as good as none. What is looked at has doubled since the last time."""
        self._users = {user_id: user for user_id, user in self._users.items()
                       if user.waiting > 0 or user.bucket.time_until_available(user.bucket.capacity) > 0}
        self._many = max(1024, 2 * len(self._users))

    async def get_stats(self) -> dict[str, Any]:
        """The limits, and the tokens that are there."""
        return {'rate': self.rate, 'burst': self.burst,
                'global_rate': self.global_rate, 'global_burst': self.global_burst,
                'global_tokens_available': self._all.available(),
                'active_users': len(self._users),
                'user_tokens': {user_id: user.bucket.available() for user_id, user in self._users.items()}}

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
        idle = [user_id for user_id, user in self._users.items()
                if now - user.used_at >= idle_threshold_seconds and user.waiting == 0]
        for user_id in idle:
            del self._users[user_id]
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
