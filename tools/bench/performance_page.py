#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes the figures of one run of admit-bench into docs/performance.md. Used by tools/bench.sh.

    performance_page.py RESULTS.json PAGE.md

Replaces the text between the two marks in PAGE; the rest is written by hand. Names on standard error
the missed targets that the text written by hand does not explain.
"""

import re
import sys

import result_tables

BEGIN = '<!-- measured: written by tools/bench.sh --docs -->'
END = '<!-- end of what is measured -->'


def markdown(table):
    align = [':--'] + ['--:'] * (len(table.head) - 1)
    return ''.join('| ' + ' | '.join(line) + ' |\n' for line in (table.head, align, *table.rows)) + '\n'


def section(table, note=''):
    return f'### {table.title}\n\n{note}{markdown(table)}' if table.rows else ''


def paragraph(text):
    return text + '\n\n' if text else ''


def measured_text(results):
    curves = [result_tables.growth(curve) for curve in results['curves']]
    return (paragraph(result_tables.machine_text(results)) +
            section(result_tables.targets(results)) +
            section(result_tables.work(results),
                    paragraph('Nanoseconds for each operation and thread.')) +
            paragraph(result_tables.transfer_text(results)) +
            section(result_tables.observations(results)) +
            ('### Growth\n\nNanoseconds.\n\n' if curves else '') +
            ''.join(f'{curve.title}:\n\n{markdown(curve)}' for curve in curves))


def unexplained(results, text):
    return [target['title'] for target in results['targets']
            if target['verdict'] != 'met' and target['title'] not in text]


def main(source, page):
    results = result_tables.load(source)
    with open(page, encoding='utf-8') as file:
        text = file.read()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f'{page} lacks the marks {BEGIN} and {END}')
    for title in unexplained(results, before + after):
        print(f'missed, and not explained in {page}: {title}', file=sys.stderr)
    text = f'{before}{BEGIN}\n\n{measured_text(results).rstrip()}\n\n{END}{after}'
    text = re.sub(r'[ \t]+$', '', text, flags=re.M)
    with open(page, 'w', encoding='utf-8') as file:
        file.write(text)


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
