# SPDX-License-Identifier: BSL-1.0
"""The contexts of the drop-in, and what a process and a task have one of."""

import asyncio
import dataclasses
import time
import unittest
import uuid

from admit.conversation_manager import (ConversationContext, ConversationManager, ConversationStatus,
                                        get_conversation_manager, get_current_conversation,
                                        set_conversation_manager, set_current_conversation)


class Contexts(unittest.TestCase):
    def test_each_field_has_a_default_and_they_are_equal_by_fields(self):
        context = ConversationContext()
        self.assertEqual([field.name for field in dataclasses.fields(context)],
                         ['id', 'thread_root_id', 'user_id', 'room_id', 'started_at', 'last_activity_at',
                          'status', 'metadata'])
        self.assertEqual(dataclasses.replace(context), context)
        self.assertNotEqual(ConversationContext(), context)
        self.assertIs(context.status, ConversationStatus.ACTIVE)
        self.assertIsNot(ConversationContext().metadata, ConversationContext().metadata)
        with self.assertRaises(TypeError):
            hash(context)

    def test_its_times_are_those_of_the_wall_clock(self):
        context = ConversationContext(started_at=time.time() - 20, last_activity_at=time.time() - 10)
        self.assertAlmostEqual(context.age_seconds(), 20, delta=1)
        self.assertAlmostEqual(context.idle_seconds(), 10, delta=1)
        context.update_activity()
        self.assertLess(context.idle_seconds(), 0.01)
        self.assertAlmostEqual(context.age_seconds(), 20, delta=1)

    def test_ids_are_uuids_and_differ(self):
        ids = {ConversationContext().id for _ in range(5000)}
        self.assertEqual(len(ids), 5000)
        for each in ids:
            self.assertEqual(str(uuid.UUID(each)), each)
            self.assertEqual((uuid.UUID(each).version, uuid.UUID(each).variant), (4, uuid.RFC_4122))

    def test_the_statuses_have_the_older_values(self):
        self.assertEqual({each.name: each.value for each in ConversationStatus},
                         {'ACTIVE': 'active', 'IDLE': 'idle', 'COMPLETED': 'completed',
                          'TIMED_OUT': 'timed_out', 'ERROR': 'error'})

    def test_the_current_conversation_is_that_of_the_task(self):
        async def inside(context):
            set_current_conversation(context)
            await asyncio.sleep(0)
            return get_current_conversation() is context

        async def main():
            self.assertIsNone(get_current_conversation())
            self.assertEqual(await asyncio.gather(*(asyncio.create_task(inside(ConversationContext()))
                                                    for _ in range(3))), [True] * 3)
            self.assertIsNone(get_current_conversation())
        asyncio.run(main())

    def test_the_manager_of_the_process(self):
        self.addCleanup(set_conversation_manager, get_conversation_manager())
        manager = ConversationManager()
        set_conversation_manager(manager)
        self.assertIs(get_conversation_manager(), manager)


if __name__ == '__main__':
    unittest.main()
