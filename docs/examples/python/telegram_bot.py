#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A bot for Telegram with limits on its conversations: python-telegram-bot 20.

UNTESTED: Debian 12 has no package of this version. The tests compile this file and do not run it.

    TELEGRAM_TOKEN=... python3 telegram_bot.py
"""

import asyncio
import contextlib
import os
import signal

import admit
from telegram.ext import Application, MessageHandler, filters

WAIT = 20.0  # seconds that a message waits for a free slot
DRAIN = 20.0  # seconds that conversations have to finish when the bot stops


async def answer(text, touch):
    """Replace this by what the bot does. touch() keeps a long answer from being idle."""
    await asyncio.sleep(2.0)
    touch()
    return f'You said: {text}'


class Bot:
    def __init__(self, engine, answer):
        self.engine = engine
        self.answer = answer

    async def on_message(self, update, context):
        message, user = update.effective_message, str(update.effective_user.id)

        def on_wait(place):
            context.application.create_task(message.reply_text(f'Please wait: you are number {place}.'))

        try:
            async with self.engine.conversation(user, wait=WAIT, on_wait=on_wait) as permit:
                said = await self.answer(message.text, permit.touch)
                await message.reply_text(said[:4096])  # what Telegram takes
        except admit.Rejected as rejected:
            await message.reply_text(f'Not now: {rejected.reason}.')
        except admit.Expired:
            await message.reply_text('That took too long.')
        except admit.Drained:
            await message.reply_text('I have to stop now. Please ask again later.')

    async def run(self, application):
        application.add_handler(
            # The next update waits for a handler without block=False.
            MessageHandler(filters.TEXT & filters.UpdateType.MESSAGE, self.on_message, block=False))
        async with application:
            await application.start()
            try:
                await application.updater.start_polling()
                async with self.engine.expiring(1.0):
                    await asyncio.Event().wait()  # until the task is cancelled
            finally:
                if application.updater.running:
                    await application.updater.stop()
                await self.engine.drain(DRAIN)
                await application.stop()  # waits for the handlers, which may still reply


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    engine = admit.Engine(max_concurrent=20, max_per_user=2, idle_timeout=60.0, max_duration=300.0,
                          max_waiting_per_user=3)
    await Bot(engine, answer).run(Application.builder().token(os.environ['TELEGRAM_TOKEN']).build())


if __name__ == '__main__':
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(main())
