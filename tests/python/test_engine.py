# SPDX-License-Identifier: BSL-1.0
"""The package without an event loop."""

import gc
import math
import os
import pickle
import subprocess
import sys
import threading
import unittest
import weakref

import admit
from admit import Reason, Status
from support import resident_mib


class Admitting(unittest.TestCase):
    def test_limits_hold_and_reasons_are_told(self):
        engine = admit.Engine(max_concurrent=2, max_per_user=1)
        alice = engine.try_admit('alice')
        self.assertIsInstance(alice, admit.Permit)
        again = engine.try_admit('alice')
        self.assertFalse(again)
        self.assertEqual(again.reason, Reason.USER_LIMIT)
        self.assertAlmostEqual(again.retry_after, 300, delta=1)
        self.assertIn("this user's limit", repr(again))
        bob = engine.admit(b'bob')
        with self.assertRaises(admit.Rejected) as refused:
            engine.admit('carol')
        self.assertEqual(refused.exception.reason, Reason.GLOBAL_LIMIT)
        self.assertTrue(alice.end() and not alice.end())
        self.assertEqual(engine.active_count(), 1)
        self.assertEqual(engine.active_count('bob'), 1)
        self.assertIsInstance(engine.try_admit('bob', max_per_user=2), admit.Permit)
        self.assertGreater(bob.remaining, 200)
        self.assertTrue(bob.touch())

    def test_a_block_ends_its_permit_as_it_ends(self):
        engine = admit.Engine()
        with engine.admit('alice') as permit:
            self.assertEqual(engine.conversations()[0].id, permit.id)
        with self.assertRaises(KeyError), engine.admit('alice'):
            raise KeyError
        ended = engine.stats().ended
        self.assertEqual((ended[Status.COMPLETED], ended[Status.ERROR]), (1, 1))

    def test_the_last_reference_ends_a_conversation(self):
        engine = admit.Engine()
        permit = engine.admit('alice')
        self.assertEqual(engine.stats().active, 1)
        del permit
        gc.collect()
        self.assertEqual(engine.stats().active, 0)

    def test_what_is_not_allowed_is_named(self):
        for wrong, text in (({'max_concurrent': 2_000_001}, 'max_concurrent is 2000001'),
                            ({'max_per_user': -1}, 'a limit is -1'),
                            ({'idle_timeout': 0}, 'idle_timeout is 0 ns'),
                            ({'max_duration': math.nan}, 'max_duration is nan')):
            with self.subTest(wrong), self.assertRaisesRegex(ValueError, text):
                admit.Engine(**wrong)
        engine = admit.Engine()
        for user in ('', 'x' * 256, '\ud800'):
            self.assertEqual(engine.try_admit(user).reason, Reason.INVALID_USER_ID)
        for user in (None, 7, bytearray(b'a')):
            with self.assertRaises(TypeError):
                engine.try_admit(user)
        with engine.admit('a'):
            self.assertEqual((engine.conversations('\ud800'), engine.active_count('\ud800')), ([], 0))
            self.assertEqual((engine.end_user('\ud800'), engine.active_count()), (0, 1))
        with self.assertRaises(TypeError):
            engine.try_admit('a', 3)
        with self.assertRaises(ValueError):
            engine.try_admit('a', max_per_user=-1)

    def test_limits_change(self):
        engine = admit.Engine(max_concurrent=1, idle_timeout=None)
        self.assertIsNone(engine.limits.idle_timeout)
        first = engine.admit('a')
        self.assertAlmostEqual(engine.try_admit('b').retry_after, 600, delta=1)
        engine.set_limits(max_concurrent=2)
        self.assertIsInstance(engine.try_admit('b'), admit.Permit)
        self.assertEqual(engine.limits, admit.Limits(max_concurrent=2, idle_timeout=None))
        with self.assertRaises(TypeError):
            engine.set_limits(max_users=1)
        self.assertTrue(first)

    def test_users_are_ended_and_listed(self):
        engine = admit.Engine()
        permits = [engine.admit('alice'), engine.admit('alice'), engine.admit('bob')]
        self.assertEqual({each.user for each in engine.conversations()}, {'alice', 'bob'})
        self.assertEqual(len(engine.conversations('alice')), 2)
        self.assertEqual(engine.end_user('alice', Status.CANCELLED), 2)
        self.assertEqual([permit.end() for permit in permits], [False, False, True])
        engine.close()
        self.assertEqual(engine.try_admit('bob').reason, Reason.SHUTTING_DOWN)
        self.assertEqual(engine.stats().rejected[Reason.SHUTTING_DOWN], 1)

    def test_a_user_that_is_no_text_is_listed_as_bytes(self):
        engine = admit.Engine()
        with engine.admit(b'\xff\xfe'):
            [listed] = engine.conversations()
            self.assertEqual(listed.user, b'\xff\xfe')
            self.assertEqual(engine.end_user(listed.user), 1)

    def test_numbers_of_any_size(self):
        engine = admit.Engine(idle_timeout=527.705, max_duration=1e300)
        self.assertEqual(engine.limits, admit.Limits(idle_timeout=527.705, max_duration=None))
        for how in (2**32, -7):
            engine.admit('a').end(how)
        self.assertEqual(engine.stats().ended[Status.ERROR], 2)

    @unittest.skipIf('libasan' in os.environ.get('LD_PRELOAD', ''), 'it keeps what is freed')
    def test_a_million_users_leave_nothing_behind(self):
        engine = admit.Engine()

        def serve(numbers):
            for number in numbers:
                engine.try_admit(f'@{number}:x').end()
            return resident_mib()

        before = serve(range(100_000))
        self.assertLess(serve(range(100_000, 1_000_000)), before + 1)
        self.assertEqual((engine.stats().users, engine.active_count()), (0, 0))

    def test_an_engine_that_keeps_its_rejection_is_collected(self):
        engine = admit.Engine(max_concurrent=0)
        engine.last = engine.try_admit('alice')
        left = weakref.ref(engine)
        del engine
        gc.collect()
        self.assertIsNone(left())

    def test_exceptions_are_copied_and_pickled(self):
        engine = admit.Engine(max_concurrent=0)
        with self.assertRaises(admit.Rejected) as rejected:
            engine.admit('alice')
        for error in (rejected.exception, admit.Expired(Status.IDLE), admit.Drained(Status.DRAINED)):
            again = pickle.loads(pickle.dumps(error))
            self.assertEqual((type(again), str(again), vars(again)),
                             (type(error), str(error), vars(error)))
        again = pickle.loads(pickle.dumps(rejected.exception))
        self.assertEqual((again.reason, again.user, again.retry_after),
                         (Reason.GLOBAL_LIMIT, 'alice', math.inf))

    def test_changes_of_limits_from_two_threads_are_both_kept(self):
        engine = admit.Engine()
        lost = []

        def change(name):
            for value in range(1, 3000):
                engine.set_limits(**{name: value})
                if getattr(engine.limits, name) != value:
                    lost.append(value)

        threads = [threading.Thread(target=change, args=(name,))
                   for name in ('max_concurrent', 'max_per_user')]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(lost, [])

    def test_a_permit_outlives_its_engine(self):
        permit = admit.Engine().admit('alice')
        gc.collect()
        self.assertFalse(permit.touch())
        self.assertFalse(permit.end())


