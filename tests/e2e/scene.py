# SPDX-License-Identifier: BSL-1.0
"""A server, a bot and users for each test of the suite. The bot's program is in ADMIT_IRCBOT."""

import os
import shutil
import sys
import unittest

from bot import Bot
from crowd import Crowd
from server import PATIENCE, Server

SKIPPED = 77  # as meson has it


class Scene(unittest.TestCase):
    """Each test calls `begin` first; what it started is ended behind it."""

    def begin(self, server_limits=None, **sections):
        self.begin_server(server_limits)
        self.start_bot(**sections)

    def begin_server(self, limits=None, tls=False, **more):
        self.server = Server(limits, tls, **more)
        self.addCleanup(self.server.close)
        self.crowd = Crowd(self.server.port)
        self.addCleanup(self.crowd.close)
        self.founder = self.crowd.client('founder', '#ops')  # the first in a channel: its operator

    def start_bot(self, port=None, joins=True, **sections):
        self.bot = Bot(os.environ['ADMIT_IRCBOT'], port or self.server.port, **sections)
        self.addCleanup(self.bot.close)
        if joins:
            self.wait_for('joined', channel='#ops')
            self.wait_for('joined', channel='#work')

    def make_operator(self, client, sign='+'):
        """By MODE of the channel's first member, which is its operator."""
        self.founder.connection.mode('#ops', f'{sign}o {client.nick}')
        client.sees('mode', client.nick, f'{sign}o')
        self.settle()

    def settle(self):
        """What the server sent to the bot so far, the bot has seen: it answers later lines."""
        self.founder.asks('!where', 'nothing of yours')

    def wait_for(self, event, times=1, **fields):
        """Waits for so many lines of the bot's log."""
        self.crowd.until(lambda: self.bot.count(event, **fields) >= times,
                         f'the bot logs {event} {fields}; it logged {self.bot.events[-8:]}')

    def wait_for_exit(self):
        self.crowd.until(lambda: self.bot.process.poll() is not None, 'the bot ends')
        return self.bot.process.returncode

    def nothing_is_left(self):
        """As the metrics say it; they are asked until it holds."""
        def at_rest():
            return not self.bot.metric('admit_active') and not self.bot.metric('admit_waiting')
        self.crowd.until(at_rest, 'no conversation is left')
        ended = self.bot.metric('admit_ended_total')
        self.assertEqual(ended, self.bot.metric('admit_admitted_total'))


def main():
    missing = [name for name in ('ngircd', 'openssl') if shutil.which(name) is None]
    if missing:
        print(f'skipped: {" and ".join(missing)} not found')
        sys.exit(SKIPPED)
    unittest.main(warnings='ignore')  # python3-irc does not close what the server ended


__all__ = ['PATIENCE', 'Scene', 'main']
