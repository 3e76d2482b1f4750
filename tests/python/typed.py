# SPDX-License-Identifier: BSL-1.0
"""A bot with complete type hints: mypy --strict has nothing to say, and it runs."""

import asyncio

import admit
from admit.conversation_manager import ConversationManager, ConversationStatus


async def serve(engine: admit.Engine, user: str) -> str:
    try:
        async with engine.conversation(user, wait=0.5, priority=1) as permit:
            return permit.id if permit.touch() else 'ended'
    except admit.Rejected as rejected:
        return f'{rejected.reason}: come back in {rejected.retry_after:.0f} s'
    except admit.Expired as expired:
        return expired.status.name


async def serve_as_before(manager: ConversationManager, limiter: admit.RateLimiter, user: str) -> str:
    places: list[int] = []
    context = await manager.start_conversation('$thread', user, '!room', wait=0.1, on_wait=places.append)
    if context is None or not await limiter.acquire(user, timeout=0.1):
        return str(places)
    ended: bool = await manager.end_conversation(context.id, ConversationStatus.COMPLETED)
    return f'{context.id} {ended}'


async def main() -> None:
    print(await serve_as_before(ConversationManager(), admit.RateLimiter(), 'alice'))
    engine = admit.Engine(max_concurrent=2)
    async with engine.expiring(1.0):
        print(await asyncio.gather(*(serve(engine, user) for user in ('alice', 'bob', 'carol'))))
    permit = engine.try_admit(b'dave', max_per_user=1)
    if isinstance(permit, admit.Rejection):
        print(permit.reason)
    else:
        with permit:
            print(permit.remaining)
    limits: admit.Limits = engine.limits
    ended: int = engine.stats().ended[admit.Status.COMPLETED]
    waiters: list[admit.Waiter] = engine.waiters()
    print(limits.max_waiting, ended, waiters, [each.user for each in engine.conversations()])
    await engine.drain(1.0)


asyncio.run(main())
