# SPDX-License-Identifier: BSL-1.0
"""Ending and draining on event loops."""

import asyncio
import unittest

import admit
from admit import Reason, Status
from support import hold


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
