# SPDX-License-Identifier: BSL-1.0
"""What the tests of monitoring share: a program that serves metrics, scrapes of it, promtool."""

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request

PATIENCE = 60  # seconds for an answer, on a machine that is busy
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MONITORING = os.path.join(ROOT, 'docs/monitoring')
ALERTS = os.path.join(MONITORING, 'alerts.yml')
DASHBOARD = os.path.join(MONITORING, 'dashboard.json')
PAGE = os.path.join(ROOT, 'docs/guide/monitoring.md')
LISTENS = '0A'  # a state in /proc/net/tcp
SKIPPED = 77  # without Debian's prometheus


def skip_without(*commands):
    for command in commands:
        if shutil.which(command) is None:
            print(f'skipped: no {command} (Debian, Ubuntu: prometheus)')
            sys.exit(SKIPPED)


def text_of(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def alerts():
    """The names of the alerts in the file."""
    return re.findall(r'^ *- alert: (\w+)$', text_of(ALERTS), re.M)


class Serving:
    """The example of docs/examples on a free port. Leaving stops it by SIGTERM."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, '127.0.0.1:0'], stdout=subprocess.PIPE, text=True)
        self.url = re.fullmatch(r'(http://127\.0\.0\.1:\d+)/metrics\n',
                                self.process.stdout.readline()).group(1)
        if self.process.stdout.readline() != 'ready\n':
            raise AssertionError('the example does not say that it is ready')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.stdout.close()
        if self.process.wait(PATIENCE):
            raise AssertionError(f'the example ended with exit code {self.process.returncode}')

    @property
    def address(self):
        return self.url.removeprefix('http://')

    def ask(self, path, method='GET'):
        return ask(self.url + path, method)


def ask(url, method='GET'):
    """(status, content type, body) of an answer."""
    # No proxy of the environment: the servers are on loopback.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, method=method)
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read().decode()
    except urllib.error.HTTPError as wrong:
        with wrong:
            return wrong.code, '', wrong.read().decode()


def families(scrape):
    """The type of each metric in a scrape."""
    return dict(re.findall(r'^# TYPE (\w+) (\w+)$', scrape, re.M))


def promtool(*arguments, given=None, folder=None):
    """(exit code, what it said)."""
    done = subprocess.run(['promtool', *arguments], input=given, cwd=folder, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def port_of(pid):
    """The port of loopback on which a process listens, or None."""
    sockets = set()
    for name in os.listdir(f'/proc/{pid}/fd'):
        try:
            sockets.update(re.findall(r'^socket:\[(\d+)\]$', os.readlink(f'/proc/{pid}/fd/{name}')))
        except FileNotFoundError:
            pass  # closed meanwhile
    for line in text_of(f'/proc/{pid}/net/tcp').splitlines()[1:]:
        _, local, _, state, *rest = line.split()
        if state == LISTENS and rest[5] in sockets:
            return int(local.partition(':')[2], 16)
    return None
