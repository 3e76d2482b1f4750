# SPDX-License-Identifier: BSL-1.0
"""What a build or a test needs of the machine: Debian's and Ubuntu's packages, each with a reason.

`installing.py` installs what is missing. A package is missing when its command or header is not there.
"""

import glob
import os
import re
import shutil
from typing import Callable, NamedTuple

from console import LACKING, ROOT, Stop

WANTED_BOOST = (1, 81)
PRIVATE_BOOST = os.path.join(ROOT, 'build-boost')
INCLUDE_DIRS = ('/usr/local/include', '/usr/include')


class Package(NamedTuple):
    name: str
    reason: str
    present: Callable[[], bool]
    optional: bool = False  # where no such package exists, its test is skipped
    service: str = ''  # a server that the package would start: it is neither started nor enabled


def command(name, package, reason, optional=False):
    return Package(package, reason, lambda: shutil.which(name) is not None, optional)


def header(path, package, reason, optional=False):
    return Package(package, reason,
                   lambda: any(os.path.exists(os.path.join(d, path)) for d in INCLUDE_DIRS), optional)


def server(name, package, reason, service):
    return Package(package, reason, lambda: shutil.which(name) is not None, service=service)


def clang_format():
    """The command of clang-format 14, or None: versions disagree (14 and 19 about `requires`)."""
    for name in ('clang-format-14', 'clang-format'):  # as Ubuntu and as Debian 12 install it
        if shutil.which(name) and 'version 14.' in os.popen(f'{name} --version').read():
            return name
    return None


DOCTEST = header('doctest/doctest.h', 'doctest-dev', 'the test framework')
VALGRIND = command('valgrind', 'valgrind', 'counts instructions and cache misses')
CCACHE = command('ccache', 'ccache', 'compiles equal files of several builds once', optional=True)
CHROMIUM = command('chromium', 'chromium', 'the tests of the pages', optional=True)
CHART_JS = '/usr/share/javascript/chart.js/chart.min.js'
PROMETHEUS_CPP = header('prometheus/exposer.h', 'prometheus-cpp-dev',
                        'the library admit-metrics; the figures that the load tool serves', optional=True)
# The tools are configured together, so their packages are needed together.
TOOLS = (
    header('CLI/CLI.hpp', 'libcli11-dev', 'the command lines of the tools'),
    header('fmt/core.h', 'libfmt-dev', 'the tables of the tools'),
    header('toml++/toml.h', 'libtomlplusplus-dev', 'the scenario files of the load tool'),
    header('nlohmann/json.hpp', 'nlohmann-json3-dev', 'the JSON reports of the tools'),
    header('mimalloc.h', 'libmimalloc-dev', 'the allocator of the tools'),
    header('benchmark/benchmark.h', 'libbenchmark-dev', 'measures in the benchmark'),
    Package('libjs-chart.js', 'the plots in the pages of the tools', lambda: os.path.exists(CHART_JS),
            optional=True),
    PROMETHEUS_CPP,
)
# tools/profile.sh; perf is used if it is there.
PROFILE = (
    VALGRIND,
    command('google-pprof', 'google-perftools', 'profiles where the kernel forbids perf'),
)
# The site of the documentation: tools/docs.sh.
MKDOCS_THEME = '/usr/share/mkdocs/themes/material'
DOXYGEN_THEME = '/usr/share/doxygen-awesome-css/doxygen-awesome.css'
DOCS = (
    command('mkdocs', 'mkdocs', 'makes the site from docs/'),
    Package('mkdocs-material', 'the look of the site', lambda: os.path.isdir(MKDOCS_THEME)),
    command('doxygen', 'doxygen', 'makes the reference from the headers'),
    Package('doxygen-awesome-css', 'the look of the reference', lambda: os.path.exists(DOXYGEN_THEME)),
)
# The wheel of the Python package: tools/build_wheel.sh.
WHEEL = (
    Package('python3-mesonpy', 'builds wheels with meson',
            lambda: os.path.isdir('/usr/lib/python3/dist-packages/mesonpy')),
    Package('python3-dev', 'the headers of Python',
            lambda: bool(glob.glob('/usr/include/python3*/Python.h'))),
    Package('python3-venv', 'makes environments of Python',
            lambda: bool(glob.glob('/usr/lib/python3*/ensurepip'))),
    command('gcc', 'gcc', 'compiles the module'),
)
# The libraries of bots in docs/examples/python.
RECIPES = tuple(
    Package(f'python3-{name}', 'the test of the recipes for bots in Python',
            lambda module=module: os.path.isdir(f'/usr/lib/python3/dist-packages/{module}'), optional=True)
    for name, module in (('aiohttp', 'aiohttp'), ('discord', 'discord'), ('matrix-nio', 'nio'))
)
# The IRC bot. Its metrics are what the end to end tests look at, and what the demo shows.
OPENSSL = header('openssl/ssl.h', 'libssl-dev', 'lets the IRC bot speak TLS')
BOT = (*TOOLS, OPENSSL, PROMETHEUS_CPP._replace(optional=False))
NGIRCD = server('ngircd', 'ngircd', 'the IRC server that the bot talks to', service='ngircd')
BOT_DEMO = (NGIRCD,)
IRC_CLIENTS = (
    Package('python3-irc', 'the users of the end to end tests',
            lambda: os.path.isdir('/usr/lib/python3/dist-packages/irc')),
    command('openssl', 'openssl', 'makes a certificate for the end to end tests'),
    command('ii', 'ii', 'an IRC client, for an end to end test', optional=True),
    command('weechat-headless', 'weechat-headless', 'an IRC client, for an end to end test',
            optional=True),
)
JSONSCHEMA = Package('python3-jsonschema', 'the test that results are what their schema says',
                     lambda: os.path.isdir('/usr/lib/python3/dist-packages/jsonschema'), optional=True)
