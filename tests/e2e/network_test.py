#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Links that break, servers that die and throttle, a nick that is taken: the bot comes back."""

from crowd import Crowd
from ngircd import NAME
from proxy import Proxy
from scene import Scene, main
from server import THROTTLED, Server


class Network(Scene):
    def behind_a_proxy(self, **sections):
        self.begin_server()
        self.proxy = Proxy(self.server.port)
        self.addCleanup(self.proxy.close)
        self.start_bot(port=self.proxy.port, **sections)

    def test_the_server_is_killed_and_comes_back(self):
        self.begin(limits={'max_concurrent': 2})
        for one in self.crowd.clients(3, '#work'):
            one.asks('!ask me', 'you said|you are number')
        self.server.kill()
        self.wait_for('disconnected')
        self.nothing_is_left()
        self.assertEqual(self.bot.metric('admit_ended_total', status='cancelled'), 2)
        self.crowd.close()
        self.server.start()
        self.wait_for('joined', times=2, channel='#work')
        alice = self.crowd.client('alice', '#work')
        alice.asks('!work 10ms', r'^started \(1 of 2, yours 1 of 5\)')
        alice.hears('^done: work 10ms')
        self.nothing_is_left()

    def test_a_netsplit_takes_slots_and_power_along(self):
        secret = {'MyPassword': 'abc', 'PeerPassword': 'abc'}
        far = 'far.admit.invalid'
        self.begin_server(more={'Server': {'Name': far, 'Passive': 'yes', **secret}})
        self.start_bot(limits={'max_concurrent': 1})
        split = Server(name=far, more={'Server': {'Name': NAME, 'Host': '127.0.0.1',
                                                  'Port': self.server.port, **secret}})
        self.addCleanup(split.close)
        beyond = Crowd(split.port)
        self.addCleanup(beyond.close)
        alice = beyond.client('alice', '#ops', '#work')
        # The servers link a few seconds after they have started; then the members meet.
        self.crowd.until(lambda: beyond.loop.process_once(0) or self.founder.saw('join', 'alice'),
                         'the servers link')
        boss = beyond.client('boss', '#ops')
        boss.asks('!limits', '^that is for operators')
        self.founder.connection.mode('#ops', '+o boss')
        boss.sees('mode', 'boss', '+o')
        boss.asks('!limits', '^the limits are')
        alice.asks('!ask me', 'you said "me"')
        split.kill()
        self.founder.sees('quit', 'boss')
        mallory = self.crowd.client('boss', '#ops', user='mallory')
        mallory.asks('!limits', '^that is for operators')
        mallory.asks('!work 10ms', r'^started \(1 of 1, yours 1 of 5\)')
        mallory.hears('^done: work 10ms')
        self.nothing_is_left()
        self.assertEqual(self.bot.count('connected'), 1)

    def test_the_link_is_cut(self):
        self.behind_a_proxy()
        alice = self.crowd.client('alice', '#work')
        for times in (2, 3):
            alice.asks('!ask me', 'you said "me"')
            self.proxy.cut()
            self.wait_for('joined', times=times, channel='#work')
            self.nothing_is_left()
            alice.asks('!where', '^nothing of yours')

    def test_a_link_that_is_silent_is_given_up(self):
        self.behind_a_proxy()
        alice = self.crowd.client('alice', '#work')
        alice.asks('!ask me', 'you said "me"')
        self.proxy.stall()
        self.wait_for('silent')
        self.nothing_is_left()
        self.proxy.flow()
        self.wait_for('joined', times=2, channel='#work')
        alice.asks('!work 10ms', '^started')

    def test_a_slow_link_loses_nothing(self):
        self.behind_a_proxy(server={'ping_every': '5s'})
        self.proxy.delay = .2
        users = self.crowd.clients(10, '#work')
        for one in users:
            one.say('!work 10ms', to='#work')
        for one in users:
            one.hears(f'^{one.nick}: done: work 10ms')
        self.nothing_is_left()
        self.assertEqual(self.bot.count('connected'), 1)

    def test_a_throttling_server_is_survived(self):
        self.begin(server_limits=THROTTLED, sending={'burst': 5, 'lines_per_second': 4},
                   server={'ping_every': '5s'})
        users = self.crowd.clients(3, '#work')
        for one in users:
            one.say('!work 300ms').say('!stats')
        for one in users:
            one.hears('^done: work 300ms')
        self.assertEqual(self.bot.count('connected'), 1)

    def test_a_nick_that_is_taken_is_taken_back(self):
        self.begin_server()
        squatter = self.crowd.client('admit', user='squatter')
        self.start_bot()
        taken = self.bot.all('connected')[0]['nick']
        self.assertRegex(taken, '^admit[0-9]{2}$')
        alice = self.crowd.client('alice', '#work')
        alice.say('!stats', to=taken).hears('^0 of 20 active')
        squatter.quit()
        alice.sees('nick', 'admit')
        alice.asks('!stats', '^0 of 20 active')

    def test_a_kicked_bot_comes_back_and_answers_no_notice(self):
        self.begin()
        self.founder.connection.kick('#ops', 'admit')
        self.wait_for('joined', times=2, channel='#ops')
        self.founder.asks('!limits', '^the limits are')
        before = len(self.founder.heard)
        self.founder.connection.notice('admit', '!stats')
        self.founder.connection.privmsg('admit', '\1VERSION\1')
        self.founder.asks('!where', '^nothing of yours')
        self.assertEqual(len(self.founder.heard), before + 1)


if __name__ == '__main__':
    main()
