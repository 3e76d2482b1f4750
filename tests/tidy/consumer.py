#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""A small program builds and runs against admit, in the ways a user has it.

    consumer.py installed  SOURCE BUILD KEY=VALUE...
    consumer.py subproject SOURCE BUILD KEY=VALUE...

`installed`: BUILD is installed into a folder of its own, and the program built
with nothing but the compiler and pkg-config. `subproject`: the program is a
meson project that has SOURCE as its subproject. The values say how BUILD was
made: compiler, version, library (static, shared, both), sanitize.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile

ALLOWED = ('/admit.pc', '.hpp', 'libadmit.a')  # and libadmit.so with its versions


def run(command, **environment):
    print('+', shlex.join(command), flush=True)
    done = subprocess.run(command, env={**os.environ, **environment}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout, end='', flush=True)
    if done.returncode:
        sys.exit(f'exit code {done.returncode}')
    return done.stdout


def expect(what, seen, wanted):
    if seen != wanted:
        sys.exit(f'{what}: expected {wanted!r}, saw {seen!r}')


def files_under(folder):
    return [os.path.join(f, n) for f, _, names in os.walk(folder) for n in names]


def installed(source, build, how, work):
    prefix = os.path.join(work, 'root')
    run(['meson', 'install', '-C', build, '--no-rebuild', '--destdir', prefix])

    files = files_under(prefix)
    for file in files:
        if not file.endswith(ALLOWED) and 'libadmit.so' not in file:
            sys.exit(f'installs {file}, which is no header, library or admit.pc')
    public = {n for n in os.listdir(os.path.join(source, 'include/admit')) if n.endswith('.hpp')}
    missing = public - {os.path.basename(f) for f in files}
    expect('headers that are not installed', missing, set())

    [pc_file] = [f for f in files if f.endswith('/admit.pc')]
    library_dirs = {os.path.dirname(f) for f in files if 'libadmit.' in f}
    # DESTDIR stands before every path, as a packager's sysroot does.
    pc = {'PKG_CONFIG_LIBDIR': os.path.dirname(pc_file), 'PKG_CONFIG_SYSROOT_DIR': prefix}
    expect('version', run(['pkg-config', '--modversion', 'admit'], **pc).strip(), how['version'])
    static = ['--static'] if how['library'] == 'static' else []
    flags = shlex.split(run(['pkg-config', *static, '--cflags', '--libs', 'admit'], **pc))

    program = os.path.join(work, 'consumer')
    compiler = shlex.split(how['compiler'])
    if how['sanitize'] != 'none':
        compiler.append('-fsanitize=' + how['sanitize'])
    if os.environ.get('BOOST_ROOT'):
        compiler += ['-isystem', os.path.join(os.environ['BOOST_ROOT'], 'include')]
    run([*compiler, '-std=c++20', os.path.join(source, 'tests/tidy/consumer/main.cpp'),
         '-o', program, *flags])
    return run([program], LD_LIBRARY_PATH=':'.join(sorted(library_dirs)))


def subproject(source, _build, how, work):
    project = os.path.join(work, 'project')
    shutil.copytree(os.path.join(source, 'tests/tidy/consumer'), project)
    # Copied as a checkout would be: without build directories.
    inside = os.path.join(project, 'subprojects/admit')
    shutil.copytree(source, inside, ignore=lambda folder, names: [
        n for n in names if folder == source and (n == '.git' or n.startswith('build'))])
    build = os.path.join(work, 'build')
    run(['meson', 'setup', build, project, '--force-fallback-for=admit', '--buildtype=debug'],
        CXX=how['compiler'])
    targets = run(['meson', 'introspect', '--targets', build])
    for name in ('doctest_main', 'admit-load'):
        if f'"{name}"' in targets:
            sys.exit(f'a subproject should not build {name}')
    run(['ninja', '-C', build, 'consumer'])
    return run([os.path.join(build, 'consumer')])


def main(kind, source, build, *values):
    how = dict(value.split('=', 1) for value in values)
    ways = {'installed': installed, 'subproject': subproject}
    with tempfile.TemporaryDirectory() as work:
        expect('output', ways[kind](source, build, how, work), 'admitted one of two\n')


if __name__ == '__main__':
    if len(sys.argv) < 4:
        print(__doc__)
        sys.exit(2)
    main(*sys.argv[1:])
