# SPDX-License-Identifier: BSL-1.0
"""The drop-in: the interface that older bots use, and what it has beyond it."""

import asyncio
import logging
import os
import unittest
from unittest import mock

import admit
from admit._contexts import new_id
from admit.conversation_manager import ConversationManager, ConversationStatus

LOG = 'admit.conversation_manager'


async def start(manager, user='@u:x', **how):
    return await manager.start_conversation('$thread', user, '!room', **how)


async def active(manager):
    return (await manager.get_stats())['total_active']


class Managers(unittest.IsolatedAsyncioTestCase):
    async def test_the_limits_are_those_of_all_and_of_a_user(self):
        manager = ConversationManager(max_concurrent=3, max_per_user=2)
        first = await start(manager)
        self.assertEqual((first.thread_root_id, first.user_id, first.room_id), ('$thread', '@u:x', '!room'))
        self.assertTrue(await start(manager))
        with self.assertLogs(LOG, 'WARNING') as lines:
            self.assertIsNone(await start(manager))
        self.assertIn('@u:x', lines.output[0])
        self.assertIn('max_per_user is 2', lines.output[0])
        self.assertIn(str(admit.Reason.USER_LIMIT), lines.output[0])
        self.assertTrue(await start(manager, '@v:x'))
        with self.assertLogs(LOG, 'WARNING') as lines:
            self.assertIsNone(await start(manager, '@u:x'))  # both: the limit of all is named
        self.assertIn('max_concurrent is 3', lines.output[0])
        self.assertIn(str(admit.Reason.GLOBAL_LIMIT), lines.output[0])
        self.assertEqual(await manager.get_stats(),
                         {'total_active': 3, 'max_concurrent': 3, 'max_per_user': 2,
                          'users_with_conversations': 2, 'idle_timeout_seconds': 800,
                          'max_duration_seconds': 1600})

    async def test_the_very_same_objects_are_listed_in_the_order_of_their_starts(self):
        manager = ConversationManager(max_concurrent=10, max_per_user=5)
        contexts = [await start(manager, user) for user in ('@b:x', '@a:x', '@b:x', '@c:x', '@b:x')]
        listed = await manager.get_active_conversations()
        self.assertTrue(all(one is other for one, other in zip(listed, contexts, strict=True)))
        self.assertEqual([each.id for each in await manager.get_active_conversations('@b:x')],
                         [contexts[at].id for at in (0, 2, 4)])
        self.assertEqual(len(await manager.get_active_conversations('')), 5)
        self.assertEqual(await manager.get_active_conversations('@d:x'), [])

    async def test_a_conversation_ends_once_and_its_object_says_how(self):
        manager = ConversationManager()
        context = await start(manager)
        self.assertFalse(await manager.end_conversation('no such id'))
        self.assertTrue(await manager.end_conversation(context.id, ConversationStatus.ERROR))
        self.assertFalse(await manager.end_conversation(context.id))
        self.assertIs(context.status, ConversationStatus.ERROR)
        self.assertFalse(await manager.update_activity(context.id))
        self.assertEqual((await manager.get_stats())['users_with_conversations'], 0)
        self.assertEqual(manager._engine.stats().ended[admit.Status.ERROR], 1)

    async def test_a_status_of_its_own_ends_it_as_well(self):
        manager = ConversationManager(max_concurrent=1)
        for status in ('done', []):
            context = await start(manager)
            self.assertTrue(await manager.end_conversation(context.id, status))
            self.assertIs(context.status, status)
        self.assertEqual(manager._engine.active_count(), 0)

    async def test_a_handler_that_raises_keeps_no_slot(self):
        manager = ConversationManager(max_concurrent=1)
        logger = logging.getLogger(LOG)
        with mock.patch.object(logger, 'isEnabledFor', return_value=True), \
                mock.patch.object(logger, 'info', side_effect=ZeroDivisionError):
            with self.assertRaises(ZeroDivisionError):
                await start(manager)
        self.assertTrue(await start(manager))

    async def test_activity_is_seen_on_the_object(self):
        manager = ConversationManager()
        context = await start(manager)
        before = context.last_activity_at = context.last_activity_at - 0.5
        self.assertTrue(await manager.update_activity(context.id))
        self.assertGreater((await manager.get_active_conversations())[0].last_activity_at, before)

    async def test_limits_are_assigned_at_once(self):
        manager = ConversationManager(max_concurrent=2)  # of 3 for each user: more than for all
        await start(manager), await start(manager)
        self.assertIsNone(await start(manager))
        manager.max_concurrent = 4
        self.assertTrue(await start(manager))
        self.assertIsNone(await start(manager))  # the third of the user
        manager.max_per_user = 10
        self.assertTrue(await start(manager))
        manager.max_concurrent = 1
        self.assertEqual(await active(manager), 4)
        for context in await manager.get_active_conversations():
            self.assertIsNone(await start(manager))
            await manager.end_conversation(context.id)
        self.assertTrue(await start(manager))
        self.assertEqual((manager.max_concurrent, manager.max_per_user), (1, 10))
        manager.max_concurrent, manager.max_per_user = 10, 2
        self.assertTrue(await start(manager))
        self.assertIsNone(await start(manager))

    async def test_odd_limits_mean_what_they_say(self):
        for limits in ((0, 3), (3, 0), (-1, 3)):
            self.assertIsNone(await start(ConversationManager(*limits)))
        many = ConversationManager(float('inf'), 10**12)
        self.assertTrue(await start(many))
        self.assertEqual((await many.get_stats())['max_per_user'], 10**12)

    async def test_any_user_id_is_limited(self):
        odd = ['', 'é' * 200, 'x' * 255, 'x' * 256, 'x' * 257, '\ud800', '\ud801', '\U0001f600', '\0', None, 7, b'7', '7']
        manager = ConversationManager(max_concurrent=100, max_per_user=2)
        for user in odd:
            with self.subTest(user=user):
                self.assertTrue(await start(manager, user))
                self.assertTrue(await start(manager, user))
                self.assertIsNone(await start(manager, user))
        self.assertEqual((await manager.get_stats())['users_with_conversations'], len(odd))

    async def test_50_at_once_are_20(self):
        manager = ConversationManager(max_concurrent=20, max_per_user=5)
        started = await asyncio.gather(*(start(manager, f'@u{n}:x') for n in range(50)))
        self.assertEqual(sum(each is not None for each in started), 20)

    async def test_cycles_are_never_rejected_wrongly(self):
        manager = ConversationManager(max_concurrent=20, max_per_user=5)

        async def user(number):
            for _ in range(100):
                contexts = [await start(manager, f'@u{number % 4}:x') for _ in range(2)]
                await asyncio.sleep(0)
                for each in contexts:
                    self.assertTrue(await manager.end_conversation(each.id))

        with self.assertNoLogs(LOG, 'WARNING'):
            await asyncio.gather(*(user(number) for number in range(8)))
        self.assertEqual(await active(manager), 0)

    async def test_several_managers_are_apart(self):
        one, other = ConversationManager(max_concurrent=1), ConversationManager(max_concurrent=1)
        context = await start(one)
        self.assertTrue(await start(other))
        self.assertFalse(await other.end_conversation(context.id))
        self.assertEqual(await active(one), 1)

    async def test_users_leave_nothing_behind(self):
        manager = ConversationManager(max_concurrent=100)
        for number in range(20_000):
            await manager.end_conversation((await start(manager, f'@{number}:x')).id)
        self.assertEqual(manager._active, {})
        self.assertEqual((await manager.get_stats())['users_with_conversations'], 0)


