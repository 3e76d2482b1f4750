#!/usr/bin/env python3
"""Runs a program of the documentation, which has to say by its exit code that it went well.

    run_example.py PROGRAM [--terminate]

--terminate: it goes on until it is asked to end; it is sent SIGTERM as soon as it prints "ready".
"""

import signal
import subprocess
import sys


def main(program, terminate):
    with subprocess.Popen([program], stdout=subprocess.PIPE, text=True) as running:
        for line in running.stdout:
            print(line, end='')
            if terminate and line == 'ready\n':
                running.send_signal(signal.SIGTERM)
        return running.wait(timeout=30)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], '--terminate' in sys.argv[2:]))
