# SPDX-License-Identifier: BSL-1.0
"""The recipes of docs/examples/python for chats, with the real libraries.

discord.py: a real Client, which logs in to the REST server and the gateway of fake_chats.py. matrix-nio:
a real AsyncClient, and the homeserver of fake_chats.py. Nothing leaves the machine.
python-telegram-bot: the file compiles, no more.
"""

import asyncio
import os
import re
import sys
import unittest
import warnings

import admit
from admit import Status
from fake_chats import Discord, Homeserver
from recipe_support import DOCS, Recipe
from yarl import URL

with warnings.catch_warnings():  # with -W error they would not be imported
    warnings.simplefilter('ignore')
    import discord
    import nio

import discord_bot  # noqa: E402
import matrix_bot  # noqa: E402
import pages_test  # noqa: E402

RECIPES = ['discord_bot.py', 'matrix_bot.py', 'telegram_bot.py', 'web_bot.py']


class OnDiscord(Recipe):
    async def start(self, **limits):
        self.engine = admit.Engine(**limits)
        self.server = await self.stack.enter_async_context(Discord())
        self.set(discord.http.Route, BASE=self.server.url)
        self.set(discord.gateway.DiscordWebSocket, DEFAULT_GATEWAY=URL(self.server.url))
        self.running = asyncio.create_task(self.run_bot())
        self.stack.push_async_callback(asyncio.wait, [self.running])
        self.stack.callback(self.running.cancel)
        await asyncio.wait_for(self.server.ready.wait(), 10)

    async def run_bot(self):
        async with discord_bot.Bot(self.engine, self.answer) as self.bot:
            await self.bot.start('the token')

    async def said(self, *wanted):
        await self.until(lambda: len(self.server.said) >= len(wanted))
        self.assertEqual(self.server.said, list(wanted))

    async def test_a_message_is_answered(self):
        await self.start()
        await self.server.write(9, 'of another bot', bot=True)
        message = await self.server.write(2, 'hello')
        await self.said((message, 'to hello'))
        self.assertEqual(self.server.typing, ['1002'])

    async def test_a_user_waits_and_is_told(self):
        await self.start(max_per_user=1)
        first = await self.server.write(2, 'hold')
        await self.until(lambda: self.engine.stats().active == 1)
        second = await self.server.write(2, 'more')
        await self.said((second, 'Please wait: you are number 1.'))
        await self.until(lambda: [each.user for each in self.engine.waiters()] == ['2'])
        other = await self.server.write(3, 'hello')  # another user does not wait
        await self.said((second, 'Please wait: you are number 1.'), (other, 'to hello'))
        self.release.set()
        await self.said((second, 'Please wait: you are number 1.'), (other, 'to hello'), (first, 'to hold'),
                        (second, 'to more'))

    async def test_a_user_is_refused(self):
        self.set(discord_bot, WAIT=0.05)
        await self.start(max_concurrent=1)
        await self.server.write(2, 'hold')
        await self.until(lambda: self.engine.stats().active == 1)
        second = await self.server.write(3, 'hello')
        await self.said((second, 'Please wait: you are number 1.'),
                        (second, f'Not now: {admit.Reason.WAIT_TIMEOUT}.'))
        self.release.set()

    async def test_what_is_too_old_is_cancelled(self):
        await self.start(max_duration=0.05)
        message = await self.server.write(2, 'hold')
        await self.said((message, 'That took too long.'))
        self.assertEqual(self.engine.stats().ended[Status.TIMED_OUT], 1)

    async def test_close_lets_answers_finish(self):
        await self.start()
        message = await self.server.write(2, 'hold')
        await self.until(lambda: self.engine.stats().active == 1)
        closing = asyncio.create_task(self.bot.close())
        await self.until(lambda: not self.engine.try_admit('test'))
        self.assertFalse(closing.done())
        self.release.set()
        await closing
        await self.said((message, 'to hold'))
        self.assertTrue(self.bot.is_closed())

    async def test_a_stop_cuts_off_and_says_so(self):
        self.set(discord_bot, DRAIN=0.05)
        await self.start()
        message = await self.server.write(2, 'hold')
        await self.until(lambda: self.engine.stats().active == 1)
        self.running.cancel()  # as main() is by a signal
        await asyncio.wait([self.running])
        self.assertTrue(self.running.cancelled() and self.bot.is_closed())
        self.assertEqual(self.server.said, [(message, 'I have to stop now. Please ask again later.')])


