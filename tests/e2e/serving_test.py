#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Fifty users ask at once; one floods; one is killed; limits change while the bot runs."""

import signal

from scene import Scene, main


class Serving(Scene):
    def test_fifty_users_are_served_by_waiting(self):
        self.begin()
        users = self.crowd.clients(50, '#work')
        for one in users:
            one.say('!work 300ms')
        for one in users:
            one.hears(r'^started \(')
            one.hears(r'^done: work 300ms')
        self.nothing_is_left()
        self.assertEqual(self.bot.metric('admit_admitted_total'), 50)
        self.assertEqual(self.bot.metric('admit_rejected_total'), 0)
        active = [int(text.split('(')[1].split()[0]) for one in users for _, _, text in one.heard
                  if text.startswith('started')]
        self.assertEqual(max(active), 20)
        waited = sum(one.count('all 20 are busy: you are number') for one in users)
        self.assertEqual(waited, 30)
        users[0].asks('!stats', '50 admitted, 0 rejected; ended: 50 completed')

    def test_without_waiting_the_rest_is_rejected(self):
        self.begin(talk={'wait_at_most': '0s'})
        users = self.crowd.clients(50, '#work')
        for one in users:
            one.say('!ask something')
        for one in users:
            one.hears('you said "something"|^all 20 are busy, come back within')
        served = [one for one in users if one.count('^started')]
        rejected = [one for one in users if one.count('^all 20 are busy, come back within')]
        self.assertEqual((len(served), len(rejected)), (20, 30))
        self.assertEqual(self.bot.metric('admit_rejected_total', reason='global_limit'), 30)
        self.assertEqual(self.bot.metric('admit_active'), 20)
        served[0].asks('bye', '^goodbye$')
        rejected[0].asks('!ask again', '^started \\(20 of 20, yours 1 of 5\\)')

    def test_a_user_that_floods_does_not_keep_others_from_their_turn(self):
        self.begin(limits={'max_concurrent': 4, 'max_per_user': 2})
        flooder = self.crowd.client('flooder', '#work')
        others = self.crowd.clients(10, '#work')
        for _ in range(40):
            flooder.say('!work 400ms').say('!stats')
        flooder.hears('^started')
        for one in others:
            one.say('!work 100ms')
        for one in others:
            one.hears('^done: work 100ms')
        flooder.hears('^5 of yours wait already')
        self.nothing_is_left()
        rejected = self.bot.metric('admit_rejected_total', reason='user_queue_full')
        self.assertEqual(self.bot.metric('admit_admitted_total'), 10 + 40 - rejected)
        self.assertGreater(rejected, 20)
        # Never more than two of the four slots, and all others were served among the flood.
        turns = [one['user'] for one in self.bot.all('started')]
        self.assertIn('~flooder@127.0.0.1', turns[-4:])
        self.assertEqual(max(one['of_user'] for one in self.bot.all('started')), 2)

    def test_a_user_that_is_killed_gives_its_slot_back(self):
        for where, reply_to in (('#work', '#work'), ('', 'admit')):  # seen to go, and unseen
            with self.subTest(where=where):
                self.begin(limits={'max_concurrent': 1})
                alice, bob = (self.crowd.client(nick, *[where] * bool(where))
                              for nick in ('alice', 'bob'))
                alice.asks('!ask me', 'you said "me"', to=reply_to)
                bob.asks('!work 10ms', 'all 1 are busy: you are number 1 in line')
                alice.die()
                bob.hears(r'^started \(1 of 1, yours 1 of 5\)')
                bob.hears('^done: work 10ms')
                self.assertEqual(self.bot.metric('admit_ended_total', status='cancelled'), 1)
                self.doCleanups()

    def test_places_in_line_are_told_and_told_again(self):
        self.begin(limits={'max_concurrent': 1})
        alice, bob, carol = (self.crowd.client(nick, '#work') for nick in ('alice', 'bob', 'carol'))
        alice.asks('!ask me', 'you said')
        bob.asks('!ask me', 'you are number 1 in line')
        carol.asks('!work 10ms', 'all 1 are busy: you are number 2 in line')
        carol.asks('!where', 'work 10ms: you are number 2 in line')
        bob.asks('!cancel', '^cancelled: ask')
        carol.hears('^you are number 1 in line now')
        alice.asks('!where', 'ask has run for')
        alice.asks('!cancel', '^cancelled: ask')
        carol.hears('^done: work 10ms')
        carol.asks('!cancel', 'nothing of yours runs or waits')

    def test_limits_change_while_conversations_run(self):
        self.begin(limits={'max_concurrent': 1})
        boss = self.crowd.client('boss', '#ops')
        self.make_operator(boss)
        alice, bob = (self.crowd.client(nick, '#work') for nick in ('alice', 'bob'))
        alice.asks('!ask me', 'you said')
        bob.asks('!ask me', 'you are number 1 in line')
        boss.asks('!limits 3 1', 'the limits are 3 for all and 1 for a user')
        bob.hears(r'^started \(2 of 3, yours 1 of 1\)')
        self.assertEqual(self.bot.metric('admit_limit', scope='all'), 3)
        boss.asks('!limit-of alice 2', 'the limit of ~alice@127.0.0.1 is 2')
        alice.asks('!work 60s', r'^started \(3 of 3, yours 2 of 2\)')
        alice.asks('!work 10ms', 'your limit is 2: you are number 1 in line')
        boss.asks('!limits 3000000 1', 'max_concurrent')
        boss.asks('!limits three', 'two whole numbers')
        boss.asks('!kick alice', 'ended 3 of ~alice@127.0.0.1')
        alice.hears('^cancelled: work 10ms')
        alice.hears('^cancelled: (ask|work 1m)')
        alice.hears('^cancelled: (ask|work 1m)')
        self.bot.config['limits'].update(max_concurrent=7)
        self.bot.write_config()
        self.bot.signal(signal.SIGHUP)
        self.wait_for('limits', max_concurrent=7)
        bob.asks('!stats', '^1 of 7 active')
        self.bot.config['limits'].update(max_concurrent=-7)
        self.bot.write_config()
        self.bot.signal(signal.SIGHUP)
        self.wait_for('limits_kept')
        self.assertIn('limits.max_concurrent = -7: not allowed; allowed: a whole number from 0',
                      self.bot.all('limits_kept')[0]['reason'])
        bob.asks('!stats', '^1 of 7 active')


if __name__ == '__main__':
    main()
