# SPDX-License-Identifier: BSL-1.0
"""Tables of one run of admit-bench, made from its JSON. Used by performance_page.py, html_page.py."""

import json
from typing import NamedTuple

VERDICTS = {'met': 'met', 'missed': '**missed**', 'unknown': '**not measured**'}


class Table(NamedTuple):
    title: str
    head: list
    rows: list


def load(path):
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def brief(number):
    """Three or four digits that count: 23.51, 412.3, 71,203."""
    if number is None:
        return '-'
    if number >= 1000 or number == int(number):
        return f'{number:,.0f}'
    return f'{number:.2f}' if number < 100 else f'{number:.1f}'


def median(node):
    return node['figure']['median'] if node and node['figure'] else None


def ratio(numerator, denominator):
    known = numerator is not None and denominator is not None
    return f'{numerator / denominator:.2f} x' if known else '-'


def machine_text(results):
    machine = results['machine']
    return (f'{machine["processor"]}, {machine["cores"]} cores; {machine["system"]}; '
            f'{results["compiler"]}; `{results["flags"]}`; {results["allocator"]}.')


def targets(results):
    rows = []
    for target in results['targets']:
        unit = ' x' if target['of'] else ''
        rows.append([target['title'], brief(target['at_most']) + unit, brief(target['is']) + unit,
                     VERDICTS[target['verdict']], f'`{target["figure"]}`' +
                     (f' / `{target["of"]}`' if target['of'] else '')])
    return Table('Targets', ['target', 'at most', 'is', '', 'figure'], rows)


def work(results):
    by_name = {row['name']: row for row in results['rows']}
    floor = median(by_name.get('floor5/steps/1'))
    rows = []
    for row in results['rows']:
        if row['system'] not in ('admit', 'counts', 'steps'):
            continue
        engine = median(row)
        compared = row['work'] if row['system'] == 'admit' else None
        baselines = [median(by_name.get(f'{compared}/{name}/{row["threads"]}'))
                     for name in ('mutex', 'sharded')]
        rows.append([row['title'], str(row['threads']), brief(engine), ratio(engine, floor)] +
                    [cell for baseline in baselines
                     for cell in (brief(baseline), ratio(baseline, engine))])
    return Table('Work', ['what', 'threads', 'ns', '/ floor', 'mutex', '/ ours', 'sharded', '/ ours'],
                 rows)


def observations(results):
    return Table('Other figures', ['what', 'value', 'unit'],
                 [[observation['title'], brief(median(observation)), observation['unit']]
                  for observation in results['observations']])


def growth(curve):
    """The cost of each system at each point of a curve."""
    return Table(curve['title'][0].upper() + curve['title'][1:],
                 [curve['x']] + [brief(point['at']) for point in curve['lines'][0]['points']],
                 [[line['system']] + [brief(median(point)) for point in line['points']]
                  for line in curve['lines']])


def transfer_text(results):
    """The cost of a shared cache line between two threads; empty if no row had two threads."""
    costs = [row['figure']['line_ns'] for row in results['rows']
             if row['figure'] and 'line_ns' in row['figure']]
    if not costs:
        return ''
    return ('While two threads were measured, one step of each on each of two shared lines cost '
            f'{brief(min(costs))} ns.')
