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

    def test_sigterm_says_goodbye_and_ends(self):
        self.begin()
        alice = self.crowd.client('alice', '#work')
        alice.asks('!ask the time', 'you said "the time"')
        self.bot.signal(signal.SIGTERM)
        alice.hears('I am shutting down: you have 5s to finish')
        alice.asks('bye', '^goodbye$')
        alice.sees('quit', 'admit')
        self.assertEqual(self.wait_for_exit(), 0)


if __name__ == '__main__':
    main()
