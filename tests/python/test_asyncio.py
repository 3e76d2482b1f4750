# SPDX-License-Identifier: BSL-1.0
"""Waiting, ending and draining on event loops."""

import asyncio
import time
import unittest

import admit
from admit import Reason, Status
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

    async def test_what_the_telling_raises_takes_the_wait_back(self):
        engine = admit.Engine(max_concurrent=1)
        async with engine.conversation('first'):
            with self.assertRaises(ZeroDivisionError):
                async with engine.conversation('second', wait=None, on_wait=lambda place: 1 / 0):
                    self.fail('admitted')
            self.assertEqual(engine.waiters(), [])


class Ending(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.engine = admit.Engine(idle_timeout=0.02)

    def cancelling(self):
        return asyncio.current_task().cancelling()

    async def test_what_is_idle_is_cancelled_and_told(self):
        async with self.engine.expiring(0.01):
            with self.assertRaises(admit.Expired) as expired:
                async with self.engine.conversation('alice'):
                    await asyncio.sleep(10)
        self.assertEqual(expired.exception.status, Status.IDLE)
        self.assertIsInstance(expired.exception.__cause__, asyncio.CancelledError)
        self.assertEqual(self.cancelling(), 0)
        self.assertEqual(self.engine.stats().ended[Status.IDLE], 1)

    async def test_nested_conversations_end_each_for_itself(self):
        outer_engine = admit.Engine()
        async with self.engine.expiring(0.01), outer_engine.conversation('alice'):
            with self.assertRaises(admit.Expired):
                async with self.engine.conversation('alice'):
                    await asyncio.sleep(10)
            await asyncio.sleep(0)
            self.assertEqual(outer_engine.stats().active, 1)
        self.assertEqual(outer_engine.stats().ended[Status.COMPLETED], 1)

    async def test_a_task_group_sees_an_error_and_not_a_cancellation(self):
        async def work():
            async with self.engine.conversation('alice'):
                await asyncio.sleep(10)

        async with self.engine.expiring(0.01):
            with self.assertRaises(ExceptionGroup) as group:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(work())
                    tasks.create_task(asyncio.sleep(10))
        self.assertIsInstance(group.exception.exceptions[0], admit.Expired)

    async def test_a_timeout_around_it_wins_if_it_comes_as_well(self):
        async with self.engine.expiring(0.01):
            with self.assertRaises(admit.Expired):
                async with asyncio.timeout(5), self.engine.conversation('alice'):
                    await asyncio.sleep(10)
        quiet = admit.Engine()
        with self.assertRaises(TimeoutError):
            async with asyncio.timeout(0.01), quiet.conversation('alice'):
                await asyncio.sleep(10)
        self.assertEqual(quiet.stats().ended[Status.CANCELLED], 1)
        self.assertEqual(self.cancelling(), 0)

    async def test_the_cancellation_of_another_wins_if_it_comes_as_well(self):
        async def work():
            async with self.engine.conversation('alice'):
                try:
                    await asyncio.sleep(10)
                finally:
                    asyncio.current_task().cancel()

        task = asyncio.create_task(work())
        async with self.engine.expiring(0.01):
            with self.assertRaises(asyncio.CancelledError):
                await task
        self.assertTrue(task.cancelled())

    async def test_a_block_may_be_entered_in_a_task_that_is_being_cancelled(self):
        seen = []

        async def work():
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                try:
                    async with self.engine.conversation('alice'):
                        await asyncio.sleep(10)
                except admit.Expired:
                    seen.append(self.cancelling())
                raise

        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        async with self.engine.expiring(0.01):
            await asyncio.wait([task])
        self.assertEqual(seen, [1])
        self.assertTrue(task.cancelled())

    async def test_a_body_that_swallows_its_cancellation_overstays(self):
        async with self.engine.expiring(0.01):
            async with self.engine.conversation('alice', grace=0.02):
                try:
                    await asyncio.sleep(10)
                except asyncio.CancelledError:
                    await asyncio.sleep(0.1)
            self.assertEqual(self.engine.stats().overstayed, 1)
        self.assertEqual(self.cancelling(), 0)

    async def test_a_body_may_raise_something_else(self):
        async with self.engine.expiring(0.01):
            with self.assertRaises(KeyError):
                async with self.engine.conversation('alice'):
                    try:
                        await asyncio.sleep(10)
                    except asyncio.CancelledError:
                        raise KeyError from None
        self.assertEqual(self.cancelling(), 0)
        self.assertEqual(self.engine.stats().ended[Status.IDLE], 1)

    async def test_touches_keep_a_conversation(self):
        async with self.engine.expiring(0.005):
            async with self.engine.conversation('alice') as permit:
                for _ in range(10):
                    await asyncio.sleep(0.01)
                    if not permit.touch():
                        break  # a machine that stalls: the end is told as well
        self.assertEqual(self.engine.stats().active, 0)


class Draining(unittest.IsolatedAsyncioTestCase):
    async def test_what_is_active_may_finish_and_the_rest_is_cut_off(self):
        engine = admit.Engine()
        told = []

        async def work(length):
            try:
                async with engine.conversation('alice'):
                    await asyncio.sleep(length)
            except admit.Drained as drained:
                told.append(drained.status)

        tasks = [asyncio.create_task(work(length)) for length in (0.02, 10)]
        await asyncio.sleep(0.01)
        permit = engine.admit('bob')
        await engine.drain(0.1)
        await asyncio.gather(*tasks)
        self.assertEqual(told, [Status.DRAINED])
        self.assertFalse(permit.end())
        ended = engine.stats().ended
        self.assertEqual((ended[Status.COMPLETED], ended[Status.DRAINED]), (1, 2))
        await engine.drain()

    async def test_a_task_that_is_being_cancelled_drains(self):
        engine = admit.Engine()

        async def bot():
            try:
                await asyncio.sleep(10)
            finally:
                await engine.drain(0.05)

        talking = asyncio.create_task(hold(engine, 'alice', asyncio.Event()))
        task = asyncio.create_task(bot())
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task, talking])
        self.assertIsInstance(talking.exception(), admit.Drained)
        self.assertTrue(task.cancelled())

    async def test_requests_that_wait_are_rejected(self):
        engine = admit.Engine(max_concurrent=0)
        task = asyncio.create_task(hold(engine, 'alice', asyncio.Event(), wait=None))
        await asyncio.sleep(0.01)
        await engine.drain()
        with self.assertRaises(admit.Rejected) as rejected:
            await task
        self.assertEqual(rejected.exception.reason, Reason.SHUTTING_DOWN)


if __name__ == '__main__':
    unittest.main()
