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
from console import FAILED, ROOT, become, logged, program, say
from options import Parser

EXIT_CODES = '''\
Exit codes: 0 fine, 1 a check or the build failed, 2 bad usage, 3 something is
missing that cannot be installed from here, or the tool could not finish.'''


class Tool(NamedTuple):
    script: str
    target: str  # in the build directory
    description: str
    page: str = ''  # of docs/, that --docs writes


TOOLS = {
    'load': Tool('run_load_tests.sh', 'tools/load/admit-load', '''\
Installs what is missing (Debian 12, Ubuntu 24.04: apt-get), builds the load
tool and runs the load scenarios, with --quick in a few seconds. `million` as
first word keeps a million users alive instead. See docs/load_testing.md.'''),
    'bench': Tool('bench.sh', 'tools/bench/admit-bench', '''\
Installs what is missing (Debian 12, Ubuntu 24.04: apt-get), builds the
benchmark and measures the engine: a few minutes, with --quick seconds. The
machine should have nothing else to do. See docs/performance.md.''', page='docs/performance.md'),
}


def make_parser(tool):
    parser = Parser(tool.script, tool.description, EXIT_CODES)
    parser.usage = f'tools/{tool.script} [options of this script and of {os.path.basename(tool.target)}]'
    if tool.page:
        parser.add_argument('--docs', action='store_true',
                            help=f'write {tool.page} from the run')
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


def measure_for_docs(tool, path, rest):
    """Writes the page of docs/ from the JSON of the run."""
    figures = os.path.join(os.path.dirname(path), 'figures.json')
    status = subprocess.run([path, *rest, '--json', figures], check=False).returncode
    if status > FAILED:
        return status
    script = os.path.join(ROOT, 'tools/bench/performance_page.py')
    logged(f'writing {tool.page}', [sys.executable, script, figures, os.path.join(ROOT, tool.page)])
    say(f'wrote {tool.page}')
    return status


def main(arguments):
    tool = TOOLS[arguments[0]]
    parser = make_parser(tool)
    options, rest = parser.parse_known_args(arguments[1:])
    wanted = [*packages.for_build('g++'), *packages.TOOLS]
    if options.help:
        if not help_of_script(tool, parser, options, wanted):
            return 0
        rest.append('--help')
    path = prepare(tool, options, wanted)
    if tool.page and options.docs:
        return measure_for_docs(tool, path, rest)
    return become([path, *rest])


if __name__ == '__main__':
    program(main)
