# SPDX-License-Identifier: BSL-1.0
"""Two admissions that are written in a bot without a library: both limits, each as well as it can be."""

import asyncio


class LockAndDict:
    """Counts in a dict, behind a lock: what most bots have. A user without conversations is forgotten."""

    def __init__(self, max_concurrent, max_per_user):
        self.max_concurrent = max_concurrent
        self.max_per_user = max_per_user
        self.active = 0
        self.users = {}
        self.lock = asyncio.Lock()

    async def start(self, user):
        async with self.lock:
            of_user = self.users.get(user, 0)
            if self.active >= self.max_concurrent or of_user >= self.max_per_user:
                return False
            self.active += 1
            self.users[user] = of_user + 1
            return True

    async def end(self, user):
        async with self.lock:
            self.active -= 1
            if self.users[user] == 1:
                del self.users[user]
            else:
                self.users[user] -= 1


class Semaphores:
    """A semaphore for all, and one for each user while the user has conversations. It can wait."""

    def __init__(self, max_concurrent, max_per_user):
        self.max_per_user = max_per_user
        self.of_all = asyncio.Semaphore(max_concurrent)
        self.of_users = {}

    async def start(self, user):
        of_user, using = self.of_users.get(user) or (asyncio.Semaphore(self.max_per_user), 0)
        if self.of_all.locked() or of_user.locked():
            return False
        self.of_users[user] = (of_user, using + 1)
        await of_user.acquire()
        await self.of_all.acquire()
        return True

    async def end(self, user):
        of_user, using = self.of_users[user]
        self.of_all.release()
        of_user.release()
        if using == 1:
            del self.of_users[user]
        else:
            self.of_users[user] = (of_user, using - 1)
