# SPDX-License-Identifier: BSL-1.0
"""The cleanup task of the drop-in."""

import asyncio
import contextlib
import unittest
from unittest import mock

from admit import conversation_manager
from admit.conversation_manager import ConversationManager, ConversationStatus

LOG = 'admit.conversation_manager'


async def start(manager):
    return await manager.start_conversation('$thread', '@u:x', '!room')


class Cleaning(unittest.IsolatedAsyncioTestCase):
    @contextlib.asynccontextmanager
    async def cleaning(self, manager):
        with mock.patch.object(conversation_manager, '_CLEANUP_INTERVAL', 0.02):
            manager.start_cleanup_task()
            yield
            manager.stop_cleanup_task()
            await asyncio.wait([manager._cleanup_task])

    async def until(self, what):
        async with asyncio.timeout(5):
            while not what():
                await asyncio.sleep(0.01)

    async def test_what_is_idle_or_too_old_ends(self):
        manager = ConversationManager(max_concurrent=4, max_per_user=4)
        idle, old, both, fresh = [await start(manager) for _ in range(4)]
        idle.last_activity_at -= 801
        old.started_at -= 1601
        both.last_activity_at -= 801
        both.started_at -= 1601
        async with self.cleaning(manager):
            await self.until(lambda: len(manager._active) == 1)
        self.assertEqual([each.status for each in (idle, old, both, fresh)],
                         [ConversationStatus.IDLE, ConversationStatus.TIMED_OUT, ConversationStatus.IDLE,
                          ConversationStatus.ACTIVE])
        self.assertFalse(await manager.end_conversation(idle.id))
        self.assertEqual((await manager.get_active_conversations())[0].id, fresh.id)

    async def test_its_task_runs_once_and_is_left_where_it_was(self):
        manager = ConversationManager()
        self.assertIsNone(manager._cleanup_task)
        manager.stop_cleanup_task()
        manager.start_cleanup_task()
        task = manager._cleanup_task
        manager.start_cleanup_task()
        self.assertIs(manager._cleanup_task, task)
        manager.stop_cleanup_task()
        await asyncio.wait([task])
        self.assertTrue(manager._cleanup_task.cancelled())
        manager.start_cleanup_task()
        self.assertIsNot(manager._cleanup_task, task)
        manager.stop_cleanup_task()
        manager.start_cleanup_task()  # in the same turn
        self.assertFalse(manager._cleanup_task.cancelling())
        manager.stop_cleanup_task()

    async def test_a_failure_is_logged_and_ends_it(self):
        manager = ConversationManager()
        await start(manager)
        manager.idle_timeout_seconds = None
        with self.assertLogs(LOG, 'ERROR'):
            async with self.cleaning(manager):
                await self.until(manager._cleanup_task.done)
        self.assertFalse(manager._cleanup_task.cancelled())

    async def test_it_needs_a_loop(self):
        with self.assertRaises(RuntimeError):
            await asyncio.to_thread(ConversationManager().start_cleanup_task)


class Loops(unittest.TestCase):
    def test_it_starts_again_in_another_loop(self):
        manager = ConversationManager()
        loop = asyncio.new_event_loop()

        async def begin():
            manager.start_cleanup_task()
            return manager._cleanup_task

        first = loop.run_until_complete(begin())
        loop.close()
        first._log_destroy_pending = False

        async def again():
            self.assertIsNot(await begin(), first)
            manager.stop_cleanup_task()
        asyncio.run(again())


if __name__ == '__main__':
    unittest.main()
