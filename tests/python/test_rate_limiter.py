# SPDX-License-Identifier: BSL-1.0
"""The rate limiter: each user is limited, in the order of the requests, and no other is held up."""

import asyncio
import math
import time
import unittest

import admit
from admit.rate_limiter import TokenBucket, get_rate_limiter, set_rate_limiter


async def timed(what):
    began = time.monotonic()
    result = await what
    return result, time.monotonic() - began


class Buckets(unittest.TestCase):
    def test_tokens_are_taken_if_they_are_there(self):
        bucket = TokenBucket(capacity=10, tokens=7.5, rate=0.001)
        self.assertEqual((bucket.available(), bucket.consume(5), bucket.consume(5)), (7, True, False))
        self.assertEqual(bucket.available(), 2)

    def test_tokens_come_up_to_the_capacity(self):
        bucket = TokenBucket(10, 2, 10.0)
        self.assertAlmostEqual(bucket.time_until_available(5), 0.3, delta=0.05)
        self.assertEqual(bucket.time_until_available(11), math.inf)
        bucket.last_refill_at -= 0.5
        self.assertEqual(bucket.available(), 7)
        bucket.last_refill_at -= 100
        bucket.refill()
        self.assertEqual(bucket.tokens, 10)
        bucket.last_refill_at += 1000  # a clock that goes back
        bucket.refill()
        self.assertEqual(bucket.tokens, 10)


