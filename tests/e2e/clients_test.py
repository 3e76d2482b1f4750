#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Two clients that people use: ii, and WeeChat without its screen. Each is skipped where it is not."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from scene import PATIENCE, Scene, main


class Clients(Scene):
    def started(self, command, **how):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, **how)
        self.addCleanup(process.wait, PATIENCE)
        self.addCleanup(process.send_signal, signal.SIGTERM)
        return process

    def folder(self):
        folder = tempfile.mkdtemp(prefix='admit-client-')
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def until_written(self, path, pattern):
        def found():
            if not os.path.exists(path):
                return None
            with open(path, encoding='utf-8', errors='replace') as file:
                return re.search(pattern, file.read(), re.M)
        return self.crowd.until(found, f'{path} has {pattern!r}')

    def command(self, path, line):
        """Writes into a pipe that the client reads."""
        self.crowd.until(lambda: os.path.exists(path), f'{path} is there')
        with open(path, 'w', encoding='utf-8') as pipe:
            pipe.write(line + '\n')

    @unittest.skipUnless(shutil.which('ii'), 'ii is not installed')
    def test_ii(self):
        self.begin()
        folder = self.folder()
        self.started(['ii', '-i', folder, '-s', '127.0.0.1', '-p', str(self.server.port), '-n', 'ida'])
        home = os.path.join(folder, '127.0.0.1')
        self.until_written(os.path.join(home, 'out'), 'welcome')
        self.command(os.path.join(home, 'in'), '/j #work')
        channel = os.path.join(home, '#work')
        self.command(os.path.join(channel, 'in'), '!work 300ms')
        self.until_written(os.path.join(channel, 'out'), r'ida: started \(1 of 20, yours 1 of 5\)')
        self.until_written(os.path.join(channel, 'out'), 'ida: done: work 300ms')
        self.nothing_is_left()

    @unittest.skipUnless(shutil.which('weechat-headless'), 'weechat-headless is not installed')
    def test_weechat(self):
        self.begin()
        folder = self.folder()
        commands = ['/set logger.file.flush_delay 0',
                    f'/server add test 127.0.0.1/{self.server.port} -notls -nossl '
                    '-nicks=wanda -autojoin=#work',
                    '/set irc.server.test.command "/msg admit !work 300ms"', '/connect test']
        self.started(['weechat-headless', '--dir', folder,
                      *(word for one in commands for word in ('-r', one))])
        logs = os.path.join(folder, 'logs')
        self.until_written(os.path.join(logs, 'irc.test.#work.weechatlog'), 'wanda')
        log = os.path.join(logs, 'irc.server.test.weechatlog')
        self.until_written(log, r'admit.*: started \(1 of 20, yours 1 of 5\)')
        self.until_written(log, 'admit.*: done: work 300ms')
        self.nothing_is_left()


if __name__ == '__main__':
    main()
