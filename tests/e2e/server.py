# SPDX-License-Identifier: BSL-1.0
"""An ngircd of the test's own: a free port of loopback, a temporary folder, nothing of the system's."""

import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools/bot'))
import ngircd  # noqa: E402

PATIENCE = 30  # seconds for what takes a moment, on a machine that is busy

# The limits that ngircd has without configuration. Its nicks would be of nine characters.
THROTTLED = {'MaxNickLength': 20}


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as probe:
        return probe.getsockname()[1]


class LineReader:
    """The lines of a pipe, read by a thread so that a wait can have a deadline."""

    def __init__(self, pipe):
        self.lines = queue.Queue()
        self.thread = threading.Thread(target=self._read, args=[pipe], daemon=True)
        self.thread.start()

    def _read(self, pipe):
        with pipe:
            for line in pipe:
                self.lines.put(line.rstrip('\n'))
        self.lines.put(None)

    def until(self, pattern):
        seen = []
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f'no line like {pattern!r} in:\n' + '\n'.join(seen))
            seen.append(line)
            found = re.search(pattern, line)
            if found:
                return found


class Server:
    def __init__(self, limits=None, tls=False, **more):
        self.folder = tempfile.mkdtemp(prefix='admit-ngircd-')
        self.port = free_port()
        self.tls_port = None
        self.process = None
        if tls:
            self.tls_port = free_port()
            self._make_certificate()
        ngircd.prepare(self.folder, self.port, limits, tls_port=self.tls_port, **more)
        self.start()

    def _make_certificate(self):
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                        '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
                        '-keyout', self.path('key.pem'), '-out', self.path('cert.pem')],
                       check=True, capture_output=True)
        os.chmod(self.path('key.pem'), 0o644)

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self):
        self.process = ngircd.start(self.folder)
        LineReader(self.process.stdout).until(ngircd.READY)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
