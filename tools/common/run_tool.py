# SPDX-License-Identifier: BSL-1.0
"""tools/run_load_tests.sh and tools/bench.sh: build one tool, and hand their options on to it.

Only the options of the script are known here. The tool judges its own options and prints their help.
"""

import os
import subprocess
import sys
from typing import NamedTuple

import builds
import installing
import packages
from console import BAD_USAGE, FAILED, LACKING, ROOT, Stop, become, program, say
from options import Parser, new_file

EXIT_CODES = '''\
Exit codes: 0 fine, 1 a check or the build failed, 2 bad usage, 3 something is
missing that cannot be installed from here, or the tool could not finish.'''


class Tool(NamedTuple):
    script: str
    target: str  # in the build directory
    description: str
    page: str = ''  # the page of docs/ that --docs writes
    word: str = ''  # the first word that chooses this tool of the script


TOOLS = {
    'load': Tool('run_load_tests.sh', 'tools/load/admit-load', '''\
Installs what is missing (Debian 12, Ubuntu 24.04: apt-get), builds the load
tool and runs the load scenarios, with --quick in a few seconds. With `million`
or `crowd` as first word it measures a crowd of a million users instead. See
docs/load_testing.md.'''),
    'crowd': Tool('run_load_tests.sh', 'tools/crowd/admit-crowd', '''\
Installs what is missing (Debian 12, Ubuntu 24.04: apt-get), builds the crowd
tool and measures the memory and the time of each of a million users, with
--quick in a few seconds. See docs/load_testing.md.''', word='million '),
    'bench': Tool('bench.sh', 'tools/bench/admit-bench', '''\
Installs what is missing (Debian 12, Ubuntu 24.04: apt-get), builds the
benchmark and measures the engine: a few minutes, with --quick seconds. The
machine should have nothing else to do. See docs/performance.md.''', page='docs/performance.md'),
}
# What any build of a tool can answer, however old.
KNOWN_BY_ANY_BUILD = {'--list', '--version'}
# First words of run_load_tests.sh, and the tool that each means.
WORDS = {'load': {'million': 'crowd', 'crowd': 'crowd'}}


def chosen(name, typed):
    """The tool of a script, and what is typed for it."""
    other = WORDS.get(name, {}).get(typed[0]) if typed else None
    return (TOOLS[other], typed[1:]) if other else (TOOLS[name], typed)


def make_parser(tool):
    parser = Parser(tool.script, tool.description, EXIT_CODES)
    parser.usage = f'tools/{tool.script} {tool.word}[options of this script and of {os.path.basename(tool.target)}]'
    if tool.page:
        parser.add_argument('--docs', action='store_true',
                            help=f'write {tool.page} from the run')
        parser.add_argument('--html', metavar='FILE', type=new_file,
                            help='write the run as a page with tables and plots')
    parser.add_common(build_dir='build-g++')
    parser.offer_help(action='store_true')
    return parser


def help_of_script(tool, parser, options, wanted):
    """Prints what is known without the tool; whether the tool can be asked for the rest."""
    parser.print_help()
    # --help changes nothing on the machine unless it may.
    missing = [package.name for package in wanted if not package.present()]
    if (missing or not packages.boost_present()) and not options.yes:
        print(f'\nThe options of {os.path.basename(tool.target)} follow here once it can be built; '
              'with --yes, --help installs\nwhat is missing.')
        return False
    print(flush=True)
    return True


def prepare(tool, options, wanted):
    """Installs, configures and builds; the path of the tool."""
    installing.install(wanted, options.yes)
    # Any optimised build without sanitizers will do, also that of the tests.
    directory = options.build_dir or builds.default_directory('g++')
    builds.configure(directory, 'g++', builds.options(tools='enabled'))
    builds.build(directory, [tool.target], options.jobs)
    return os.path.join(directory, tool.target)


def pages_of(tool, options):
    """(file, program in tools/bench that writes it) of each page that is asked for."""
    if not tool.page:
        return []
    return [(os.path.join(ROOT, tool.page), 'performance_page.py')] * options.docs + \
        [(options.html, 'html_page.py')] * bool(options.html)


def measure_for_pages(path, rest, pages):
    """Writes the pages from the JSON of the run."""
    figures = os.path.join(os.path.dirname(path), 'figures.json')
    if os.path.exists(figures):
        os.remove(figures)  # an earlier run's
    status = subprocess.run([path, *rest, '--json', figures], check=False).returncode
    if status > FAILED:
        return status
    if not os.path.exists(figures):
        raise Stop(BAD_USAGE, 'nothing was measured, so --docs and --html have nothing to write')
    for page, writer in pages:
        command = [sys.executable, os.path.join(ROOT, 'tools/bench', writer), figures, page]
        if subprocess.run(command, check=False, stdout=2).returncode:
            raise Stop(LACKING, f'{page} could not be written')
        say(f'wrote {page}')
    return status


def main(arguments):
    tool, typed = chosen(arguments[0], arguments[1:])
    parser = make_parser(tool)
    options, rest = parser.parse_known_args(typed)
    pages = pages_of(tool, options)
    if pages and any(word.partition('=')[0] == '--json' for word in rest):
        parser.error('--json: not together with --docs or --html, which take the JSON of the run')
    wanted = [*packages.for_build('g++'), *packages.TOOLS]
    if options.help:
        if not help_of_script(tool, parser, options, wanted):
            return 0
        rest.append('--help')
    built = os.path.join(options.build_dir or builds.default_directory('g++'), tool.target)
    if rest and set(rest) <= KNOWN_BY_ANY_BUILD and os.path.exists(built):
        return become([built, *rest])
    path = prepare(tool, options, wanted)
    if pages:
        return measure_for_pages(path, rest, pages)
    return become([path, *rest])


if __name__ == '__main__':
    program(main)
