# SPDX-License-Identifier: BSL-1.0
"""Keeps the servers of packages from being started while apt installs them, and from being enabled.

Debian asks /usr/sbin/policy-rc.d before it starts a service. While packages with servers are
installed it is a file of ours that says no; a policy of the machine's own is never touched. Debian
enables each service none the less, so ours are disabled afterwards. installing.py uses it.
"""

import contextlib
import os
import signal
import subprocess
import tempfile

from console import LACKING, Stop

POLICY = '/usr/sbin/policy-rc.d'
MADE_BY = 'made by tools/common/held_back.py'
DENIED = 101  # what a policy says to "may this be started?"
TEXT = f'''\
#!/bin/sh
# {MADE_BY}, which removes it: while it is here, no package may start a service.
exit {DENIED}
'''


def is_ours():
    try:
        with open(POLICY, encoding='utf-8', errors='replace') as file:
            return MADE_BY in file.read()
    except OSError:
        return False


def check_policy_of_the_machine(services):
    """A policy that is there already has to keep the services back itself."""
    for service in services:
        said = subprocess.run([POLICY, service, 'start'], check=False, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode
        if said != DENIED:
            raise Stop(LACKING, f'{POLICY} of this machine lets {service} start when its package is '
                       'installed. Please install the package by hand, and stop its service')


def put_policy(as_root):
    with tempfile.NamedTemporaryFile('w', encoding='utf-8') as file:
        file.write(TEXT)
        file.flush()
        subprocess.run([*as_root, 'install', '-m', '755', file.name, POLICY], check=True)


@contextlib.contextmanager
def nothing_starts(as_root, services):
    """Within it no service of a package is started. An interrupted run leaves no policy behind."""
    if os.path.lexists(POLICY) and not is_ours():
        check_policy_of_the_machine(services)
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C, so that this is left
    try:
        put_policy(as_root)
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        if is_ours():
            subprocess.run([*as_root, 'rm', '-f', POLICY], check=False)


def disable(as_root, services):
    """The services do not start with the machine either."""
    for service in services:
        subprocess.run([*as_root, 'update-rc.d', service, 'disable'], check=False, stdout=2)
