# SPDX-License-Identifier: BSL-1.0
"""Loops of many threads, loops that go, forks, and what a block is not for."""

import asyncio
import gc
import os
import threading
import unittest
import weakref

import admit
from admit._loops import LoopEvents
from support import descriptors, hold


class Misuse(unittest.IsolatedAsyncioTestCase):
    async def test_the_end_of_expiring_swallows_no_cancellation(self):
        async def work():
            async with admit.Engine().expiring(0.01):
                pass
            asyncio.current_task().cancel()
            await asyncio.sleep(0)

        task = asyncio.create_task(work())
        await asyncio.wait([task])
        self.assertTrue(task.cancelled())
        generator = admit.Engine().expiring(0.01)
        await generator.__aenter__()
        await generator.gen.aclose()

    async def test_a_wait_that_is_closed_leaves_the_queue(self):
        engine = admit.Engine(max_concurrent=0)
        entering = engine.conversation('alice', wait=0.01).__aenter__()
        entering.send(None)
        self.assertEqual(engine.stats().waiting, 1)
        entering.close()
        self.assertEqual(engine.stats().waiting, 0)

    async def test_a_block_belongs_to_one_task_and_is_entered_once(self):
        engine = admit.Engine()
        block = engine.conversation('alice')
        async with block:
            with self.assertRaisesRegex(RuntimeError, 'entered once'):
                await block.__aenter__()
        other = engine.conversation('alice')
        await asyncio.create_task(other.__aenter__())
        with self.assertRaisesRegex(RuntimeError, 'left by the task'):
            await other.__aexit__(None, None, None)
        self.assertEqual(engine.stats().active, 0)

    async def test_what_was_drained_before_its_block_began_is_told_so(self):
        engine = admit.Engine(max_concurrent=1)
        permit = engine.admit('first')

        async def work():
            async with engine.conversation('second', wait=None):
                pass

        task = asyncio.create_task(work())
        await asyncio.sleep(0.01)
        permit.end()  # grants; the task has not run yet
        engine.close()
        engine._cut_off()
        with self.assertRaises(admit.Drained):
            await task

    async def test_one_that_raises_does_not_keep_others_from_being_told(self):
        engine = admit.Engine(max_concurrent=1)
        errors = []
        asyncio.get_running_loop().set_exception_handler(lambda _, what: errors.append(what))
        waits = admit._loops.Wait
        happened = waits.happened
        try:
            waits.happened = lambda self: 1 // 0
            async with engine.conversation('first'):
                bad = asyncio.create_task(hold(engine, 'bad', asyncio.Event(), wait=None))
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.01)
        finally:
            waits.happened = happened
        self.assertEqual(len(errors), 1)
        bad.cancel()
        await asyncio.wait([bad])
        self.assertEqual(engine.stats().active, 0)

    async def test_wrong_values_are_refused_before_anything_happens(self):
        engine = admit.Engine()
        for options in ({'wait': float('nan')}, {'wait': -1}, {'priority': 4}, {'priority': -1}):
            with self.subTest(options), self.assertRaises(ValueError):
                async with engine.conversation('alice', **options):
                    pass
        with self.assertRaises(ValueError):
            await engine.drain(float('nan'))
        self.assertTrue(engine.try_admit('alice'))


class Loops(unittest.TestCase):
    def test_loops_of_many_threads_share_an_engine(self):
        engine = admit.Engine(max_concurrent=2, max_per_user=2)
        highest = []

        async def visit(user):
            async with engine.conversation(user, wait=None):
                highest.append(engine.active_count())
                await asyncio.sleep(0.001)

        async def run(user):
            await asyncio.gather(*(visit(user) for _ in range(16)))

        threads = [threading.Thread(target=asyncio.run, args=(run(f'user{n}'),)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            self.assertFalse(thread.is_alive())
        self.assertEqual(len(highest), 48)
        self.assertLessEqual(max(highest), 2)
        self.assertEqual(engine.stats().active, 0)

    def test_a_loop_that_is_closed_keeps_neither_slots_nor_turns(self):
        engine = admit.Engine(max_concurrent=2)
        loop = asyncio.new_event_loop()
        never = asyncio.Event()
        tasks = [loop.create_task(hold(engine, 'alice', never, wait=None)) for _ in range(3)]
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()
        self.assertEqual((engine.stats().active, engine.stats().waiting), (2, 1))

        async def next_one():
            async with engine.conversation('bob', wait=1):
                pass

        asyncio.run(next_one())
        self.assertEqual((engine.stats().active, engine.stats().waiting), (0, 0))
        for task in tasks:
            task._log_destroy_pending = False

    def test_a_forked_child_does_not_silence_the_loop_of_its_parent(self):
        engine = admit.Engine(idle_timeout=0.05)

        async def work():
            async with engine.conversation('alice'):
                child = os.fork()
                if child != 0:
                    self.assertEqual(os.waitpid(child, 0)[1], 0)
                    await asyncio.sleep(10)
            return child

        async def parent():
            async with engine.expiring(0.01):
                await work()

        try:
            asyncio.run(parent())
            self.fail('not told')
        except admit.Expired:
            pass
        except RuntimeError as error:  # in the child
            os._exit(0 if 'after a fork' in str(error) else 1)

    def test_a_forked_child_that_unwinds_does_not_silence_it_either(self):
        engine = admit.Engine(max_concurrent=1)

        async def parent():
            async with engine.conversation('alice'):
                pass
            if os.fork() == 0:  # what is to be closed behind the block is in the queue of the loop
                raise SystemExit
            self.assertEqual(os.wait()[1], 0)
            held = engine.admit('bob')
            asyncio.get_running_loop().call_later(0.05, held.end)
            async with asyncio.timeout(5), engine.conversation('alice', wait=None):
                return os.getpid()

        process = os.getpid()
        try:
            self.assertEqual(asyncio.run(parent()), process)
        except SystemExit:
            os._exit(0)

    def test_slots_of_a_closed_loop_are_for_requests_that_do_not_wait_as_well(self):
        engine = admit.Engine(max_concurrent=1)
        loop = asyncio.new_event_loop()
        task = loop.create_task(hold(engine, 'alice', asyncio.Event()))
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()
        task._log_destroy_pending = False

        async def next_one():
            async with engine.conversation('bob'):
                return True

        self.assertTrue(asyncio.run(next_one()))

    def test_tasks_of_a_closed_loop_are_collected(self):
        for wait, user in ((0, 'in a block'), (None, 'waiting')):
            with self.subTest(user):
                engine = admit.Engine(max_concurrent=wait is not None)
                loop = asyncio.new_event_loop()
                task = loop.create_task(hold(engine, user, asyncio.Event(), wait=wait))
                task._log_destroy_pending = False
                loop.run_until_complete(asyncio.sleep(0.01))
                loop.close()
                left = weakref.ref(task)
                del task, loop
                LoopEvents.abandon_closed()
                gc.collect()
                self.assertIsNone(left())

    def test_ten_thousand_loops_leave_nothing_behind(self):
        engine = admit.Engine()

        async def once():
            async with engine.conversation('alice', wait=1):
                pass

        asyncio.run(once())
        before = descriptors()
        for _ in range(int(os.environ.get('ADMIT_PYTHON_LOOPS', '300'))):
            asyncio.run(once())
        self.assertEqual(descriptors(), before)
        self.assertEqual(engine.stats().active, 0)


if __name__ == '__main__':
    unittest.main()
