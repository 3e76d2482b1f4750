#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A bot for Matrix, in rooms without encryption, with limits on its conversations: matrix-nio 0.20.

    MATRIX_SERVER=https://matrix.org MATRIX_USER=@bot:matrix.org MATRIX_TOKEN=... python3 matrix_bot.py
"""

import asyncio
import contextlib
import logging
import os
import signal

import admit
import nio

WAIT = 20.0  # seconds that a message waits for a free slot
DRAIN = 20.0  # seconds that conversations have to finish when the bot stops


async def answer(text, touch):
    """Replace this by what the bot does. touch() keeps a long answer from being idle."""
    await asyncio.sleep(2.0)
    touch()
    return f'You said: {text}'


class Bot:
    def __init__(self, client, engine, answer):
        self.client = client
        self.engine = engine
        self.answer = answer
        self.tasks = set()

    def on_message(self, room, event):
        """Starts a task: nio syncs again only after its callbacks have returned."""
        if event.sender != self.client.user_id:
            self.start(self.talk(room.room_id, event.sender, event.body))

    def start(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)  # the event loop keeps no task alive
        task.add_done_callback(self.tasks.discard)

    async def talk(self, room, user, text):
        def on_wait(place):
            self.start(self.say(room, f'Please wait: you are number {place}.'))

        try:
            async with self.engine.conversation(user, wait=WAIT, on_wait=on_wait) as permit:
                await self.say(room, await self.answer(text, permit.touch))
        except admit.Rejected as rejected:
            await self.say(room, f'Not now: {rejected.reason}.')
        except admit.Expired:
            await self.say(room, 'That took too long.')
        except admit.Drained:
            await self.say(room, 'I have to stop now. Please ask again later.')

    async def say(self, room, text):
        sent = await self.client.room_send(room, 'm.room.message', {'msgtype': 'm.notice', 'body': text})
        if isinstance(sent, nio.RoomSendError):  # nio returns errors and raises none
            logging.warning('no message to %s: %s', room, sent)

    async def run(self):
        try:
            first = await self.client.sync(timeout=0)  # messages from before the start get no answer
            if isinstance(first, nio.SyncError):
                raise RuntimeError(f'{first}')
            self.client.add_event_callback(self.on_message, nio.RoomMessageText)
            async with self.engine.expiring(1.0):
                await self.client.sync_forever(timeout=30_000)  # returns when it is cancelled
        finally:
            await self.engine.drain(DRAIN)
            if self.tasks:  # a task speaks after its conversation has ended
                await asyncio.wait(self.tasks, timeout=5.0)
            await self.client.close()


def make_client(server, user, token):
    client = nio.AsyncClient(server, user)
    client.user_id, client.access_token = user, token  # a login with a password would set both
    return client


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    client = make_client(*(os.environ[f'MATRIX_{name}'] for name in ('SERVER', 'USER', 'TOKEN')))
    engine = admit.Engine(max_concurrent=20, max_per_user=2, idle_timeout=60.0, max_duration=300.0,
                          max_waiting_per_user=3)
    await Bot(client, engine, answer).run()


if __name__ == '__main__':
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(main())