class OnMatrix(Recipe):
    async def start(self, **limits):
        self.engine = admit.Engine(**limits)
        self.server = await self.stack.enter_async_context(Homeserver())
        self.server.write('@alice:localhost', 'from before the start')
        self.running = self.run_bot('the token')
        self.stack.push_async_callback(asyncio.wait, [self.running])
        self.stack.callback(self.running.cancel)
        await asyncio.wait_for(self.server.ready.wait(), 10)

    def run_bot(self, token):
        client = matrix_bot.make_client(self.server.url, '@bot:localhost', token)
        return asyncio.create_task(matrix_bot.Bot(client, self.engine, self.answer).run())

    async def said(self, *wanted):
        await self.until(lambda: len(self.server.said) >= len(wanted))
        self.assertEqual(self.server.said, list(wanted))

    async def hold(self):
        self.server.write('@alice:localhost', 'hold')
        await self.until(lambda: self.engine.stats().active == 1)

    async def test_a_conversation_does_not_hold_up_the_others(self):
        await self.start()
        await self.hold()
        self.server.write('@bob:localhost', 'hello')
        await self.said('to hello')
        self.release.set()
        await self.said('to hello', 'to hold')

    async def test_a_user_waits_and_is_told(self):
        await self.start(max_per_user=1)
        await self.hold()
        self.server.write('@alice:localhost', 'more')
        await self.said('Please wait: you are number 1.')
        await self.until(lambda: [each.user for each in self.engine.waiters()] == ['@alice:localhost'])
        self.release.set()
        await self.said('Please wait: you are number 1.', 'to hold', 'to more')

    async def test_a_user_is_refused(self):
        self.set(matrix_bot, WAIT=0.05)
        await self.start(max_concurrent=1)
        await self.hold()
        self.server.write('@bob:localhost', 'hello')
        await self.said('Please wait: you are number 1.', f'Not now: {admit.Reason.WAIT_TIMEOUT}.')

    async def test_what_is_idle_is_cancelled(self):
        await self.start(idle_timeout=0.05)
        await self.hold()
        await self.said('That took too long.')
        self.assertEqual(self.engine.stats().ended[Status.IDLE], 1)

    async def test_a_stop_lets_answers_finish(self):
        await self.start()
        await self.hold()
        self.running.cancel()
        await self.until(lambda: not self.engine.try_admit('test'))
        self.assertFalse(self.running.done())
        self.release.set()
        await self.running
        self.assertEqual(self.server.said, ['to hold'])

    async def test_a_stop_cuts_off_and_says_so(self):
        self.set(matrix_bot, DRAIN=0.05)
        await self.start()
        await self.hold()
        self.running.cancel()
        await self.running
        self.assertEqual(self.server.said, ['I have to stop now. Please ask again later.'])

    async def test_a_wrong_token_is_an_error(self):
        await self.start()
        with self.assertRaisesRegex(RuntimeError, 'M_UNKNOWN_TOKEN'):
            await self.run_bot('another token')

    async def test_the_program_stops_at_SIGTERM_when_it_has_answered(self):
        server = await self.stack.enter_async_context(Homeserver())
        server.write('@alice:localhost', 'from before the start')
        program = await asyncio.create_subprocess_exec(
            sys.executable, matrix_bot.__file__, stderr=asyncio.subprocess.PIPE, env=os.environ | {
                'MATRIX_SERVER': server.url, 'MATRIX_USER': '@bot:localhost', 'MATRIX_TOKEN': 'the token'})
        try:
            await asyncio.wait_for(server.ready.wait(), 20)
            server.write('@alice:localhost', 'hello')
            await self.until(lambda: server.seen == 2)
            program.terminate()
            _, errors = await asyncio.wait_for(program.communicate(), 20)
        except BaseException:
            program.kill()
            raise
        self.assertEqual((program.returncode, server.said, errors), (0, ['You said: hello'], b''))


class Pages(unittest.TestCase):
    def test_every_recipe_compiles_and_is_shown_as_it_is(self):
        with open(os.path.join(DOCS, 'guide/python.md'), encoding='utf-8') as file:
            recipes = file.read().partition('## Recipes')[2].partition('\n## ')[0]
        sources = []
        for name in RECIPES:
            with open(os.path.join(DOCS, 'examples/python', name), encoding='utf-8') as file:
                sources.append(file.read())
            compile(sources[-1], name, 'exec')
            self.assertIn(f'(../examples/python/{name})', recipes)
        blocks = re.findall(r'^```python\n(.*?)^```$', recipes, re.M | re.S)
        self.assertTrue(blocks)
        for block in blocks:
            self.assertTrue(any(pages_test.shown_in(block, source) for source in sources), block)
        self.assertEqual(sorted(os.listdir(os.path.join(DOCS, 'examples/python'))), RECIPES)

    def test_the_recipe_that_is_not_tested_says_so(self):
        with open(os.path.join(DOCS, 'examples/python/telegram_bot.py'), encoding='utf-8') as file:
            self.assertIn('UNTESTED', file.read())


if __name__ == '__main__':
    unittest.main()
