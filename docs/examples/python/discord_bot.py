#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A bot for Discord with limits on its conversations: discord.py 2.2 or newer.

    DISCORD_TOKEN=... python3 discord_bot.py    # with the "message content" intent of the application
"""

import asyncio
import contextlib
import os
import signal

import admit
import discord

WAIT = 20.0  # seconds that a message waits for a free slot
DRAIN = 20.0  # seconds that conversations have to finish when the bot stops


async def answer(text, touch):
    """Replace this by what the bot does. touch() keeps a long answer from being idle."""
    await asyncio.sleep(2.0)
    touch()
    return f'You said: {text}'


class Bot(discord.Client):
    def __init__(self, engine, answer):
        intents = discord.Intents.default()
        intents.message_content = True
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none())
        self.engine = engine
        self.answer = answer
        self.tasks = set()
        self.expiring = contextlib.AsyncExitStack()

    def keep(self, task):
        """Until it is done: the event loop keeps no task alive, and close() waits for all."""
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def setup_hook(self):
        await self.expiring.enter_async_context(self.engine.expiring(1.0))

    async def on_message(self, message):
        if message.author.bot:
            return
        self.keep(asyncio.current_task())  # discord.py runs each event in a task of its own
        user = str(message.author.id)

        def on_wait(place):
            self.keep(asyncio.create_task(message.reply(f'Please wait: you are number {place}.')))

        try:
            async with (self.engine.conversation(user, wait=WAIT, on_wait=on_wait) as permit,
                        message.channel.typing()):
                said = await self.answer(message.content, permit.touch)
                await message.reply(said[:2000])  # what Discord takes
        except admit.Rejected as rejected:
            await message.reply(f'Not now: {rejected.reason}.')
        except admit.Expired:
            await message.reply('That took too long.')
        except admit.Drained:
            await message.reply('I have to stop now. Please ask again later.')

    async def close(self):
        """Drains before the connection is closed, so that the last answers can be sent."""
        await self.engine.drain(DRAIN)
        if self.tasks:  # a handler replies after its conversation has ended
            await asyncio.wait(self.tasks, timeout=5.0)
        await self.expiring.aclose()
        await super().close()


async def main():
    discord.utils.setup_logging()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    engine = admit.Engine(max_concurrent=20, max_per_user=2, idle_timeout=60.0, max_duration=300.0,
                          max_waiting_per_user=3)
    async with Bot(engine, answer) as bot:
        await bot.start(os.environ['DISCORD_TOKEN'])


if __name__ == '__main__':
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(main())
