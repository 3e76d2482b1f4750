# SPDX-License-Identifier: BSL-1.0
"""What the tests of all pages share. Used by tests/bench and tests/load."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
sys.path.insert(0, os.path.join(ROOT, 'tools', 'common', 'page'))
import page  # noqa: E402

CHROMIUM = shutil.which('chromium')
# With chart.js, where it is installed, and without.
CHARTS = [''] + [page.CHART_JS] * os.path.exists(page.CHART_JS)
HOSTILE = '</script><img src=x onerror=alert(1)><!--\x1b[31m\r\n\0\u2028\u202e & "\''
REQUESTS = ('src="http', "src='http", 'src="//', 'href="http', "href='http", 'href="//', 'url(', '@import',
            '<link', '<img', '<iframe', 'fetch(', 'XMLHttpRequest', 'import(')


def value_in(text):
    """The value that a page holds; one element has it, and nothing in it can end the element."""
    found = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert len(found) == 1 and not re.search(r'[<>&]|[^ -~]', found[0]), found
    return json.loads(found[0])


def asks_for_nothing(test, text):
    test.assertIn("content=\"default-src 'none'; script-src 'unsafe-inline'", text)
    for request in REQUESTS:
        test.assertNotIn(request, text)
    # What is drawn by chart.js has its license.
    test.assertEqual('new Chart(' in text, 'Released under the MIT License' in text)


def rendered(text, actions='', width=1280):
    """The document after its script and `actions` have run in a browser. Errors fail the call."""
    watch = "<script>window.onerror = (text) => { document.title = `ERROR ${text}`; };</script>"
    text = text.replace('<body>', '<body>' + watch) + f'<script>{actions}</script>'
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'page.html')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        done = subprocess.run(
            [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=5000',
             f'--user-data-dir={folder}/profile', f'--window-size={width},2000', '--dump-dom',
             f'file://{path}'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
            timeout=60)  # a dialog that a name opens would wait for ever
    assert '<title>ERROR' not in done.stdout, re.search('<title>(.*?)</title>', done.stdout).group(1)
    # The scripts and the data are text of the document, too.
    return re.sub(r'<script.*?</script>', '', done.stdout, flags=re.S)


def too_wide(text, width=390):
    """Elements that reach beyond a screen of this width; what scrolls by itself may."""
    # The window of a browser has a least width, so the document gets one of its own.
    shown = rendered(text, f"""
        document.documentElement.style.width = '{width}px';
        window.dispatchEvent(new Event('resize'));
        const beyond = [...document.body.querySelectorAll('*')].filter((one) =>
          !one.closest('.scroll, canvas') && one.getBoundingClientRect().right > {width} + 0.5);
        document.title = `beyond: ${{beyond.map((one) => one.outerHTML.slice(0, 80)).join()}}`;""", width)
    return re.search('<title>beyond: (.*?)</title>', shown, re.S).group(1)
