# SPDX-License-Identifier: BSL-1.0
"""What several tests of event loops use."""

import os

import admit


def descriptors():
    return len(os.listdir('/proc/self/fd'))


def descriptors_of_a_channel():
    """One with eventfd, two without."""
    before = descriptors()
    channel = admit._engine.Channel()
    count = descriptors() - before
    channel.close()
    return count


async def hold(engine, user, until, **options):
    async with engine.conversation(user, **options):
        await until.wait()


def resident_mib():
    with open('/proc/self/statm', encoding='ascii') as statm:
        return int(statm.read().split()[1]) * os.sysconf('SC_PAGESIZE') / 2**20
