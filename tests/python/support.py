# SPDX-License-Identifier: BSL-1.0
"""What several tests of event loops use."""

import os


def descriptors():
    return len(os.listdir('/proc/self/fd'))


async def hold(engine, user, until, **options):
    async with engine.conversation(user, **options):
        await until.wait()
