#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""tools/docs.sh: builds the site of the documentation, by mkdocs, Doxygen and check_site.py."""

import glob
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'common'))
import check_site  # noqa: E402
import installing  # noqa: E402
import packages  # noqa: E402
from console import ROOT, Stop, program, writing_to  # noqa: E402
from options import Parser  # noqa: E402

HERE = os.path.join(ROOT, 'tools', 'docs')
DESCRIPTION = '''\
Builds the site of the documentation: its pages by mkdocs, the reference by
Doxygen. A warning of either is an error, and so is a link that leads nowhere,
or a page that would load something from another host. The result can be read
from the disk; its search needs a server:
    python3 -m http.server --directory build-docs/site'''
EXIT_CODES = '''\
Exit codes: 0 the site is built, 1 something is wrong with it, 2 bad usage,
3 something is missing that cannot be installed from here.'''

# The browser itself refuses requests to other hosts.
POLICY = ('<meta http-equiv="Content-Security-Policy" '
          'content="default-src \'self\' \'unsafe-inline\' data: blob:">')
# The theme of the pages would load this for diagrams, which no page has.
LOADED_BY_THE_THEME = re.compile(r'https://unpkg\.com/[^"`]*')


def make_parser():
    parser = Parser('docs.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('--output', metavar='DIR', default=os.path.join(ROOT, 'build-docs'),
                        help='the site is DIR/site (default: build-docs)')
    parser.add_argument('--missing', action='store_true',
                        help='print the packages that are not installed, and stop')
    parser.add_argument('--yes', action='store_true', help='do not pause before installing')
    parser.offer_help()
    return parser


def run(command, **how):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how)
    if done.returncode:
        raise Stop(1, f'{command[0]} failed:\n{done.stdout}')
    return done.stdout


def build_pages(site):
    run(['mkdocs', 'build', '--strict', '--clean',
         '--config-file', os.path.join(HERE, 'mkdocs.yml'), '--site-dir', site])


def doxygen_version():
    text = subprocess.run(['doxygen', '--version'], stdout=subprocess.PIPE, text=True).stdout
    return tuple(int(part) for part in re.findall(r'\d+', text)[:3])


def layout():
    """The layout of this Doxygen, with a way back to the pages."""
    return run(['doxygen', '-l', '-']).replace(
        '<tab type="mainpage" visible="yes" title=""/>',
        '<tab type="user" url="../index.html" title="Documentation"/>'
        '<tab type="mainpage" visible="yes" title="Reference"/>')


def build_reference(folder, headers):
    """The reference of the folder `headers`, as HTML in `folder`."""
    os.makedirs(folder, exist_ok=True)
    start = os.path.join(HERE, 'reference.md')
    with tempfile.TemporaryDirectory() as scratch:
        with open(f'{scratch}/layout.xml', 'w', encoding='utf-8') as file:
            file.write(layout())
        with open(os.path.join(HERE, 'Doxyfile'), encoding='utf-8') as file:
            lines = [file.read()]
        lines += [f'INPUT = "{headers}" "{start}"', f'USE_MDFILE_AS_MAINPAGE = "{start}"',
                  f'OUTPUT_DIRECTORY = "{folder}"', f'LAYOUT_FILE = {scratch}/layout.xml',
                  f'STRIP_FROM_PATH = "{os.path.dirname(headers)}"',
                  f'HTML_EXTRA_STYLESHEET = {packages.DOXYGEN_THEME} "{HERE}/reference.css"']
        if doxygen_version() >= (1, 9, 5):
            lines.append('HTML_COLORSTYLE = LIGHT')  # as that stylesheet wants it
        run(['doxygen', '-'], input='\n'.join(lines))


def keep_requests_inside(site):
    for path in glob.glob(f'{site}/**/*.html', recursive=True):
        with open(path, encoding='utf-8') as file:
            text = file.read()
        with open(path, 'w', encoding='utf-8') as file:
            file.write(re.sub(r'<head\b[^>]*>', lambda head: head.group(0) + POLICY, text, count=1))
    for path in glob.glob(f'{site}/assets/javascripts/*.js'):
        with open(path, encoding='utf-8') as file:
            text = file.read()
        with open(path, 'w', encoding='utf-8') as file:
            file.write(LOADED_BY_THE_THEME.sub('', text))
    for path in glob.glob(f'{site}/assets/**/*.map', recursive=True):
        os.remove(path)  # it serves the debugging of the theme alone


def claim(folder):
    """Sees to it that a folder which something else made is not cleaned away."""
    mark = os.path.join(folder, '.admit-docs')
    if os.path.isdir(folder) and os.listdir(folder) and not os.path.exists(mark):
        raise Stop(1, f'{folder} is not empty, and was not made by tools/docs.sh')
    with writing_to(folder, 'name another folder with --output'):
        os.makedirs(folder, exist_ok=True)
        with open(mark, 'w', encoding='utf-8'):
            pass


def build(folder, site):
    build_pages(site)
    build_reference(os.path.join(site, 'reference'), os.path.join(ROOT, 'include', 'admit'))
    keep_requests_inside(site)
    found = check_site.check(site)
    if found:
        raise Stop(1, '\n'.join(found))


def main(arguments):
    options = make_parser().read(arguments)
    if options.missing:
        print(*(package.name for package in packages.DOCS if not package.present()))
        return 0
    site = os.path.join(os.path.abspath(options.output), 'site')
    claim(os.path.dirname(site))
    installing.install(packages.DOCS, options.yes)
    build(os.path.dirname(site), site)
    print(os.path.join(site, 'index.html'))
    return 0


if __name__ == '__main__':
    program(main)
