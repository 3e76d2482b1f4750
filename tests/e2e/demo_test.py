#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The demo: what it prints is true, and Ctrl-C ends the bot and the server."""

import os
import signal
import subprocess
import sys
import unittest
import urllib.request

from crowd import Crowd
from scene import main
from server import PATIENCE, LineReader, free_port

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools/bot')
# The program as the script runs it, but with the bot that is built already.
PROGRAM = '''
import os, sys
sys.path.insert(0, sys.argv[1])
import run_demo
run_demo.build = lambda _: os.environ['ADMIT_IRCBOT']
run_demo.program(lambda _: run_demo.main(sys.argv[2:]))
'''


class Demo(unittest.TestCase):
    def setUp(self):
        self.port, self.metrics_port = free_port(), free_port()

    def start(self):
        process = subprocess.Popen([sys.executable, '-B', '-c', PROGRAM, TOOLS, '--port', str(self.port),
                                    '--metrics-port', str(self.metrics_port)], text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.wait, PATIENCE)
        self.addCleanup(process.terminate)
        return process, LineReader(process.stderr)

    def test_a_newcomer_talks_to_the_bot(self):
        demo, said = self.start()
        said.until(f'irssi -c 127.0.0.1 -p {self.port} -n alice')
        said.until(f'metrics +http://127.0.0.1:{self.metrics_port}/metrics')
        said.until('Ctrl-C ends the bot and the server')
        crowd = Crowd(self.port)
        self.addCleanup(crowd.close)
        alice = crowd.client('alice')
        crowd.until(lambda: alice.say('!stats').heard, 'the bot is there')
        alice.join('#work')
        alice.asks('!work 60s', r'started \(1 of 2, yours 1 of 1\)')
        alice.asks('!work 10s', 'your limit is 1: you are number 1 in line')
        alice.join('#ops').asks('!limits 5 2', 'that is for operators')
        alice.connection.oper('demo', 'demo')
        alice.connection.mode('#ops', '+o alice')
        alice.sees('mode', 'alice', '+o')
        alice.asks('!limits 5 2', 'the limits are 5 for all and 2 for a user')
        with urllib.request.urlopen(f'http://127.0.0.1:{self.metrics_port}/metrics') as answer:
            self.assertIn('admit_active{', answer.read().decode())
        alice.asks('!cancel', 'cancelled: work')
        demo.send_signal(signal.SIGINT)
        said.until('ending: the bot says goodbye first')
        alice.sees('quit', 'admit')
        self.assertEqual(demo.wait(PATIENCE), 0)
        crowd.until(lambda: alice.closed, 'the server ends')

    def test_a_port_in_use_is_named(self):
        _, said = self.start()
        said.until('Ctrl-C ends the bot')
        second, complaint = self.start()
        complaint.until(f'error: ngircd did not start; is port {self.port} in use')
        self.assertEqual(second.wait(PATIENCE), 3)


if __name__ == '__main__':
    main()
