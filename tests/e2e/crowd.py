# SPDX-License-Identifier: BSL-1.0
"""Users of the bot, by python3-irc: one loop for all of them, which a wait turns.

A wait has a condition and a deadline. Nothing waits for a length of time.
"""

import re
import sys
import time

# Debian's package of the library is for the system's Python; any other can use it as well.
sys.path.append('/usr/lib/python3/dist-packages')
try:
    import irc.client  # noqa: E402
except ImportError:
    print('skipped: python3-irc not found')
    sys.exit(77)

from server import PATIENCE  # noqa: E402

TURN = .05  # seconds that one turn of the loop waits for a line at most


class Client:
    """One user. `heard` has every text that it received, as (sender, target, text)."""

    def __init__(self, crowd, nick, port, user):
        self.crowd, self.nick, self.heard, self.at = crowd, nick, [], 0
        self.welcome = self.closed = False
        self.joined, self.events = set(), []
        self.connection = crowd.loop.server()
        crowd.of_connection[self.connection] = self
        self.connection.connect('127.0.0.1', port, nick, username=user or nick)

    def take(self, event):
        source = getattr(event.source, 'nick', None) or str(event.source)
        self.events.append((event.type, source, event.target, list(event.arguments)))
        if event.type in ('privnotice', 'pubnotice', 'privmsg', 'pubmsg'):
            self.heard.append((source, event.target, event.arguments[0]))
        elif event.type == 'welcome':
            self.welcome = True
        elif event.type == 'endofnames':
            self.joined.add(event.arguments[0])
        elif event.type == 'disconnect':
            self.closed = True

    def join(self, *channels):
        for channel in channels:
            self.connection.join(channel)
        self.crowd.until(lambda: self.joined.issuperset(channels), f'{self.nick} joins {channels}')
        return self

    def say(self, text, to='admit'):
        self.connection.privmsg(to, text)
        return self

    def hears(self, pattern, patience=PATIENCE):
        """Waits for the next text that fits; what comes before it is passed over."""
        found = self.crowd.until(lambda: self._next(pattern), f'{self.nick} hears {pattern!r}',
                                 patience)
        return found

    def _next(self, pattern):
        for at in range(self.at, len(self.heard)):
            found = re.search(pattern, self.heard[at][2])
            if found:
                self.at = at + 1
                return found
        return None

    def count(self, pattern):
        return sum(1 for _, _, text in self.heard if re.search(pattern, text))

    def asks(self, text, pattern, to='admit'):
        self.say(text, to)
        return self.hears(pattern)

    def sees(self, kind, *where):
        """Waits for an event of python3-irc, such as `quit` of a nick."""
        return self.crowd.until(lambda: self.saw(kind, *where), f'{self.nick} sees {kind} {where}')

    def saw(self, kind, *where):
        return next((e for e in self.events if e[0] == kind and set(where) <= {e[1], e[2], *e[3]}),
                    None)

    def rename(self, nick):
        self.connection.nick(nick)
        self.sees('nick', nick)
        self.nick = nick

    def die(self):
        """As a program that is killed: the connection ends without a QUIT."""
        self.connection.socket.close()
        self.crowd.forget(self)

    def quit(self):
        self.connection.quit('bye')
        self.crowd.until(lambda: self.closed, f'{self.nick} quits')


class Crowd:
    def __init__(self, port):
        self.port = port
        self.loop = irc.client.IRC()
        self.of_connection = {}
        self.loop.add_global_handler('all_events', self._take)

    def _take(self, connection, event):
        if event.type != 'all_raw_messages' and connection in self.of_connection:
            self.of_connection[connection].take(event)

    def forget(self, client):
        self.loop._remove_connection(client.connection)  # pylint: disable=protected-access
        del self.of_connection[client.connection]

    def client(self, nick, *channels, user=None):
        one = Client(self, nick, self.port, user)
        self.until(lambda: one.welcome, f'{nick} is welcome')
        return one.join(*channels)

    def clients(self, count, *channels):
        """Many at once: they connect together and join together."""
        names = [f'user{number:02}' for number in range(count)]
        all_of_them = [Client(self, name, self.port, None) for name in names]
        self.until(lambda: all(one.welcome for one in all_of_them), f'{count} are welcome')
        for one in all_of_them:
            for channel in channels:
                one.connection.join(channel)
        self.until(lambda: all(one.joined.issuperset(channels) for one in all_of_them),
                   f'{count} join {channels}')
        return all_of_them

    def until(self, condition, what, patience=PATIENCE):
        """Turns the loop until the condition holds, and returns its value."""
        end = time.monotonic() + patience
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f'not within {patience} s: {what}\n{self.last_words(what)}')
            self.loop.process_once(TURN)

    def last_words(self, what):
        """Of the users that are spoken of, or of a few."""
        users = list(self.of_connection.values())
        told = [one for one in users if one.nick in what] or users[:6]
        return '\n'.join(f'  {one.nick} heard: {one.heard[-8:]}' for one in told)

    def close(self):
        for one in list(self.of_connection.values()):
            if one.connection.is_connected():
                one.die()
        self.of_connection.clear()