class Beyond(unittest.IsolatedAsyncioTestCase):
    async def test_a_refusal_that_is_raised_has_its_reason(self):
        manager = ConversationManager(max_concurrent=1)
        await start(manager)
        with self.assertLogs(LOG, 'WARNING'), self.assertRaises(admit.Rejected) as raised:
            await start(manager, raising=True)
        self.assertEqual((raised.exception.reason, raised.exception.user),
                         (admit.Reason.GLOBAL_LIMIT, '@u:x'))

    async def test_waiting_instead_of_none(self):
        manager = ConversationManager(max_concurrent=1, max_per_user=1)
        first = await start(manager)
        places = []
        waiting = [asyncio.create_task(start(manager, f'@{n}:x', wait=None, on_wait=places.append))
                   for n in range(3)]
        await asyncio.sleep(0.05)
        waiting.append(asyncio.create_task(start(manager, '@urgent:x', wait=5.0, priority=3,
                                                 on_wait=places.append)))
        await asyncio.sleep(0.05)
        self.assertEqual(places, [1, 2, 3, 1])
        self.assertEqual([manager.queue_position(user) for user in ('@urgent:x', '@0:x', '@2:x', '@u:x')],
                         [1, 2, 4, None])
        await manager.end_conversation(first.id)
        urgent = await waiting[3]
        self.assertEqual([each.user_id for each in await manager.get_active_conversations()], ['@urgent:x'])
        self.assertEqual(manager.queue_position('@2:x'), 3)
        waiting[1].cancel()
        await manager.end_conversation(urgent.id)
        for task in (waiting[0], waiting[2]):
            await manager.end_conversation((await task).id)
        self.assertEqual(places, [1, 2, 3, 1])
        self.assertEqual(await active(manager), 0)

    async def test_a_wait_that_times_out_is_a_refusal(self):
        manager = ConversationManager(max_concurrent=1)
        await start(manager)
        with self.assertLogs(LOG, 'WARNING') as lines:
            self.assertIsNone(await start(manager, wait=0.05))
        self.assertIn(str(admit.Reason.WAIT_TIMEOUT), lines.output[0])
        with self.assertLogs(LOG, 'WARNING'), self.assertRaises(admit.Rejected):
            await start(manager, wait=0.05, raising=True)

    async def test_all_may_wait(self):
        manager = ConversationManager(max_concurrent=0)
        waiting = [asyncio.create_task(start(manager, wait=None)) for _ in range(100)]
        await asyncio.sleep(0.01)
        self.assertEqual(manager.queue_position('@u:x'), 1)
        manager.max_concurrent = manager.max_per_user = 100
        self.assertTrue(all(await asyncio.gather(*waiting)))

    async def test_a_priority_is_looked_at_without_a_wait_as_well(self):
        with self.assertRaisesRegex(ValueError, 'priority is 9; allowed is 0 to 3'):
            await start(ConversationManager(), priority=9)

    async def test_a_raised_limit_admits_a_waiter(self):
        manager = ConversationManager(max_concurrent=1)
        await start(manager)
        waiting = asyncio.create_task(start(manager, '@v:x', wait=None))
        await asyncio.sleep(0)
        manager.max_concurrent = 2
        self.assertEqual((await waiting).user_id, '@v:x')

    async def test_nothing_is_told_when_nothing_waits(self):
        manager, places = ConversationManager(), []
        self.assertTrue(await start(manager, wait=None, on_wait=places.append))
        await asyncio.sleep(0.01)
        self.assertEqual(places, [])


class Forking(unittest.TestCase):
    def test_a_child_goes_on_with_its_own(self):
        manager = ConversationManager(max_concurrent=3, max_per_user=2)
        context = asyncio.run(start(manager, '\U0001f600'))
        manager.max_concurrent = 2
        before = [new_id() for _ in range(3)]
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, asyncio.run(self.in_the_child(manager, context)).encode())
            os._exit(0)
        os.waitpid(child, 0)
        os.close(writing)
        with open(reading, encoding='ascii') as told:
            counts, of_child = told.read().split(' ')
        self.assertEqual(counts, '1,1,0,True')
        self.assertNotIn(of_child, before + [new_id() for _ in range(300)])
        self.assertEqual(asyncio.run(active(manager)), 1)

    @staticmethod
    async def in_the_child(manager, context):
        counts = [await active(manager)]
        second = await start(manager, '\U0001f600')
        logging.disable()
        refused = await start(manager, '@v:x')
        counts.append(int(refused is None))
        for each in (context, second):
            await manager.end_conversation(each.id)
        counts += [await active(manager), (await start(manager, '@v:x')) is not None]
        return ','.join(map(str, counts)) + ' ' + new_id()


if __name__ == '__main__':
    unittest.main()
