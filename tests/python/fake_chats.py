# SPDX-License-Identifier: BSL-1.0
"""Servers of Discord and Matrix on loopback, with as much of both as a bot needs: for test_recipes.py."""

import asyncio
import json

from aiohttp import WSMsgType, web

DELAY = 0.05  # seconds until a message is taken, as in a network: a bot that does not wait loses it
ROOM = '!room:localhost'
BOT = {'id': '1', 'username': 'bot', 'discriminator': '0001', 'avatar': None, 'bot': True}


def json_response(content, status=200):
    # discord.py takes this type for JSON, and with a charset for text.
    return web.Response(body=json.dumps(content).encode(), status=status, content_type='application/json')


class Server:
    """`said` is what the bot has sent, in order."""

    def __init__(self):
        self.said = []
        self.ready = asyncio.Event()
        self.application = web.Application()

    async def __aenter__(self):
        self.runner = web.AppRunner(self.application)
        await self.runner.setup()
        site = web.TCPSite(self.runner, '127.0.0.1', 0, shutdown_timeout=0.1)
        await site.start()
        self.url = 'http://%s:%d' % self.runner.addresses[0]
        return self

    async def __aexit__(self, *error):
        await self.runner.cleanup()


class Discord(Server):
    """The gateway as a websocket without compression, and the REST calls of a bot that replies."""

    def __init__(self):
        super().__init__()
        self.messages = 100
        self.typing = []
        self.application.add_routes([
            web.get('/users/@me', self.me), web.get('/oauth2/applications/@me', self.about),
            web.post('/channels/{channel}/typing', self.on_typing),
            web.post('/channels/{channel}/messages', self.on_reply), web.get('/', self.gateway)])

    async def me(self, _):
        return json_response(BOT)

    async def about(self, _):
        return json_response({'id': '1', 'name': 'bot', 'icon': None, 'description': '', 'flags': 0,
                                  'bot_public': True, 'bot_require_code_grant': False, 'owner': BOT,
                                  'verify_key': '', 'summary': ''})

    async def on_typing(self, request):
        self.typing.append(request.match_info['channel'])
        return web.Response(status=204)

    async def on_reply(self, request):
        sent = await request.json()
        await asyncio.sleep(DELAY)
        self.said.append((str(sent['message_reference']['message_id']), sent['content']))
        return json_response(self.message(BOT, request.match_info['channel'], sent['content']))

    async def gateway(self, request):
        self.socket = web.WebSocketResponse()
        await self.socket.prepare(request)
        await self.socket.send_json({'op': 10, 'd': {'heartbeat_interval': 45000}})
        async for frame in self.socket:
            got = json.loads(frame.data) if frame.type == WSMsgType.TEXT else {}
            if got.get('op') == 1:
                await self.socket.send_json({'op': 11})
            elif got.get('op') == 2:
                assert got['d']['token'] == 'the token'
                await self.dispatch('READY', {
                    'v': 10, 'user': BOT, 'guilds': [], 'session_id': 's', 'shard': [0, 1],
                    'resume_gateway_url': 'ws://127.0.0.1', 'application': {'id': '1', 'flags': 0}})
                self.ready.set()
        return self.socket

    async def dispatch(self, event, data):
        await self.socket.send_json({'op': 0, 't': event, 's': 1, 'd': data})

    def message(self, author, channel, text):
        self.messages += 1
        return {'id': str(self.messages), 'channel_id': channel, 'author': author, 'content': text,
                'timestamp': '2026-01-01T00:00:00+00:00', 'edited_timestamp': None, 'tts': False,
                'mention_everyone': False, 'mentions': [], 'mention_roles': [], 'attachments': [],
                'embeds': [], 'pinned': False, 'type': 0}

    async def write(self, user, text, bot=False):
        """A direct message to the bot; its id."""
        author = {'id': str(user), 'username': f'user{user}', 'discriminator': '0001', 'avatar': None,
                  'bot': bot}
        message = self.message(author, str(1000 + user), text)
        await self.dispatch('MESSAGE_CREATE', message)
        return message['id']


class Homeserver(Server):
    """Matrix: /sync, which waits for events as a real one, and /send."""

    def __init__(self):
        super().__init__()
        self.events = []
        self.seen = 0
        self.changed = asyncio.Event()
        self.application.add_routes([
            web.get('/_matrix/client/r0/sync', self.sync),
            web.put('/_matrix/client/r0/rooms/{room}/send/{type}/{id}', self.send)])

    async def sync(self, request):
        if request.query['access_token'] != 'the token':
            return json_response({'errcode': 'M_UNKNOWN_TOKEN', 'error': 'wrong'}, status=401)
        since = self.seen = int(request.query.get('since', 0))
        if 'since' in request.query:
            self.ready.set()
        if since == len(self.events):
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), int(request.query.get('timeout', 0)) / 1000)
            except asyncio.TimeoutError:
                pass
        timeline = {'events': self.events[since:], 'limited': False, 'prev_batch': str(since)}
        room = {'timeline': timeline, 'state': {'events': []}, 'ephemeral': {'events': []},
                'account_data': {'events': []}}
        return json_response({'next_batch': str(len(self.events)),
                              'rooms': {'join': {ROOM: room}, 'invite': {}, 'leave': {}}})

    async def send(self, request):
        assert (request.match_info['room'], request.match_info['type']) == (ROOM, 'm.room.message')
        body = (await request.json())['body']
        await asyncio.sleep(DELAY)
        self.said.append(body)
        self.write('@bot:localhost', body)
        return json_response({'event_id': f'${len(self.events)}'})

    def write(self, user, text):
        self.events.append({
            'type': 'm.room.message', 'sender': user, 'event_id': f'${len(self.events)}:localhost',
            'origin_server_ts': 1, 'content': {'msgtype': 'm.text', 'body': text}})
        self.changed.set()
