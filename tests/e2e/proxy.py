# SPDX-License-Identifier: BSL-1.0
"""A proxy between the bot and the server, in a thread, that cuts the link, stalls it or delays it."""

import asyncio
import threading


class Proxy:
    def __init__(self, port):
        self.target, self.delay = port, 0
        self.writers = set()
        self.loop = asyncio.new_event_loop()
        self.flowing = None
        started = threading.Event()
        self.thread = threading.Thread(target=self._run, args=[started], daemon=True)
        self.thread.start()
        started.wait()

    def _run(self, started):
        asyncio.set_event_loop(self.loop)
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.server = self.loop.run_until_complete(
            asyncio.start_server(self._serve, '127.0.0.1', 0))
        self.port = self.server.sockets[0].getsockname()[1]
        started.set()
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    async def _serve(self, reader, writer):
        try:
            there, back = await asyncio.open_connection('127.0.0.1', self.target)
        except OSError:
            writer.close()
            return
        self.writers |= {writer, back}
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer),
                             return_exceptions=True)
        self.writers -= {writer, back}

    async def _pump(self, reader, writer):
        try:
            while data := await reader.read(65536):
                await self.flowing.wait()
                await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()

    def _do(self, action):
        done = threading.Event()
        self.loop.call_soon_threadsafe(lambda: (action(), done.set()))
        done.wait()

    def cut(self):
        self._do(lambda: [writer.transport.abort() for writer in self.writers])

    def stall(self):
        self._do(self.flowing.clear)

    def flow(self):
        self._do(self.flowing.set)

    def close(self):
        self.cut()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
