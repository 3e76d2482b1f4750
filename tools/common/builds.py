# SPDX-License-Identifier: BSL-1.0
"""Configures and builds: the only place in tools/ that does.

A build directory made here carries a marker. A directory without the marker is never changed: it
belongs to its user, who may have configured it by hand.
"""

import json
import os
import shutil
import subprocess

from console import (BAD_USAGE, COPY_THE_SOURCES, FAILED, ROOT, Stop, logged, say,
                     writing_to)

MARKER = '.admit-build'  # JSON: what the build was made from, and its options
DEFAULTS = {'buildtype': 'release', 'b_sanitize': 'none', 'b_lundef': 'false', 'werror': 'false',
            'tests': 'disabled', 'tools': 'disabled', 'metrics': 'auto', 'bot': 'auto'}


def default_directory(compiler, sanitizer='none'):
    """build-g++, build-clang++-19-address-undefined. `build` is left to the user."""
    name = f'build-{os.path.basename(compiler)}'
    if sanitizer != 'none':
        name += '-' + sanitizer.replace(',', '-')
    return os.path.join(ROOT, name)


def options(sanitizer='none', **wanted):
    """Options of a build; what is None stays as the directory has it."""
    # Sanitizers want frames and assertions more than the last bit of speed.
    kind = 'release' if sanitizer == 'none' else 'debugoptimized'
    return {'buildtype': kind, 'b_sanitize': sanitizer, 'werror': None, 'tests': None,
            'tools': None, 'metrics': None, **wanted}


def compile_command(compiler):
    """For CXX. meson looks for ccache by itself only while CXX is not set."""
    return f'ccache {compiler}' if shutil.which('ccache') else compiler


def c_compiler(compiler):
    """CC for CXX: sanitizers want both to be of one kind. Nothing if there is none."""
    name = compiler.replace('clang++', 'clang').replace('g++', 'gcc')
    return {'CC': compile_command(name)} if shutil.which(name) else {}


def first_line(*command):
    try:
        return subprocess.run(command, text=True, check=True,
                              stdout=subprocess.PIPE).stdout.partition('\n')[0]
    except (OSError, subprocess.CalledProcessError) as wrong:
        raise Stop(FAILED, f'{command[0]} does not run: {wrong}') from wrong


def identity(compiler):
    """What a build is made from: another one means starting again."""
    return [ROOT, compile_command(compiler), first_line(compiler, '--version'),
            first_line('meson', '--version'), 'boost ' + os.environ.get('BOOST_ROOT', '')]


def read_marker(directory):
    """What the marker says, or None without a marker."""
    try:
        with open(os.path.join(directory, MARKER), encoding='utf-8') as file:
            return json.load(file)
    except FileNotFoundError:
        return None
    except ValueError:
        return {}  # writing it was interrupted


def write_marker(directory, made_from, chosen):
    with open(os.path.join(directory, MARKER), 'w', encoding='utf-8') as file:
        json.dump({'made_from': made_from, 'options': chosen}, file, indent=1)
        file.write('\n')


def flags(chosen):
    return [f'-D{name}={value}' for name, value in chosen.items()]


def start_again(directory, made_from):
    """An empty directory with the marker, from one that is missing, empty or made here."""
    if os.path.isdir(directory) and os.listdir(directory):
        if read_marker(directory) is None:
            raise Stop(BAD_USAGE, f'--build-dir {directory}: was not made by these scripts, and is not '
                       'touched: name another directory, or remove it yourself')
        say(f'{directory} is of another build; starting it again')
        shutil.rmtree(directory)
    with writing_to(directory, f'name another directory with --build-dir, or {COPY_THE_SOURCES}'):
        os.makedirs(directory, exist_ok=True)
        write_marker(directory, made_from, {})


def configure(directory, compiler, wanted, machine=None):
    """Makes `directory` a build directory with these options, from whatever it is now.

    `machine` is the option that names a file for meson, and the file's text.
    """
    directory = os.path.realpath(directory)
    made_from = [*identity(compiler), *(machine or ())]
    marker = read_marker(directory) or {}
    current = marker.get('options', {})
    chosen = {**DEFAULTS, **{name: current.get(name) or DEFAULTS[name] if value is None else value
                             for name, value in wanted.items()}}
    # An option that is no longer given would keep its value: then the build starts again.
    if marker.get('made_from') == made_from and set(current) <= set(chosen) and \
            os.path.exists(os.path.join(directory, 'build.ninja')):
        if current == chosen:
            return
        try:
            logged('configuring again', ['meson', 'setup', '--reconfigure', directory, ROOT,
                                         *flags(chosen)])
            write_marker(directory, made_from, chosen)
            return
        except Stop:
            say('trying once more from the beginning')
    start_again(directory, made_from)
    described = []
    if machine:
        path = os.path.join(directory, MARKER + '-machine')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(machine[1])
        described = [machine[0], path]
    logged('configuring', ['meson', 'setup', directory, ROOT, *described, *flags(chosen)],
           CXX=compile_command(compiler), **c_compiler(compiler))
    write_marker(directory, made_from, chosen)


def up_to_date(directory, targets):
    done = subprocess.run(['ninja', '-C', directory, '-n', *targets], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return 'no work to do' in done.stdout


def build(directory, targets, jobs):
    """Builds the targets, names of ninja."""
    if not up_to_date(directory, targets):
        logged('the build', ['ninja', '-C', directory, '-j', str(jobs), *targets])


def introspect(directory, what):
    return json.loads(subprocess.run(['meson', 'introspect', directory, what], text=True,
                                     check=True, stdout=subprocess.PIPE).stdout)


def targets_of(directory, suites, kind=None):
    """The files that the tests of some suites need, relative to the directory, as ninja wants them."""
    # What meson knows may be of older sources.
    logged('configuring again', ['ninja', '-C', directory, 'build.ninja'])
    # meson says PROJECT:SUITE.
    wanted = {target for test in introspect(directory, '--tests')
              if any(suite.rpartition(':')[2] in suites for suite in test['suite'])
              for target in test['depends']}
    return [os.path.relpath(name, os.path.realpath(directory))
            for target in introspect(directory, '--targets')
            if target['id'] in wanted and kind in (None, target['type'])
            for name in target['filename']]


def launcher(sanitizer):
    """What has to stand before a program built with that sanitizer.

    ThreadSanitizer's shadow memory collides with addresses that newer kernels randomise. Some
    containers forbid to switch that off; the program then runs without.
    """
    off = ['setarch', os.uname().machine, '-R']
    if sanitizer == 'thread' and shutil.which('setarch') and \
            subprocess.run([*off, 'true'], check=False, stderr=subprocess.DEVNULL).returncode == 0:
        return off
    return []
