#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Conversations that end by themselves, and a bot that ends: goodbyes, and nothing left over."""

import signal

from scene import Scene, main


class Ending(Scene):
    def test_an_idle_user_is_warned_and_then_expired(self):
        self.begin(limits={'idle_timeout': '3s'}, talk={'warn_before': '2s'})
        alice, bob = self.crowd.client('alice', '#work'), self.crowd.client('bob', '#work')
        bob.asks('!ask me', 'you said "me"')
        alice.asks('!ask me', 'you said "me"')
        alice.hears('are you still there')
        bob.hears('are you still there')
        bob.asks('yes', 'you said "yes"')  # a touch: the timeout begins anew
        alice.hears('^goodbye: not a word from you for 3s')
        alice.asks('!stats', '^1 of 20 active, .* 1 idle')  # though bob began before alice
        bob.hears('are you still there')
        bob.hears('^goodbye: not a word from you for 3s')
        self.nothing_is_left()
        self.assertEqual(self.bot.metric('admit_ended_total', status='idle'), 2)

    def test_a_conversation_may_not_last_for_ever(self):
        self.begin(limits={'max_duration': '1s'})
        alice = self.crowd.client('alice', '#work')
        alice.asks('!work 2s', '!work and a time such as 3s, from 1ms to 1s')
        alice.asks('!ask me', 'you said "me"')
        alice.hears('our time is up in')
        alice.hears('^goodbye: our 1s are over')
        self.assertEqual(self.bot.metric('admit_ended_total', status='timed_out'), 1)

    def test_sigterm_drains_with_goodbyes(self):
        self.begin(limits={'max_concurrent': 3}, talk={'drain_deadline': '2s'})
        alice, bob, carol, dave = (self.crowd.client(nick, '#work')
                                   for nick in ('alice', 'bob', 'carol', 'dave'))
        alice.asks('!ask me', 'you said')
        bob.asks('!work 60s', '^started')
        carol.asks('!work 500ms', '^started')
        dave.asks('!work 10ms', 'you are number 1 in line')
        self.bot.signal(signal.SIGTERM)
        for one in (alice, bob, carol):
            one.hears('I am shutting down: you have 2s to finish')
        dave.hears('^I am shutting down$')
        dave.asks('!work 10ms', '^I am shutting down$')
        carol.hears('^done: work 500ms')  # it ends within the deadline
        for one in (alice, bob):
            one.hears('^goodbye: I am shutting down')
        alice.sees('quit', 'admit')
        self.assertEqual(self.wait_for_exit(), 0)
        self.wait_for('drained', completed=1, cut=2, overstayed=0)

    def test_a_drain_waits_until_each_goodbye_is_said(self):
        # Sixteen goodbyes take longer than the ten seconds that the bot has for its last words.
        self.begin(talk={'drain_deadline': '100ms'}, server={'ping_every': '60s'},
                   sending={'burst': 40, 'lines_per_second': 1})
        users = [self.crowd.client(f'user{n}', '#work') for n in range(16)]
        for one in users:
            one.asks('!work 60s', '^started')
        self.bot.signal(signal.SIGTERM)
        for one in users:
            one.hears('^goodbye: I am shutting down', patience=60)
        self.assertEqual(self.wait_for_exit(), 0)

    def test_an_operator_drains_the_bot(self):
        self.begin()
        self.founder.asks('!drain', '^draining')
        self.founder.sees('quit', 'admit')
        self.assertEqual(self.wait_for_exit(), 0)

    def test_a_second_interrupt_ends_at_once(self):
        self.begin(talk={'drain_deadline': '1h'})
        alice = self.crowd.client('alice', '#work')
        alice.asks('!ask me', 'you said')
        self.bot.signal(signal.SIGINT)
        alice.hears('I am shutting down: you have 1h to finish')
        self.bot.signal(signal.SIGINT)
        self.assertEqual(self.wait_for_exit(), 130)


if __name__ == '__main__':
    main()
