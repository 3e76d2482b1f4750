# SPDX-License-Identifier: BSL-1.0
"""Measures admissions of Python, in rounds of changing order. Run by bench.py in an environment of its own.

measure.py CALLS ROUNDS [FILE]: the results as JSON. FILE is a module with an older ConversationManager.
"""

import asyncio
import importlib.util
import json
import logging
import statistics
import sys
import time

import admit
import peers
from admit.conversation_manager import ConversationManager

USER = '@user:example.org'
LIMITS = {'max_concurrent': 20, 'max_per_user': 20}
HOLDERS, WAITERS = 2, 100


class Native:
    """Without a loop: a permit that is ended."""

    def __init__(self):
        self.engine = admit.Engine(**LIMITS)

    def fill(self):
        self.held = [self.engine.admit(USER) for _ in range(20)]

    async def pairs(self, calls):
        try_admit = self.engine.try_admit
        for _ in range(calls):
            try_admit(USER).end()

    async def refusals(self, calls):
        try_admit = self.engine.try_admit
        for _ in range(calls):
            try_admit(USER)


class Raising(Native):
    """`admit`, which raises."""

    async def pairs(self, calls):
        for _ in range(calls):
            self.engine.admit(USER).end()

    async def refusals(self, calls):
        for _ in range(calls):
            try:
                self.engine.admit(USER)
            except admit.Rejected:
                pass


class Block(Native):
    """`async with engine.conversation(...)`."""

    async def pairs(self, calls):
        for _ in range(calls):
            async with self.engine.conversation(USER):
                pass

    async def refusals(self, calls):
        for _ in range(calls):
            try:
                async with self.engine.conversation(USER):
                    pass
            except admit.Rejected:
                pass


class Manager:
    """A ConversationManager: the drop-in, or the older one."""

    def __init__(self, kind):
        self.manager = kind(**LIMITS)

    def fill(self):
        for _ in range(20):
            _run_at_once(self.manager.start_conversation('$thread', USER, '!room'))

    async def pairs(self, calls):
        for _ in range(calls):
            context = await self.manager.start_conversation('$thread', USER, '!room')
            await self.manager.end_conversation(context.id)

    async def refusals(self, calls):
        for _ in range(calls):
            await self.manager.start_conversation('$thread', USER, '!room')


class Peer:
    """One of `peers`."""

    def __init__(self, kind):
        self.kind = kind(**LIMITS)

    def fill(self):
        for _ in range(20):
            _run_at_once(self.kind.start(USER))

    async def pairs(self, calls):
        for _ in range(calls):
            await self.kind.start(USER)
            await self.kind.end(USER)

    async def refusals(self, calls):
        for _ in range(calls):
            await self.kind.start(USER)


def _run_at_once(coroutine):
    """Of a coroutine that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError('it waits')


def waiting_blocks():
    """Hand-overs of slots to tasks that wait, by blocks of the engine."""
    engine = admit.Engine(max_concurrent=HOLDERS, max_per_user=HOLDERS, max_waiting=1000)

    async def user(number, turns):
        for _ in range(turns):
            async with engine.conversation(str(number), wait=None):
                await asyncio.sleep(0)
    return user


def waiting_semaphore():
    """The same by an asyncio.Semaphore, which has one limit and no user."""
    semaphore = asyncio.Semaphore(HOLDERS)

    async def user(number, turns):
        for _ in range(turns):
            async with semaphore:
                await asyncio.sleep(0)
    return user


async def hand_overs(made, calls):
    user = made()
    turns = max(1, calls // WAITERS // 4)
    began = time.perf_counter()
    await asyncio.gather(*(user(number, turns) for number in range(WAITERS)))
    return (time.perf_counter() - began) / (turns * WAITERS)


async def timed(work, calls):
    began = time.perf_counter()
    await work(calls)
    return (time.perf_counter() - began) / calls


def older_manager(path):
    spec = importlib.util.spec_from_file_location('older', path)
    module = sys.modules['older'] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ConversationManager


async def measure(calls, rounds, older):
    subjects = {'native': Native, 'raising': Raising, 'block': Block,
                'drop_in': lambda: Manager(ConversationManager),
                'lock_and_dict': lambda: Peer(peers.LockAndDict),
                'semaphores': lambda: Peer(peers.Semaphores)}
    if older:
        subjects['older'] = lambda: Manager(older_manager(older))
    free = {name: make() for name, make in subjects.items()}
    full = {name: make() for name, make in subjects.items()}
    for each in full.values():
        each.fill()
    queues = {'block': waiting_blocks, 'semaphore': waiting_semaphore}
    times = {'pair': {name: [] for name in subjects}, 'refusal': {name: [] for name in subjects},
             'hand_over': {name: [] for name in queues}}
    for number in range(rounds):
        names = list(subjects)[number % len(subjects):] + list(subjects)[:number % len(subjects)]
        for name in names:
            times['pair'][name].append(await timed(free[name].pairs, calls))
            times['refusal'][name].append(await timed(full[name].refusals, calls))
        for name, made in queues.items():
            times['hand_over'][name].append(await hand_overs(made, calls))
    return {row: {name: statistics.median(seconds) * 1e6 for name, seconds in columns.items()}
            for row, columns in times.items()}


if __name__ == '__main__':
    logging.disable()
    print(json.dumps(asyncio.run(measure(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:] or [None]))))
