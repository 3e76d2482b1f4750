# SPDX-License-Identifier: BSL-1.0
"""An ngircd of the test's own: a free port of loopback, a temporary folder, nothing of the system's."""

import os
import pwd
import queue
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

PATIENCE = 30  # seconds for what takes a moment, on a machine that is busy

# Limits as a test wants them, and those that ngircd has without configuration.
OPEN = {'MaxConnectionsIP': 0, 'MaxPenaltyTime': 0, 'MaxNickLength': 20}
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
    def __init__(self, limits=None, tls=False):
        self.folder = tempfile.mkdtemp(prefix='admit-ngircd-')
        os.chmod(self.folder, 0o755)  # started by root, ngircd runs as `nobody`
        self.port = free_port()
        self.tls_port = None
        self.process = None
        self._write('motd', 'welcome\n')
        os.mkdir(self.path('conf.d'))
        sections = {'Global': self._global(), 'Limits': limits or OPEN,
                    'Options': {'PAM': 'no', 'Ident': 'no', 'DNS': 'no',
                                'IncludeDir': self.path('conf.d')}}
        if tls:
            self.tls_port = free_port()
            self._make_certificate()
            sections['SSL'] = {'CertFile': self.path('cert.pem'), 'KeyFile': self.path('key.pem'),
                               'Ports': self.tls_port}
        self._write('ngircd.conf', ''.join(
            f'[{name}]\n' + ''.join(f'{key} = {value}\n' for key, value in values.items())
            for name, values in sections.items()))
        self.start()

    def _global(self):
        values = {'Name': 'irc.test.invalid', 'Info': 'a test', 'Listen': '127.0.0.1',
                  'Ports': self.port, 'MotdFile': self.path('motd'), 'HelpFile': self.path('motd'),
                  'AdminInfo1': 'a test'}
        if os.geteuid() == 0:
            values.update(ServerUID='nobody', ServerGID=pwd.getpwnam('nobody').pw_gid)
        return values

    def _make_certificate(self):
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                        '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
                        '-keyout', self.path('key.pem'), '-out', self.path('cert.pem')],
                       check=True, capture_output=True)
        os.chmod(self.path('key.pem'), 0o644)

    def path(self, name):
        return os.path.join(self.folder, name)

    def _write(self, name, text):
        with open(self.path(name), 'w', encoding='utf-8') as file:
            file.write(text)

    def start(self):
        self.process = subprocess.Popen(['ngircd', '-n', '-f', self.path('ngircd.conf')], text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, errors='replace')
        LineReader(self.process.stdout).until(r'Server ".*" .*ready')

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
