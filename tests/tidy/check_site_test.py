#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The check of the built site (tools/docs/check_site.py) sees what it is there for.

    check_site_test.py FOLDER

FOLDER is that of check_site.py. Each fault is planted in a small site.
"""

import os
import sys
import tempfile

POLICY = '<meta http-equiv="Content-Security-Policy" content="default-src \'self\'">'

GOOD = {
    'index.html': POLICY + '<link rel="stylesheet" href="css/a.css"><script src="a.js"></script>'
                  '<link rel="canonical" href="https://example.org/">'
                  '<h1 id="top">x</h1><a href="sub/b.html#there">b</a> <a href="#top">up</a>'
                  ' <a href="https://example.org/x">elsewhere</a> <img src="data:image/png;base64,x">',
    'sub/b.html': POLICY + '<p id="there"><a href="../index.html">up</a></p>',
    'css/a.css': 'body { background: url("data:image/png;base64,x"), url(../x.png) }',
    'x.png': 'x',
    'a.js': 'const ns = "http://www.w3.org/2000/svg";',
    '404.html': POLICY + '<a href="/index.html">home</a>',
}

# What is added to a page, and what has to be said of it.
IN_A_PAGE = [
    ('<a href="gone.html">x</a>', 'gone.html leads nowhere'),
    ('<a href="/index.html">x</a>', '/index.html leads nowhere'),
    ('<a href="sub/b.html#gone">x</a>', 'names a place that sub/b.html does not have'),
    ('<a href="#gone">x</a>', 'names a place'),
    ('<img src="gone.png">', 'gone.png leads nowhere'),
    ('<link rel="stylesheet" href="https://example.org/a.css">', 'from outside'),
    ('<link rel="preconnect" href="https://example.org/">', 'from outside'),
    ('<script src="//example.org/a.js"></script>', 'from outside'),
    ('<img srcset="x.png 1x, https://example.org/x.png 2x">', 'from outside'),
    ('<iframe src="http://example.org/"></iframe>', 'from outside'),
    ('<p style="background: url(https://example.org/x.png)">', 'from outside'),
    ('<style>@import "https://example.org/a.css";</style>', 'from outside'),
]
IN_A_FILE = [
    ('css/a.css', '@font-face { src: url(https://example.org/a.woff2) }', 'from outside'),
    ('a.js', 'load("https://example.org/a.min.js")', 'from outside'),
    ('sub/b.html', '<p id="there">', 'has no Content-Security-Policy'),
]


def findings(check, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)
        return check(folder)


def main(folder):
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    from check_site import check
    planted = [({**GOOD, 'index.html': GOOD['index.html'] + text}, text, said)
               for text, said in IN_A_PAGE]
    planted += [({**GOOD, name: text}, text, said) for name, text, said in IN_A_FILE]
    planted.append(({}, 'a site without a page', 'has no pages'))
    failures = 0
    for files, text, said in planted:
        found = findings(check, files)
        if len(found) != 1 or said not in found[0]:
            failures += 1
            print(f'FAILED {text}: expected "{said}", found {found}')
    if findings(check, GOOD):
        failures += 1
        print(f'FAILED wrongly reported: {findings(check, GOOD)}')
    print(f'{len(planted)} planted faults, {failures} failures')
    return 1 if failures else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(2)
    sys.exit(main(sys.argv[1]))