class Limiters(unittest.IsolatedAsyncioTestCase):
    async def test_a_burst_is_granted_and_then_the_rate(self):
        limiter = admit.RateLimiter(rate=20.0, burst=10, global_rate=1000.0, global_burst=1000)
        granted = []

        async def acquire():
            self.assertTrue(await limiter.acquire('@u:x'))
            granted.append(time.monotonic())

        began = time.monotonic()
        await asyncio.gather(*(acquire() for _ in range(20)))
        for number in range(10):  # never before its time
            self.assertGreaterEqual(granted[10 + number] - began, 0.05 * (number + 1) - 0.01)
        self.assertLess(granted[-1] - began, 5)

    async def test_a_burst_does_not_wait(self):
        limiter = admit.RateLimiter(rate=0.001, burst=10)
        granted = [await limiter.acquire('@u:x', timeout=0) for _ in range(11)]
        self.assertEqual(granted, [True] * 10 + [False])

    async def test_requests_one_by_one_are_limited_as_well(self):
        limiter = admit.RateLimiter(rate=50.0, burst=5)
        began = time.monotonic()
        for _ in range(15):
            self.assertTrue(await limiter.acquire('@u:x'))
        self.assertGreaterEqual(time.monotonic() - began, 0.2 - 0.01)

    async def test_requests_of_a_user_are_served_in_their_order(self):
        limiter, order = admit.RateLimiter(rate=50.0, burst=1), []

        async def acquire(number):
            await limiter.acquire('@u:x')
            order.append(number)

        await asyncio.gather(*(acquire(number) for number in range(10)))
        self.assertEqual(order, list(range(10)))

    async def test_a_user_in_debt_holds_up_no_other(self):
        limiter = admit.RateLimiter(rate=2.0, burst=1, global_rate=10.0, global_burst=5)
        greedy = [asyncio.create_task(limiter.acquire('@greedy:x', timeout=30)) for _ in range(50)]
        await asyncio.sleep(0.01)
        result, took = await timed(limiter.acquire('@other:x'))
        self.assertTrue(result)
        self.assertLess(took, 5)  # in the order of all requests it would be 24 seconds
        for task in greedy:
            task.cancel()
        await asyncio.wait(greedy)

    async def test_a_user_is_limited_behind_others_as_well(self):
        limiter, granted = admit.RateLimiter(rate=50.0, burst=2, global_rate=100.0, global_burst=4), []

        async def acquire(user):
            await limiter.acquire(user)
            granted.append((user, time.monotonic()))

        others = [asyncio.create_task(acquire(f'@{number % 20}:x')) for number in range(60)]
        mine = [asyncio.create_task(acquire('@u:x')) for _ in range(40)]
        await asyncio.wait([*others, *mine])
        times = [at for user, at in granted if user == '@u:x']
        for first, third in zip(times, times[3:]):  # after 2 at once, 50 a second
            self.assertGreaterEqual(third - first, 0.02 - 0.005)

    async def test_modest_users_have_their_turns_beside_greedy_ones(self):
        limiter = admit.RateLimiter(rate=20.0, burst=2)
        greedy = [asyncio.create_task(limiter.acquire(f'@{number % 5}:greedy', timeout=60))
                  for number in range(500)]
        await asyncio.sleep(0.5)
        _, took = await timed(limiter.acquire('@modest:x', timeout=60))
        self.assertLess(took, 5)  # five are before it, at 40 a second; in the order of all it would be 12
        for task in greedy:
            task.cancel()
        await asyncio.wait(greedy)

    async def test_after_a_cancellation_the_next_is_served_in_its_time_and_in_order(self):
        limiter, order = admit.RateLimiter(rate=2.0, burst=1), []

        async def acquire(name):
            await limiter.acquire('@u:x')
            order.append(name)

        await acquire('burst')
        began = time.monotonic()
        tasks = [asyncio.create_task(acquire(name)) for name in ('a', 'b', 'c', 'last')]
        await asyncio.sleep(0.01)
        for task in tasks[:3]:
            task.cancel()
        late = asyncio.create_task(acquire('late'))
        await asyncio.wait([tasks[3]])
        self.assertLess(time.monotonic() - began, 1.5)  # its turn is at 0.5 seconds; it had been at 2
        await asyncio.wait([late])
        self.assertEqual(order, ['burst', 'last', 'late'])

    async def test_what_can_never_be_granted_takes_nothing(self):
        limiter = admit.RateLimiter(rate=0.01, burst=3)
        self.assertFalse(await limiter.acquire('@u:x', timeout=math.inf, tokens=4))
        self.assertTrue(await limiter.acquire('@u:x', timeout=0, tokens=3))
        for wrong in ({'tokens': math.nan}, {'timeout': math.nan}):
            with self.assertRaises(ValueError):
                await limiter.acquire('@u:x', **wrong)

    async def test_all_together_are_limited(self):
        limiter = admit.RateLimiter(rate=100.0, burst=10, global_rate=20.0, global_burst=4)
        _, took = await timed(asyncio.gather(*(limiter.acquire(f'@{n}:x') for n in range(8))))
        self.assertGreaterEqual(took, 0.2 - 0.01)

    async def test_a_request_that_times_out_takes_nothing(self):
        limiter = admit.RateLimiter(rate=1.0, burst=2)
        self.assertTrue(await limiter.acquire('@u:x', tokens=2))
        result, took = await timed(limiter.acquire('@u:x', timeout=0.1))
        self.assertFalse(result)
        self.assertGreaterEqual(took, 0.09)
        self.assertFalse(await limiter.acquire('@u:x', timeout=0, tokens=3))  # more than it holds
        self.assertTrue(await limiter.acquire('@u:x', timeout=1.5))

    async def test_a_request_that_times_out_for_all_gives_its_user_the_tokens_back(self):
        limiter = admit.RateLimiter(rate=0.01, burst=3, global_rate=0.01, global_burst=1)
        self.assertTrue(await limiter.acquire('@u:x'))
        self.assertFalse(await limiter.acquire('@u:x', timeout=0.02))
        stats = await limiter.get_stats()
        self.assertEqual((stats['user_tokens'], stats['global_tokens_available']), ({'@u:x': 2}, 0))

    async def test_a_request_that_is_cancelled_takes_nothing(self):
        for buckets in ({'rate': 0.01, 'burst': 1}, {'rate': 0.01, 'burst': 9, 'global_burst': 1}):
            limiter = admit.RateLimiter(**buckets)
            self.assertTrue(await limiter.acquire('@u:x'))
            before = (await limiter.get_stats(), limiter._users['@u:x'].bucket.tokens)
            waiting = asyncio.create_task(limiter.acquire('@u:x', timeout=1000))
            await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.wait([waiting])
            self.assertEqual(await limiter.get_stats(), before[0])
            self.assertAlmostEqual(limiter._users['@u:x'].bucket.tokens, before[1], delta=0.1)

    async def test_tokens_that_are_given_back_are_for_those_that_still_wait(self):
        limiter = admit.RateLimiter(rate=5.0, burst=1)
        self.assertTrue(await limiter.acquire('@u:x'))
        first = asyncio.create_task(limiter.acquire('@u:x', timeout=10))
        second = asyncio.create_task(limiter.acquire('@u:x', timeout=0.3))  # its turn is in 0.4 s
        await asyncio.sleep(0.01)
        first.cancel()
        self.assertTrue(await second)

    async def test_the_statistics(self):
        limiter = admit.RateLimiter(rate=5.0, burst=10)
        await limiter.acquire('@u:x', tokens=3)
        self.assertEqual(await limiter.get_stats(),
                         {'rate': 5.0, 'burst': 10, 'global_rate': 10.0, 'global_burst': 20,
                          'global_tokens_available': 17, 'active_users': 1, 'user_tokens': {'@u:x': 7}})

    async def test_idle_users_are_forgotten_but_none_that_waits(self):
        limiter = admit.RateLimiter(rate=1.0, burst=1)
        await limiter.acquire('@idle:x')
        await limiter.acquire('@waits:x')
        waiting = asyncio.create_task(limiter.acquire('@waits:x'))
        await asyncio.sleep(0.01)
        self.assertEqual(await limiter.cleanup_idle_buckets(), 0)
        self.assertEqual(await limiter.cleanup_idle_buckets(0.0), 1)
        self.assertEqual((await limiter.get_stats())['active_users'], 1)
        waiting.cancel()

    async def test_many_users_leave_little_behind(self):
        limiter = admit.RateLimiter(rate=1e6, burst=1, global_rate=1e9, global_burst=10**9)
        for number in range(50_000):
            await limiter.acquire(f'@{number}:x')
        self.assertLess((await limiter.get_stats())['active_users'], 3000)

    async def test_the_refill_task(self):
        limiter = admit.RateLimiter()
        limiter.start_refill_task()
        task = limiter._refill_task
        limiter.start_refill_task()
        self.assertIs(limiter._refill_task, task)
        limiter.stop_refill_task()
        await asyncio.wait([task])
        self.assertTrue(limiter._refill_task.cancelled())

    async def test_limits_that_mean_nothing_are_refused(self):
        for name in ('rate', 'burst', 'global_rate', 'global_burst'):
            for wrong in (0, -1, math.inf, math.nan):
                with self.assertRaisesRegex(ValueError, f'{name} is {wrong}; allowed'):
                    admit.RateLimiter(**{name: wrong})
        with self.assertRaisesRegex(ValueError, 'tokens is -1; allowed'):
            await admit.RateLimiter().acquire('@u:x', tokens=-1)

    async def test_the_limiter_of_the_process(self):
        self.addCleanup(set_rate_limiter, get_rate_limiter())
        limiter = admit.RateLimiter()
        set_rate_limiter(limiter)
        self.assertIs(get_rate_limiter(), limiter)


if __name__ == '__main__':
    unittest.main()
