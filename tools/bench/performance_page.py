#!/usr/bin/env python3
"""Puts the figures of one run of admit-bench into docs/performance.md.

    performance_page.py RESULTS.json PAGE.md

Replaces what stands between the two marks in PAGE; the rest of it is written by
hand. Says on stderr which missed targets the part by hand does not name.
"""

import json
import re
import sys

BEGIN = '<!-- measured: written by tools/bench.sh --docs -->'
END = '<!-- end of what is measured -->'
VERDICTS = {'met': 'met', 'missed': '**missed**', 'unknown': '**not measured**'}


def brief(number):
    if number is None:
        return '-'
    if number >= 1000 or number == int(number):
        return f'{number:,.0f}'
    return f'{number:.2f}' if number < 100 else f'{number:.1f}'


def table(head, rows):
    align = [':--'] + ['--:'] * (len(head) - 1)
    lines = [head, align, *rows]
    return ''.join('| ' + ' | '.join(line) + ' |\n' for line in lines) + '\n'


def median(node):
    return node['figure']['median'] if node and node['figure'] else None


def ratio(of, to):
    return f'{of / to:.2f} x' if of is not None and to else '-'


def run_text(results):
    machine = results['machine']
    return (f'{machine["processor"]}, {machine["cores"]} cores; {machine["system"]}; '
            f'{results["compiler"]}; `{results["flags"]}`; {results["allocator"]}.\n\n')


def targets_text(results):
    rows = []
    for one in results['targets']:
        unit = ' x' if one['of'] else ''
        rows.append([one['title'], brief(one['at_most']) + unit, brief(one['is']) + unit,
                     VERDICTS[one['verdict']], f'`{one["figure"]}`' +
                     (f' / `{one["of"]}`' if one['of'] else '')])
    return '### Targets\n\n' + table(['target', 'at most', 'is', '', 'figure'], rows)


def work_text(results):
    by_name = {one['name']: one for one in results['rows']}
    floor = median(by_name.get('floor5/steps/1'))
    rows = []
    for one in results['rows']:
        if one['system'] not in ('admit', 'steps'):
            continue
        ours = median(one)
        others = [median(by_name.get(f'{one["work"]}/{name}/{one["threads"]}'))
                  for name in ('mutex', 'sharded')]
        rows.append([one['title'], str(one['threads']), brief(ours), ratio(ours, floor)] +
                    [cell for other in others for cell in (brief(other), ratio(other, ours))])
    return ('### Work\n\nNanoseconds for each operation and thread.\n\n' +
            table(['what', 'threads', 'ns', '/ floor', 'mutex', '/ ours', 'sharded', '/ ours'], rows))


def curve_text(curve):
    head = [curve['x']] + [brief(point['at']) for point in curve['lines'][0]['points']]
    rows = [[line['system']] + [brief(median(point)) for point in line['points']]
            for line in curve['lines']]
    return f'{curve["title"][0].upper()}{curve["title"][1:]}:\n\n' + table(head, rows)


def others_text(results):
    rows = [[one['title'], brief(median(one)), one['unit']] for one in results['observations']]
    return '### Other figures\n\n' + table(['what', 'value', 'unit'], rows) if rows else ''


def lines_text(results):
    prices = sorted({one['figure']['line_ns'] for one in results['rows']
                     if one['figure'] and 'line_ns' in one['figure']})
    if not prices:
        return ''
    return (f'While two threads were measured, one step of each on each of two shared lines cost '
            f'{brief(prices[0])} ns.\n\n')


def measured_text(results):
    curves = ''.join(curve_text(one) for one in results['curves'])
    return (run_text(results) + targets_text(results) + work_text(results) + lines_text(results) +
            others_text(results) + ('### Growth\n\nNanoseconds.\n\n' + curves if curves else ''))


def unexplained(results, by_hand):
    return [one['title'] for one in results['targets']
            if one['verdict'] != 'met' and one['title'] not in by_hand]


def main(source, page):
    with open(source, encoding='utf-8') as file:
        results = json.load(file)
    with open(page, encoding='utf-8') as file:
        text = file.read()
    before, found, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        sys.exit(f'{page} lacks the marks between which the figures belong')
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
