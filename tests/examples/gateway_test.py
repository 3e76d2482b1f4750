#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Starts the gateway of docs/examples on loopback and talks to it over sockets.

    gateway_test.py PROGRAM

Each check is one conversation with the gateway: admitted, rejected, waiting, cancelled, expired,
counted, limited anew, drained on SIGTERM.
"""

import re
import signal
import socket
import subprocess
import sys

PATIENCE = 20  # seconds for an answer, on a machine that is busy


class Peer:
    """A connection that speaks in lines."""

    def __init__(self, port):
        self.socket = socket.create_connection(('127.0.0.1', port), timeout=PATIENCE)
        self.lines = self.socket.makefile('r', encoding='utf-8', newline='\n')

    def say(self, line):
        self.socket.sendall(line.encode() + b'\n')

    def hears(self, pattern):
        line = self.lines.readline()
        if not line.endswith('\n') or not re.fullmatch(pattern, line[:-1]):
            raise AssertionError(f'expected {pattern!r}, heard {line!r}')
        print(f'  {line}', end='')
        return line[:-1]

    def asks(self, line, pattern):
        self.say(line)
        return self.hears(pattern)

    def is_hung_up_on(self):
        rest = self.lines.readline()
        if rest:
            raise AssertionError(f'expected the end of the connection, heard {rest!r}')

    def close(self):
        self.lines.close()
        self.socket.close()


class Gateway:
    """The running program."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, '0', '0', '3'], stdout=subprocess.PIPE, text=True)
        ports = re.fullmatch(r'clients (\d+), operators (\d+)\n', self.process.stdout.readline())
        self.clients, self.operators = map(int, ports.groups())
        self.operator = Peer(self.operators)

    def client(self):
        return Peer(self.clients)

    def counts(self):
        line = self.operator.asks('stats', r'active=\d+ .*')
        return {name: int(value) for name, value in re.findall(r'(\w+)=(\d+)', line)}

    def until(self, name, value):
        """Asks again until the count is reached: the answer says when to go on."""
        counts = self.counts()
        while counts[name] != value:
            counts = self.counts()
        return counts

    def set(self, limit, value):
        self.operator.asks(f'set {limit} {value}', f'set {limit} {value}')


def a_conversation(gateway):
    alice = gateway.client()
    alice.asks('talk alice', r'admitted \d+-\d+-\d+')
    alice.asks('how are you?', r'you said: how are you\?')
    alice.asks('bye', 'goodbye completed')
    alice.asks('talk alice', r'admitted .*')  # a second conversation over the same connection
    alice.asks('bye', 'goodbye completed')
    alice.close()


def nonsense_is_explained(gateway):
    fool = gateway.client()
    for line in ('', 'hello', 'talk', 'talk a -1', 'talk a 61', 'talk a 1 2', 'talk a 1x'):
        fool.asks(line, 'usage: talk USER .*')
    fool.say('x' * 5000)
    fool.is_hung_up_on()
    for line in ('', 'set', 'set max_concurrent', 'set max_concurrent -1', 'end 7', 'stop'):
        gateway.operator.asks(line, 'usage: stats .*')
    gateway.operator.asks('set patience 3', 'no limit is called patience')
    gateway.operator.asks('end 1-2-3', 'no such conversation: 1-2-3')


def rejections_have_a_reason_and_a_time(gateway):
    gateway.set('max_concurrent', 1)
    gateway.set('idle_timeout_ms', 90000)
    alice, again, bob = gateway.client(), gateway.client(), gateway.client()
    alice.asks('talk alice', 'admitted .*')
    line = again.asks('talk alice', r'rejected \d+ \(.+\), retry after \d+ s')
    if not 0 < int(line.split()[-2]) <= 91:
        raise AssertionError(f'alice is told to come back too late: {line}')
    user_id = 'x' * 256
    bob.asks(f'talk {user_id}', r'rejected \d+ \(.+\), retry later')
    line = bob.asks('talk bob', r'rejected \d+ \(.+\), retry after \d+ s')
    if not 0 < int(line.split()[-2]) <= 91:
        raise AssertionError(f'bob is told to come back too late: {line}')
    alice.asks('bye', 'goodbye completed')
    for peer in (alice, again, bob):
        peer.close()


