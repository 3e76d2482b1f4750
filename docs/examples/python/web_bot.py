#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A bot behind HTTP with limits on its conversations, for webhooks or a page: aiohttp 3.8 or newer.

    WEB_TOKEN=secret python3 web_bot.py
    curl -H 'Authorization: Bearer secret' -d '{"user": "alice", "text": "hello"}' localhost:8080/talk
"""

import asyncio
import hmac
import math
import os

import admit
from aiohttp import web

WAIT = 2.0  # seconds that a request waits for a free slot
DRAIN = 20.0  # seconds that conversations have to finish when the server stops


async def answer(text, touch):
    """Replace this by what the bot does. touch() keeps a long answer from being idle."""
    await asyncio.sleep(2.0)
    touch()
    return f'You said: {text}'


async def talk(request):
    app = request.app
    given = request.headers.get('Authorization', '')
    if not hmac.compare_digest(given.encode('utf-8', 'surrogateescape'), f'Bearer {app["token"]}'.encode()):
        return web.json_response({'error': 'the token is wrong'}, status=401)
    try:
        asked = await request.json()
        user, text = str(asked['user']).encode(), str(asked['text'])  # not each str of JSON is UTF-8
    except (LookupError, RecursionError, TypeError, ValueError):  # of the JSON, or of its charset
        return web.json_response({'error': 'JSON with user and text is wanted'}, status=400)
    try:
        async with app['engine'].conversation(user, wait=WAIT) as permit:
            return web.json_response({'answer': await app['answer'](text, permit.touch)})
    except admit.Rejected as rejected:
        return refusal(rejected)
    except admit.Expired as expired:
        return web.json_response({'error': str(expired)}, status=504)
    except admit.Drained as drained:
        return web.json_response({'error': str(drained)}, status=503)


def refusal(rejected):
    status = {admit.Reason.SHUTTING_DOWN: 503, admit.Reason.INVALID_USER_ID: 400}.get(rejected.reason, 429)
    headers = {}
    if math.isfinite(rejected.retry_after):  # inf: no timeout will make room
        headers['Retry-After'] = str(max(1, math.ceil(rejected.retry_after)))
    return web.json_response({'error': str(rejected)}, status=status, headers=headers)


async def expire(app):
    async with app['engine'].expiring(1.0):
        yield


async def drain(app):
    """Runs when new connections are refused and those that are open still work."""
    await app['engine'].drain(DRAIN)


def make_app(engine, answer, token):
    app = web.Application()
    app['engine'], app['answer'], app['token'] = engine, answer, token
    app.router.add_post('/talk', talk)
    app.cleanup_ctx.append(expire)
    app.on_shutdown.append(drain)
    return app


if __name__ == '__main__':
    web.run_app(make_app(admit.Engine(max_concurrent=20, max_per_user=2, idle_timeout=60.0), answer,
                         os.environ['WEB_TOKEN']), host='127.0.0.1', port=8080)
