# SPDX-License-Identifier: BSL-1.0
"""Hooks of mkdocs: README.md becomes the first page, the navigation follows extra.roles of mkdocs.yml,
and links that leave docs/ lead to the reference, or become plain text.
"""

import fnmatch
import os
import posixpath
import re

from mkdocs.structure.files import File
from mkdocs.structure.nav import Link

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..'))
NO_PAGES = ('meson.build',)

FENCE = re.compile(r'^(?P<mark>```+|~~~+).*?^(?P=mark)', re.M | re.S)
LINK = re.compile(r'(?P<image>!?)\[(?P<label>(?:[^\[\]]|\[[^\]]*\](?:\([^)]*\))?)*)\]'
                  r'\((?P<target>[^)\s]+)\)')
ATTRIBUTE = re.compile(r'(?P<name>\b(?:src|srcset|href))="(?P<target>[^"]+)"')


def on_files(files, config):
    """Adds README.md, and leaves out what is no page."""
    for file in list(files):
        if posixpath.basename(file.src_path) in NO_PAGES:
            files.remove(file)
    files.append(File('README.md', ROOT, config['site_dir'], config['use_directory_urls']))
    config['nav'] = navigation(sorted(f.src_path for f in files.documentation_pages()),
                               config['extra']['roles'])
    return files


def navigation(pages, roles):
    """A section for each role that has pages; every page stands in exactly one."""
    sections = []
    for title, patterns in roles:
        inside = [page for pattern in patterns
                  for page in pages if fnmatch.fnmatchcase(page, pattern)]
        inside = list(dict.fromkeys(inside))
        pages = [page for page in pages if page not in inside]
        if len(inside) == 1 and len(patterns) == 1:
            sections.append({title: inside[0]})
        elif inside:
            sections.append({title: inside})
    if pages:
        raise ValueError(f'extra.roles of mkdocs.yml has no place for {", ".join(pages)}')
    return sections


def on_nav(nav, config, files):
    nav.items.insert(2, Link('Reference', 'reference/index.html'))
    return nav


def on_page_markdown(markdown, page, config, files):
    source = page.file.src_path
    folder = '' if source == 'README.md' else posixpath.dirname(posixpath.join('docs', source))

    def rewrite_prose(text):
        text = LINK.sub(lambda match: link(match, folder, page), text)
        return ATTRIBUTE.sub(lambda match: attribute(match, folder, page), text)

    parts, end = [], 0
    for fence in FENCE.finditer(markdown):
        parts += [rewrite_prose(markdown[end:fence.start()]), fence.group(0)]
        end = fence.end()
    return ''.join(parts) + rewrite_prose(markdown[end:])


def link(match, folder, page):
    kind, target = resolve(match['target'], folder, page)
    label = LINK.sub(lambda inner: link(inner, folder, page), match['label'])
    if kind == 'page':
        return f'{match["image"]}[{label}]({target})'
    # As HTML: mkdocs knows no pages but its own.
    return f'<a href="{target}">{label}</a>' if kind == 'reference' else label


def attribute(match, folder, page):
    kind, target = resolve(match['target'], folder, page)
    return f'{match["name"]}="{target}"' if kind == 'page' else match.group(0)


def resolve(target, folder, page):
    """('page' | 'reference' | 'outside', the target as seen from `page`)."""
    path, mark, anchor = target.partition('#')
    if not path or re.match(r'[a-z]+:', path):
        return 'page', target
    path = posixpath.normpath(posixpath.join(folder, path))
    here = posixpath.dirname(page.file.src_path)
    if path == 'README.md':
        return 'page', posixpath.relpath('README.md', here or '.') + mark + anchor
    if os.path.isdir(os.path.join(ROOT, path)) and path.startswith('docs/'):
        if not os.path.exists(os.path.join(ROOT, path, 'README.md')):
            return 'outside', target
        path += '/README.md'
    if path.startswith('docs/'):
        return 'page', posixpath.relpath(path[len('docs/'):], here or '.') + mark + anchor
    if not os.path.exists(os.path.join(ROOT, path)):
        return 'page', target  # mkdocs will say so
    if path.startswith('include/admit'):
        name = posixpath.basename(path)
        name = name.replace('_', '__').replace('.', '_8') + '.html' if '.' in name else 'index.html'
        return 'reference', posixpath.relpath(f'reference/{name}', here or '.')
    return 'outside', target