def a_waiter_is_admitted_or_cancelled(gateway):
    gateway.set('max_concurrent', 1)
    alice, bob, carol, dave = (gateway.client() for _ in range(4))
    alice.asks('talk alice', 'admitted .*')
    bob.say('talk bob 60')
    gateway.until('waiting', 1)
    bob.asks('are you there?', 'please wait, or cancel')
    carol.say('talk carol 60')
    gateway.until('waiting', 2)
    dave.asks('talk dave 1', r'rejected \d+ \(.+\), retry .*')  # after a second of waiting
    carol.asks('cancel', 'cancelled')
    gateway.until('waiting', 1)
    alice.asks('bye', 'goodbye completed')
    bob.hears('admitted .*')
    bob.say('cancel')  # a conversation can be cancelled, too
    bob.hears('as you like')
    bob.hears('goodbye .*')
    for peer in (alice, bob, carol, dave):
        peer.close()


def a_client_that_hangs_up_leaves_nothing(gateway):
    gateway.set('max_concurrent', 1)
    alice, bob = gateway.client(), gateway.client()
    alice.asks('talk alice', 'admitted .*')
    bob.say('talk bob 60')
    gateway.until('waiting', 1)
    bob.close()
    gateway.until('waiting', 0)
    alice.close()
    gateway.until('active', 0)


def a_quiet_conversation_expires(gateway):
    gateway.set('idle_timeout_ms', 200)
    before = gateway.counts()['idle']
    alice = gateway.client()
    alice.asks('talk alice', 'admitted .*')
    alice.hears('I have to stop')
    alice.hears('goodbye idle')
    gateway.until('idle', before + 1)
    gateway.set('idle_timeout_ms', 90000)
    alice.close()


def an_operator_sees_ends_and_limits(gateway):
    gateway.set('max_concurrent', 5)
    gateway.operator.asks('set max_concurrent 3000000', '.*max_concurrent.*3000000.*')
    alice, bob = gateway.client(), gateway.client()
    name = alice.asks('talk alice', 'admitted .*').split()[1]
    other = bob.asks('talk bob', 'admitted .*').split()[1]
    gateway.operator.say('list')
    seen = {gateway.operator.hears('.*'), gateway.operator.hears('.*')}
    gateway.operator.hears('end of list')
    if seen != {f'{name} alice', f'{other} bob'}:
        raise AssertionError(f'the listing shows {seen}')
    gateway.operator.asks(f'end {name}', f'ended {name}')
    alice.hears('I have to stop')
    alice.hears('goodbye completed')
    gateway.set('max_concurrent', 1)  # bob goes on, and no other client is admitted
    alice.asks('talk alice', r'rejected .*')
    bob.asks('still there?', r'you said: still there\?')
    bob.asks('bye', 'goodbye completed')
    alice.asks('talk alice', r'admitted .*')
    alice.asks('bye', 'goodbye completed')
    for peer in (alice, bob):
        peer.close()


def sigterm_drains(gateway):
    gateway.set('max_concurrent', 2)
    alice, bob, carol = gateway.client(), gateway.client(), gateway.client()
    alice.asks('talk alice', 'admitted .*')
    bob.asks('talk bob', 'admitted .*')
    carol.say('talk carol 60')
    gateway.until('waiting', 1)
    gateway.process.send_signal(signal.SIGTERM)
    if gateway.process.stdout.readline() != 'draining\n':
        raise AssertionError('the gateway does not say that it drains')
    carol.hears(r'rejected \d+ \(.+\), retry later')
    late = gateway.client()
    late.asks('talk late', r'rejected \d+ \(.+\), retry later')
    alice.asks('bye', 'goodbye completed')
    bob.hears('I have to stop')  # at the deadline
    bob.hears('goodbye drained')
    for peer in (alice, bob, carol, late, gateway.operator):
        peer.is_hung_up_on()
        peer.close()
    report = gateway.process.stdout.readline()
    if report != '1 ended in time, 1 cut off\n':
        raise AssertionError(f'the report of the drain is {report!r}')
    code = gateway.process.wait(timeout=PATIENCE)
    if code != 0:
        raise AssertionError(f'the gateway ends with exit code {code}')


CHECKS = (a_conversation, nonsense_is_explained, rejections_have_a_reason_and_a_time,
          a_waiter_is_admitted_or_cancelled, a_client_that_hangs_up_leaves_nothing,
          a_quiet_conversation_expires, an_operator_sees_ends_and_limits, sigterm_drains)


def main(program):
    gateway = Gateway(program)
    try:
        for check in CHECKS:
            print(check.__name__.replace('_', ' '))
            check(gateway)
    finally:
        gateway.process.kill()
        gateway.process.wait()


if __name__ == '__main__':
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(2)
    main(sys.argv[1])
