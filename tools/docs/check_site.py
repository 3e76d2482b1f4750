#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks a built site: every link of a page leads somewhere, and nothing is loaded from outside.

    check_site.py FOLDER

build.py calls check() after each build. Links to other hosts are not followed.
"""

import os
import re
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

LINKS = {'a': ('href',), 'area': ('href',)}
LOADS = {'link': ('href',), 'script': ('src',), 'img': ('src', 'srcset'), 'source': ('src', 'srcset'),
         'iframe': ('src',), 'video': ('src', 'poster'), 'audio': ('src',), 'embed': ('src',),
         'object': ('data',), 'input': ('src',), 'use': ('href', 'xlink:href'),
         'image': ('href', 'xlink:href')}
NAMES_ONLY = ('canonical', 'prev', 'next', 'alternate')  # <link>s that load nothing
LOADED_BY_CSS = re.compile(r'@import\s+["\']([^"\']+)|url\(\s*["\']?([^"\')\s]+)')
LOADED_BY_JS = re.compile(r'["\'`](?:https?:)?//[\w.-]+/[^"\'`\s]*\.(?:m?js|css|woff2?|ttf|json)["\'`?]')
POLICY = 'content-security-policy'


class Page(HTMLParser):
    """What a page links to, what it loads, and the places in it that a link may name."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.links, self.loads, self.places = [], [], set()
        self.policy = self.style = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = {name: value or '' for name, value in attributes}
        line = self.getpos()[0]
        self.places.update(values[name] for name in ('id', 'name') if values.get(name))
        self.links += [(line, values[name]) for name in LINKS.get(tag, ()) if name in values]
        if not (tag == 'link' and values.get('rel') in NAMES_ONLY):
            self.loads += [(line, target) for name in LOADS.get(tag, ()) if name in values
                           for target in targets_in(name, values[name])]
        self.loads += [(line, target) for target in loads_of_css(values.get('style', ''))]
        self.policy = self.policy or (
            tag == 'meta' and values.get('http-equiv', '').lower() == POLICY)
        self.style = tag == 'style'

    def handle_data(self, data):
        if self.style:
            self.loads += [(self.getpos()[0], target) for target in loads_of_css(data)]

    def handle_endtag(self, tag):
        self.style = False


def targets_in(name, value):
    if name != 'srcset':
        return [value]
    return [part.split()[0] for part in value.split(',') if part.strip()]


def loads_of_css(text):
    return [first or second for first, second in LOADED_BY_CSS.findall(text)]


def is_outside(target):
    parts = urlsplit(target)
    return parts.scheme in ('http', 'https', 'ftp') or (not parts.scheme and bool(parts.netloc))


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.pages, self.texts, self.files = {}, {}, set()
        for where, _, names in os.walk(folder):
            for name in names:
                path = os.path.relpath(os.path.join(where, name), folder)
                self.files.add(path)
                if path.endswith(('.html', '.css', '.js')):
                    with open(os.path.join(folder, path), encoding='utf-8') as file:
                        self.texts[path] = file.read()
                if path.endswith('.html'):
                    self.pages[path] = Page(self.texts[path])

    def leads_nowhere(self, path, target):
        """Why a link or load of `path` has no end within the site, or None."""
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            return None
        place = unquote(parts.fragment)
        to = os.path.normpath(os.path.join(os.path.dirname(path), unquote(parts.path))) \
            if parts.path else path
        if parts.path.startswith('/') or to not in self.files:
            return 'leads nowhere'
        if place and to in self.pages and place not in self.pages[to].places:
            return f'names a place that {to} does not have'
        return None

    def check(self):
        for path, page in sorted(self.pages.items()):
            if path == '404.html':
                continue  # its links are absolute, for a server to show anywhere
            for line, target in page.links + page.loads:
                why = self.leads_nowhere(path, target)
                if why:
                    yield f'{path}:{line}: the link {target} {why}'
        for path, page in sorted(self.pages.items()):
            if not page.policy:
                yield f'{path}:1: has no Content-Security-Policy'
            for line, target in page.loads:
                if is_outside(target):
                    yield f'{path}:{line}: loads {target} from outside'
        for path, text in sorted(self.texts.items()):
            loads = []
            if path.endswith('.css'):
                loads = [target for target in loads_of_css(text) if is_outside(target)]
            elif path.endswith('.js'):
                loads = LOADED_BY_JS.findall(text)
            for target in loads:
                yield f'{path}: loads {target} from outside'


def check(folder):
    """What is wrong with the site in `folder`: one line each."""
    site = Site(folder)
    if not site.pages:
        return [f'{folder} has no pages']
    return list(site.check())


def main(folder):
    found = check(folder)
    print('\n'.join(found + [f'{len(found)} findings']))
    return 1 if found else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
