# SPDX-License-Identifier: BSL-1.0
"""Waiting on event loops."""

import asyncio
import time
import unittest

import admit
from admit import Reason
from support import descriptors, descriptors_of_a_channel, hold


class Waiting(unittest.IsolatedAsyncioTestCase):
    async def test_requests_are_admitted_in_turn(self):
        engine = admit.Engine(max_concurrent=1)
        order = []

        async def visit(number, priority=0):
            async with engine.conversation(f'user{number}', wait=None, priority=priority):
                order.append(number)

        async with engine.conversation('first'):
            tasks = [asyncio.create_task(visit(number)) for number in range(3)]
            tasks.append(asyncio.create_task(visit(3, priority=1)))
            await asyncio.sleep(0.01)
            self.assertEqual([each.user for each in engine.waiters()],
                             ['user3', 'user0', 'user1', 'user2'])
        await asyncio.gather(*tasks)
        self.assertEqual(order, [3, 0, 1, 2])
        self.assertEqual(engine.stats().active, 0)

    async def test_a_wait_ends_in_time_and_not_before(self):
        engine = admit.Engine(max_concurrent=0)
        began = time.monotonic()
        with self.assertRaises(admit.Rejected) as rejected:
            async with engine.conversation('alice', wait=0.05):
                self.fail('admitted')
        self.assertGreaterEqual(time.monotonic() - began, 0.05)
        self.assertEqual(rejected.exception.reason, Reason.WAIT_TIMEOUT)
        self.assertEqual(engine.stats().rejected[Reason.WAIT_TIMEOUT], 1)
        with self.assertRaises(admit.Rejected) as rejected:
            async with engine.conversation('alice'):
                self.fail('admitted')
        self.assertEqual(rejected.exception.reason, Reason.GLOBAL_LIMIT)
        with self.assertRaises(ValueError):
            async with engine.conversation('alice', wait=1, priority=4):
                self.fail('admitted')

    async def test_a_cancelled_wait_leaves_no_trace(self):
        engine = admit.Engine(max_concurrent=1)
        async with engine.conversation('first'):
            task = asyncio.create_task(hold(engine, 'second', asyncio.Event(), wait=None))
            await asyncio.sleep(0.01)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual(engine.stats().waiting, 0)
        self.assertEqual((engine.stats().active, engine.stats().admitted), (0, 1))

    async def test_a_grant_and_a_cancellation_in_one_turn_give_the_slot_to_the_next(self):
        for turns in range(3):  # how far the grant has come when the task is cancelled
            engine = admit.Engine(max_concurrent=1)
            until = asyncio.Event()
            permit = engine.admit('first')
            second = asyncio.create_task(hold(engine, 'second', until, wait=None))
            third = asyncio.create_task(hold(engine, 'third', until, wait=None))
            await asyncio.sleep(0.01)
            permit.end()
            for _ in range(turns):
                await asyncio.sleep(0)
            second.cancel()
            await asyncio.wait([second])
            await asyncio.sleep(0.02)
            self.assertEqual([each.user for each in engine.conversations()], ['third'], turns)
            until.set()
            await third

    async def test_one_channel_for_each_loop_and_none_afterwards(self):
        before = descriptors()
        engine = admit.Engine(max_concurrent=1)
        async with engine.conversation('first'):
            waiting = [asyncio.create_task(hold(engine, 'u', asyncio.Event(), wait=None))
                       for _ in range(10)]
            await asyncio.sleep(0.01)
            self.assertEqual(descriptors(), before + descriptors_of_a_channel())
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)
        await asyncio.sleep(0)  # the loop comes to it
        self.assertEqual(descriptors(), before)

    async def test_what_has_to_wait_is_told_its_place(self):
        engine, places = admit.Engine(max_concurrent=1), []
        async with engine.conversation('first', wait=None, on_wait=places.append):
            self.assertEqual(places, [])
            waiting = [asyncio.create_task(hold(engine, user, asyncio.Event(), wait=None, priority=priority,
                                                on_wait=places.append))
                       for user, priority in (('a', 0), ('b', 0), ('b', 0), ('c', 3))]
            await asyncio.sleep(0.01)
            self.assertEqual(places, [1, 2, 3, 1])
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)

    async def test_the_place_is_that_of_the_request(self):
        engine, places = admit.Engine(max_concurrent=1), []
        async with engine.conversation('first'):
            waiting = []
            for user, priority in (('a', 0), ('b', 0), ('a', 3)):
                waiting.append(asyncio.create_task(hold(engine, user, asyncio.Event(), wait=None,
                                                        priority=priority, on_wait=places.append)))
                await asyncio.sleep(0.01)
            self.assertEqual(places, [1, 2, 1])
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)

    async def test_a_coroutine_function_is_no_on_wait(self):
        async def tell(place):
            self.fail('awaited')

        engine = admit.Engine(max_concurrent=0)
        with self.assertRaisesRegex(TypeError, 'on_wait is awaited by nothing'):
            await hold(engine, 'a', asyncio.Event(), wait=None, on_wait=tell)
        self.assertEqual(engine.waiters(), [])

    async def test_what_the_telling_raises_takes_the_wait_back(self):
        engine = admit.Engine(max_concurrent=1)
        async with engine.conversation('first'):
            with self.assertRaises(ZeroDivisionError):
                async with engine.conversation('second', wait=None, on_wait=lambda place: 1 / 0):
                    self.fail('admitted')
            self.assertEqual(engine.waiters(), [])


if __name__ == '__main__':
    unittest.main()