class Processes(unittest.TestCase):
    @staticmethod
    def run_python(code):
        return subprocess.run([sys.executable, '-X', 'dev', '-c', code], text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)

    def test_a_forked_child_is_refused_the_engine_of_its_parent(self):
        engine = admit.Engine()
        permit = engine.admit('alice')
        child = os.fork()
        if child == 0:
            try:
                for call in (engine.stats, permit.end, lambda: engine.try_admit('b')):
                    try:
                        call()
                        os._exit(1)
                    except RuntimeError as error:
                        if 'after a fork' not in str(error):
                            os._exit(2)
                del permit
                os._exit(0 if admit.Engine().try_admit('a') else 3)
            finally:
                os._exit(4)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        self.assertTrue(permit.end())

    def test_the_interpreter_exits_while_requests_wait(self):
        done = self.run_python(
            'import admit, asyncio\n'
            'engine = admit.Engine(max_concurrent=0)\n'
            'async def main():\n'
            '    tasks = [asyncio.create_task(engine.conversation("a", wait=None).__aenter__())\n'
            '             for _ in range(3)]\n'
            '    await asyncio.sleep(0)\n'
            '    print(engine.stats().waiting)\n'
            '    import os, sys; sys.stdout.flush()\n'
            'asyncio.run(main())\n')
        self.assertEqual((done.returncode, done.stdout), (0, '3\n'))
        done = self.run_python('import admit\nengine = admit.Engine()\npermit = engine.admit("a")\n')
        self.assertEqual((done.returncode, done.stdout), (0, ''))

    def test_threads_share_an_engine(self):
        engine = admit.Engine(max_concurrent=3, max_per_user=3)
        highest = []

        def work():
            for _ in range(2000):
                if permit := engine.try_admit('u'):
                    highest.append(engine.active_count())
                    permit.end()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(max(highest), 3)
        self.assertEqual(engine.stats().active, 0)


if __name__ == '__main__':
    unittest.main()
