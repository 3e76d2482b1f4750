# SPDX-License-Identifier: BSL-1.0
"""Options of the scripts in tools/: one parser, and the kinds of values that they share.

A refusal names the option, the value and what is allowed, and ends the script with 2.
"""

import argparse
import os
import re

from console import BAD_USAGE, say

SANITIZERS = ('none', 'address', 'thread', 'undefined', 'address,undefined')


class Parser(argparse.ArgumentParser):
    """One script of tools/: its options and the text of its --help."""

    def __init__(self, script, description, exit_codes):
        super().__init__(prog=f'tools/{script}', description=description, epilog=exit_codes,
                         add_help=False, allow_abbrev=False,
                         formatter_class=argparse.RawDescriptionHelpFormatter)
        self.script = script

    def error(self, message):
        message = re.sub(r'^argument (\S+): expected .*', r'\1 needs a value', message)
        message = re.sub(r'^argument (\S+): ', r'\1 ', message)
        message = re.sub(r'^the following arguments are required: (.*)', r'\1 is missing', message)
        say(f'{self.script}: {message}')
        say(f'{self.script} --help lists the options')
        self.exit(BAD_USAGE)

    def offer_help(self, **how):
        self.add_argument('--help', '-h', help='this text', **(how or {'action': 'help'}))

    def add_common(self, build_dir=None):
        """Options of every script that builds; build_dir names the directory used without it."""
        if build_dir:
            self.add_argument('--build-dir', metavar='DIR', type=directory,
                              help=f'build there instead of in {build_dir}')
        self.add_argument('--jobs', metavar='N', type=whole_number(1, 9999), default=processors(),
                          help='compile N files at once (default: one for each core)')
        self.add_argument('--yes', action='store_true', help='do not pause before installing')

    def add_compiler(self, **how):
        self.add_argument('--compiler', metavar='NAME', type=compiler, **how)

    def add_sanitize(self):
        self.add_argument('--sanitize', metavar='KIND', type=one_of(*SANITIZERS), default='none',
                          help=f'{either(SANITIZERS)}; each has a build directory of its own')

    def read(self, arguments):
        for word in arguments:  # first, so that a typo is named before what is missing
            if word.startswith('--') and word.partition('=')[0] not in self._option_string_actions:
                self.error(f"unknown option '{word}'")
        options, unexpected = self.parse_known_args(arguments)
        if unexpected:
            self.error(f"unexpected argument '{unexpected[0]}'")
        return options


def processors():
    return len(os.sched_getaffinity(0))


def either(names):
    *most, last = names
    return f'{", ".join(most)} or {last}'


def one_of(*names):
    def read(text):
        if text not in names:
            raise argparse.ArgumentTypeError(f'{text}: must be {either(names)}')
        return text
    return read


def whole_number(least, greatest):
    def read(text):
        if not re.fullmatch(r'[1-9][0-9]{0,14}|0', text) or not least <= int(text) <= greatest:
            raise argparse.ArgumentTypeError(
                f'{text}: must be a whole number from {least} to {greatest}')
        return int(text)
    return read


def number(least, greatest):
    def read(text):
        if not re.fullmatch(r'[0-9]{1,9}(\.[0-9]+)?', text) or \
                not least <= float(text) <= greatest:
            raise argparse.ArgumentTypeError(f'{text}: must be a number from {least} to {greatest}')
        return float(text)
    return read


def directory(text):
    if not text:
        raise argparse.ArgumentTypeError('must name a directory')
    return os.path.abspath(text)


def new_file(text):
    folder = os.path.dirname(os.path.abspath(text))
    if not text or os.path.isdir(text) or not os.access(folder, os.W_OK):
        raise argparse.ArgumentTypeError(f'{text}: no file can be written there')
    return os.path.abspath(text)


def compiler(text):
    if not re.fullmatch(r'(.*/)?(g|clang)\+\+(-[0-9.]+)?', text):
        raise argparse.ArgumentTypeError(f'{text}: must be g++, g++-N, clang++ or clang++-N')
    return text


def clang(text):
    if not re.fullmatch(r'(.*/)?clang\+\+(-[0-9.]+)?', text):
        raise argparse.ArgumentTypeError(f'{text}: must be clang++ or clang++-N')
    return text
