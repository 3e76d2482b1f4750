#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Identity and power: a changed nick evades no limit, and power does not outlive its holder."""

import os
import tempfile

from scene import Scene, main

REFUSED = '^that is for operators$'
DONE = '^the limits are'
SECRET = 'correct horse battery staple'


class Identity(Scene):
    def test_a_new_nick_does_not_evade_a_limit(self):
        self.begin(limits={'max_per_user': 1}, talk={'wait_at_most': '0s'})
        alice = self.crowd.client('alice', '#work')
        alice.asks('!ask me', 'you said "me"')
        alice.rename('eve')
        alice.asks('!work 10ms', '^your limit is 1$')
        alice.asks('hello', 'you said "hello"')  # what ran goes on under the new nick
        alice.asks('bye', '^goodbye$')
        alice.asks('!work 10ms', '^started')

    def test_a_nick_that_another_user_took_has_none_of_its_conversations(self):
        self.begin()
        alice = self.crowd.client('alice')  # in no channel: the bot does not see it go
        alice.asks('!ask me', 'you said "me"')
        alice.quit()
        mallory = self.crowd.client('alice', user='mallory')
        mallory.asks('hello', '^!work 3s, !ask')
        mallory.asks('!where', '^nothing of yours')
        self.nothing_is_left()


class Operators(Scene):
    def obeys(self, client):
        client.asks('!limits', f'{DONE}|{REFUSED}')
        return client.count(REFUSED) == 0 or not client.heard[-1][2].startswith('that is')

    def test_power_comes_and_goes_with_the_mode(self):
        self.begin()
        boss = self.crowd.client('boss', '#ops', '#work')
        boss.asks('!limits', REFUSED)
        self.make_operator(boss)
        boss.asks('!limits', DONE)
        self.make_operator(boss, '-')
        boss.asks('!limits', REFUSED)

    def test_power_in_another_channel_is_none(self):
        self.begin(server={'channels': ['#work']})
        boss = self.crowd.client('boss', '#other')
        boss.asks('!limits', REFUSED)
        boss.asks('!kick founder', REFUSED)
        boss.asks('!drain', REFUSED)
        self.assertIsNone(self.bot.process.poll())

    def test_power_is_gone_after_a_part(self):
        self.begin()
        boss = self.crowd.client('boss', '#ops')
        self.make_operator(boss)
        boss.connection.part('#ops')
        boss.sees('part', '#ops')
        boss.asks('!limits', REFUSED)
        boss.join('#ops').asks('!limits', REFUSED)

    def test_power_is_gone_after_a_kick(self):
        self.begin()
        boss = self.crowd.client('boss', '#ops')
        self.make_operator(boss)
        self.founder.connection.kick('#ops', 'boss')
        boss.sees('kick', 'boss')
        boss.asks('!limits', REFUSED)

    def test_a_nick_taken_over_after_a_quit_has_no_power(self):
        self.begin()
        boss = self.crowd.client('boss', '#ops')
        self.make_operator(boss)
        boss.quit()
        mallory = self.crowd.client('boss', '#ops', user='mallory')
        mallory.asks('!limits', REFUSED)

    def test_a_nick_taken_over_after_a_rename_has_no_power(self):
        self.begin()
        boss = self.crowd.client('boss', '#ops')
        self.make_operator(boss)
        boss.rename('chief')
        mallory = self.crowd.client('boss', '#ops', user='mallory')
        mallory.asks('!limits', REFUSED)
        self.crowd.until(lambda: self.obeys(boss), 'the server says that chief is an operator')

    def test_the_bot_learns_its_operators_when_it_joins(self):
        self.begin()
        self.founder.asks('!limits', DONE)  # was there before: by NAMES


class Passwords(Scene):
    def setUp(self):
        with tempfile.NamedTemporaryFile('w', delete=False) as file:
            file.write(SECRET + '\n')
        self.secret = file.name
        self.addCleanup(os.unlink, self.secret)

    def begin_with_tls(self):
        self.begin_server(tls=True)
        self.start_bot(server={'host': 'localhost', 'port': self.server.tls_port, 'tls': True,
                               'ca_file': self.server.path('cert.pem')},
                       operators={'password_file': self.secret})

    def test_a_password_makes_an_operator_until_it_renames(self):
        self.begin_with_tls()
        boss = self.crowd.client('boss', '#work')
        boss.asks('!limits', REFUSED)
        boss.asks('!auth wrong', '^no$')
        boss.asks(f'!auth {SECRET}', 'join|^you are an operator now')
        boss.asks('!limits', DONE)
        boss.rename('chief')
        boss.asks('!limits', REFUSED)
        boss.asks(f'!auth {SECRET}', '^you are an operator now')
        boss.quit()
        mallory = self.crowd.client('chief', '#work', user='mallory')
        mallory.asks('!limits', REFUSED)
        mallory.say(f'!auth {SECRET}', to='#work').hears('never say a password in a channel')
        mallory.asks('!limits', REFUSED)
        stranger = self.crowd.client('stranger')
        stranger.asks(f'!auth {SECRET}', '^join one of my channels first')
        everything = str(self.bot.events) + str(mallory.heard) + str(stranger.heard)
        self.assertNotIn(SECRET, everything)

    def test_guesses_are_few(self):
        self.begin_with_tls()
        mallory = self.crowd.client('mallory', '#work')
        for _ in range(5):
            mallory.asks('!auth wrong', '^no$')
        mallory.asks(f'!auth {SECRET}', '^too many tries')
        mallory.asks('!limits', REFUSED)

    def test_no_password_without_tls(self):
        self.begin(operators={'password_file': self.secret})
        boss = self.crowd.client('boss', '#work')
        boss.asks(f'!auth {SECRET}', '^not without TLS')
        boss.asks('!limits', REFUSED)

    def test_a_server_that_cannot_prove_its_name_is_not_used(self):
        self.begin_server(tls=True)
        self.start_bot(joins=False, server={'host': '127.0.0.1', 'port': self.server.tls_port,
                                            'tls': True, 'ca_file': self.server.path('cert.pem')})
        self.wait_for('disconnected')
        self.assertIn('verify', self.bot.all('disconnected')[0]['reason'])
        self.assertEqual(self.bot.count('connected'), 0)


if __name__ == '__main__':
    main()
