# SPDX-License-Identifier: BSL-1.0
"""What the scripts of tools/ print and how they stop; used by every program of tools/common.

Results go to stdout, all else to stderr. Exit codes of every script: 0 fine, 1 something failed,
2 bad usage, 3 the machine lacks something that cannot be installed from here.
"""

import contextlib
import os
import shlex
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FAILED, BAD_USAGE, LACKING = 1, 2, 3
COPY_THE_SOURCES = 'work in a copy of the sources'  # where there is no option for another folder


class Stop(Exception):
    """Ends the script with an exit code and a message."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def on_terminal():
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def announce(command, assume_yes):
    """Shows a command that changes the machine; on a terminal there is time to stop it."""
    say('+', shlex.join(command))
    if on_terminal() and not assume_yes:
        say('  (starts in 3 seconds; Ctrl-C stops it)')
        time.sleep(3)


def logged(what, command, **environment):
    """Runs a command. Its output is live on a terminal, and otherwise shown only if it fails."""
    with tempfile.TemporaryFile() as log:
        live = sys.stderr.isatty()
        done = subprocess.run(command, env={**os.environ, **environment},
                              stdout=sys.stderr if live else log, stderr=subprocess.STDOUT)
        if done.returncode and not live:
            log.seek(0)
            say(log.read().decode(errors='replace'))
    if done.returncode:
        raise Stop(FAILED, f'{what} failed')


@contextlib.contextmanager
def writing_to(path, advice):
    """Ends the script where nothing can be written to `path`: in a read-only tree, for example."""
    try:
        yield
    except OSError as wrong:
        raise Stop(BAD_USAGE, f'nothing can be written to {path} ({wrong.strerror}): {advice}') from wrong


def become(command):
    """Replaces this process by the command."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execvp(command[0], command)


def program(main):
    """Runs main(arguments) as the script, and exits with what it returns."""
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as stop:
        say(f'error: {stop}')
        sys.exit(stop.code)
    except KeyboardInterrupt:
        sys.exit(130)
