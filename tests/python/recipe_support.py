# SPDX-License-Identifier: BSL-1.0
"""What the tests of the recipes in docs/examples/python share."""

import asyncio
import contextlib
import os
import sys
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
DOCS = os.path.join(HERE, '../../docs')
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(DOCS, 'examples/python'), os.path.join(HERE, '../examples')]


class Recipe(unittest.IsolatedAsyncioTestCase):
    """`hold` is answered when `release` is set, anything else at once."""

    async def asyncSetUp(self):
        self.release = asyncio.Event()
        self.stack = contextlib.AsyncExitStack()
        self.addAsyncCleanup(self.stack.aclose)
        self.addCleanup(self.release.set)  # before the stack is closed: bots wait for their answers

    async def answer(self, text, touch):
        if text == 'hold':
            await self.release.wait()
        elif text == 'touch':
            for _ in range(16):  # longer than the idle timeout and a sweep together
                await asyncio.sleep(0.1)
                touch()
        return f'to {text}'

    async def until(self, condition):
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.005)

    def set(self, module, **values):
        for name, value in values.items():
            self.stack.enter_context(mock.patch.object(module, name, value))