# Beyond the compiler and Boost, what a suite cannot run without.
SUITES = {'load': (*TOOLS, CHROMIUM, JSONSCHEMA), 'bench': (*TOOLS, *PROFILE, CHROMIUM), 'fuzz': TOOLS, 'docs': DOCS,
          'bot': BOT, 'e2e': (*BOT, NGIRCD, *IRC_CLIENTS),
          'python': (*WHEEL, *RECIPES, command('mypy', 'mypy', 'checks the type hints', optional=True)),
          'metrics': (PROMETHEUS_CPP, server('prometheus', 'prometheus', 'scrapes the figures',
                                             service='prometheus')),
          'packaging': (command('cmake', 'cmake', 'the consumers with CMake'),
                        command('abidw', 'abigail-tools', 'describes the binary interface',
                                optional=True))}
# tools/packaging/test.sh: with the tools, everything that the packages of Debian are built from.
DEBIAN = (
    *TOOLS,
    OPENSSL,
    command('dh', 'debhelper', 'builds the packages of Debian'),
    command('dpkg-buildpackage', 'dpkg-dev', 'builds the packages of Debian'),
    command('lintian', 'lintian', 'judges the packages of Debian'),
    command('help2man', 'help2man', 'makes man pages of --help'),
    command('meson', 'meson', 'configures the build'),
    command('ninja', 'ninja-build', 'runs the build'),
    command('pkg-config', 'pkg-config', 'finds libraries'),
)
LIBCXX = (
    command('clang++-19', 'clang-19', 'the test with libc++', optional=True),
    Package('libc++-19-dev', 'the test with libc++',
            lambda: os.path.isdir('/usr/lib/llvm-19/include/c++'), optional=True),
    Package('libc++abi-19-dev', 'the test with libc++',
            lambda: bool(glob.glob('/usr/lib/llvm-19/lib/libc++abi*')), optional=True),
)
# Without these, single tests of the engine's suites are skipped.
EXTRAS = (
    command('faketime', 'faketime', 'the test that the wall clock jumps', optional=True),
    Package('clang-format-14', 'the test that all code is formatted alike',
            lambda: clang_format() is not None, optional=True),
    command('cmake', 'cmake', 'the tests of a consumer with CMake', optional=True),
    command('shellcheck', 'shellcheck', 'the test of the bash scripts', optional=True),
    command('codespell', 'codespell', 'the test of the spelling', optional=True),
)


def for_compiler(name):
    """The packages of a compiler: of clang++-19 clang-19, g++ for its library, and its runtime."""
    base = os.path.basename(name)
    if not re.fullmatch(r'(g|clang)\+\+(-[0-9]+)?', base) and shutil.which(name) is None:
        raise Stop(LACKING, f"the compiler '{name}' is not installed, and no package is known for it")
    wanted = [command(name, base.replace('clang++', 'clang'), f'the compiler {base}')]
    if base.startswith('clang'):
        wanted.append(command('g++', 'g++', 'the C++ standard library'))
        version = base.partition('-')[2]
        if version:
            runtime = f'/usr/lib/llvm-{version}/lib/clang/*/lib/*/libclang_rt.asan*'
            wanted.append(Package(f'libclang-rt-{version}-dev',
                                  "the runtime of clang's sanitizers and fuzzer",
                                  lambda: bool(glob.glob(runtime))))
    return wanted


def for_build(compiler):
    return [*for_compiler(compiler),
            command('meson', 'meson', 'configures the build'),
            command('ninja', 'ninja-build', 'runs the build'),
            command('pkg-config', 'pkg-config', 'finds libraries; the test of admit.pc')]


def for_tests(compiler, suites=()):
    wanted = [*for_build(compiler), DOCTEST]
    for suite in suites:
        wanted += [p for p in SUITES.get(suite, ()) if p not in wanted]
    return wanted


def boost_version(include_dir):
    """(1, 81) of include_dir/boost/version.hpp, or None."""
    try:
        with open(os.path.join(include_dir, 'boost/version.hpp'), encoding='utf-8') as file:
            found = re.search(r'^#define BOOST_LIB_VERSION "(\d+)_(\d+)', file.read(), re.M)
    except OSError:
        return None
    return found and (int(found.group(1)), int(found.group(2)))


def has_boost(include_dir):
    version = boost_version(include_dir)
    return version is not None and version >= WANTED_BOOST


def boost_present():
    """Whether meson finds Boost; sets BOOST_ROOT when it is the copy in build-boost."""
    given = os.environ.get('BOOST_ROOT')
    if given and (has_boost(os.path.join(given, 'include')) or has_boost(given)):
        return True
    if any(map(has_boost, INCLUDE_DIRS)):
        return True
    if has_boost(os.path.join(PRIVATE_BOOST, 'usr/include')):
        os.environ['BOOST_ROOT'] = os.path.join(PRIVATE_BOOST, 'usr')
        return True
    return False
