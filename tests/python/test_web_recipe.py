# SPDX-License-Identifier: BSL-1.0
"""docs/examples/python/web_bot.py: its server, and clients of aiohttp, on loopback."""

import asyncio
import unittest

import admit
import aiohttp
from admit import Status
from aiohttp import web
from recipe_support import Recipe  # adds the folder of the recipes

import web_bot


class Web(Recipe):
    async def start(self, **limits):
        self.engine = admit.Engine(**limits)
        self.runner = web.AppRunner(web_bot.make_app(self.engine, self.answer, 'secret'))
        await self.runner.setup()
        self.stack.push_async_callback(self.runner.cleanup)
        await web.TCPSite(self.runner, '127.0.0.1', 0, shutdown_timeout=5.0).start()
        self.url = 'http://%s:%d/talk' % self.runner.addresses[0]
        self.client = await self.stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)))

    async def post(self, user, text, token='secret'):
        async with self.client.post(self.url, json={'user': user, 'text': text},
                                    headers={'Authorization': f'Bearer {token}'}) as response:
            return response.status, await response.json(), response.headers.get('Retry-After')

    def ask(self, user, text='hold'):
        return asyncio.create_task(self.post(user, text))

    async def active(self, count):
        await self.until(lambda: self.engine.stats().active == count)

    async def test_a_user_over_its_limit_is_told_when_to_come_back(self):
        self.set(web_bot, WAIT=0.02)
        await self.start(max_per_user=1, idle_timeout=60.0)
        first = self.ask('alice')
        await self.active(1)
        status, body, retry_after = await self.post('alice', 'hello')
        self.assertEqual((status, body), (429, {'error': str(admit.Reason.WAIT_TIMEOUT)}))
        self.assertTrue(58 <= int(retry_after) <= 61, retry_after)
        self.assertEqual((await self.post('bob', 'hello'))[:2], (200, {'answer': 'to hello'}))
        self.release.set()
        self.assertEqual((await first)[0], 200)

    async def test_without_a_timeout_no_time_is_promised(self):
        self.set(web_bot, WAIT=0.0)
        await self.start(max_concurrent=1, idle_timeout=None, max_duration=None)
        first = self.ask('alice')
        await self.active(1)
        self.assertEqual((await self.post('bob', 'hello'))[::2], (429, None))
        self.release.set()
        await first

    async def test_a_request_may_wait(self):
        await self.start(max_concurrent=1)
        first = self.ask('alice')
        await self.active(1)
        second = self.ask('bob', 'hello')
        await self.until(lambda: self.engine.stats().waiting == 1)
        self.release.set()
        self.assertEqual([(await task)[0] for task in (first, second)], [200, 200])

    async def test_what_is_idle_is_cut_off_and_a_touch_keeps(self):
        await self.start(idle_timeout=0.4)
        held, touched = await asyncio.gather(self.post('alice', 'hold'), self.post('bob', 'touch'))
        self.assertEqual((held[0], touched[0]), (504, 200))
        self.assertEqual(self.engine.stats().ended[Status.IDLE], 1)

    async def test_bad_requests(self):
        await self.start()
        self.assertEqual((await self.post('alice', 'hello', token='wrong'))[0], 401)
        reader, writer = await asyncio.open_connection(*self.runner.addresses[0])
        writer.write(b'POST /talk HTTP/1.0\r\nAuthorization: \xff\r\n\r\n')  # no client sends this
        self.assertIn(b' 401 ', await reader.readline())
        writer.close()
        await writer.wait_closed()
        for user in ('', 'u' * 256, '\ud800'):
            self.assertEqual((await self.post(user, 'hello'))[0], 400)
        for body, kind in (('[', 'application/json'), ('[' * 100_000, 'application/json'),
                           ('{}', 'application/json; charset=none')):
            headers = {'Authorization': 'Bearer secret', 'Content-Type': kind}
            async with self.client.post(self.url, data=body, headers=headers) as got:
                self.assertEqual(got.status, 400)
        self.assertEqual(self.engine.stats().admitted, 0)

    async def test_shutdown_drains(self):
        await self.start()
        async with aiohttp.ClientSession() as other:  # its connection is open before the shutdown
            first, second = self.ask('alice'), self.ask('bob')
            await self.active(2)
            async with other.post(self.url, json={}, headers={'Authorization': 'Bearer secret'}):
                pass
            cleanup = asyncio.create_task(self.runner.cleanup())
            await self.until(lambda: not self.engine.try_admit('test'))
            self.client, client = other, self.client
            status, body, retry_after = await self.post('carol', 'hello')
            self.assertEqual((status, retry_after), (503, None))
            self.client = client
            self.assertFalse(cleanup.done() or first.done())
            self.release.set()
            self.assertEqual([(await task)[0] for task in (first, second)], [200, 200])
            await cleanup

    async def test_shutdown_cuts_off_and_says_so(self):
        self.set(web_bot, DRAIN=0.05)
        await self.start()
        first = self.ask('alice')
        await self.active(1)
        await self.runner.cleanup()
        self.assertEqual((await first)[0], 503)
        self.assertEqual(self.engine.stats().ended[Status.DRAINED], 1)

    async def test_a_client_that_goes_keeps_its_slot(self):  # as the guide says of aiohttp 3.8
        await self.start()
        first = self.ask('alice')
        await self.active(1)
        first.cancel()
        await asyncio.wait([first])
        await asyncio.sleep(0.1)
        self.assertEqual(self.engine.stats().active, 1)
        self.release.set()
        await self.active(0)


if __name__ == '__main__':
    unittest.main()
