# SPDX-License-Identifier: BSL-1.0
"""Shows the results of a mutation run: as lines, as JSON and as Markdown. Used by mutate.py."""

import json
import re
import sys

SUMMARY = re.compile(r'(.*): explored (\d+) executions, (\w+), up to (\d+|any) preemptions')


def print_result(result):
    detail = f'  [{result.mutant.detail}]' if result.mutant.detail else ''
    print(f'{result.state:<10}{result.mutant.id}{detail}  ({result.seconds:.0f} s)')
    for killer in result.killers:
        print(f'            {killer}')
    if result.failure:
        print(f'            by: {result.failure}')
    if result.state == 'explained':
        print(f'            {result.mutant.explanation}')
    if result.state == 'killed' and result.mutant.explanation:
        print('            note: its explanation in the table is out of date')
    if result.error:
        print(f'            {result.error}')
    sys.stdout.flush()


def count(results, *states):
    return sum(result.state in states for result in results)


def cell(text):
    return text.replace('|', '\\|').replace('\n', ' ')


def searches_table(explored):
    lines = ['### Explored', '', '| test | search | executions | preemptions | |',
             '|---|---|---:|---:|---|']
    for test, _, summary in explored:
        name, executions, complete, preemptions = SUMMARY.match(summary).groups()
        lines.append(f'| {test} | {cell(name)} | {int(executions):,} | {preemptions} | '
                     f'{complete} |')
    return lines


def killed_table(results):
    lines = ['| mutant | killed by |', '|---|---|']
    for result in results:
        if result.state == 'killed':
            first, more = result.killers[0], len(result.killers) - 1
            lines.append(f'| {cell(result.mutant.id)} | {cell(first)}'
                         f'{f" (and {more} more)" if more else ""} |')
    return lines


def survivors_table(results, state, title):
    rows = [f'| {cell(r.mutant.id)} | {cell(r.mutant.explanation or r.error)} |'
            for r in results if r.state == state]
    return ['', title, '', '| mutant | why |', '|---|---|', *rows] if rows else []


def as_markdown(explored, results):
    lines = [*searches_table(explored), '', '### Mutants', '',
             f'{len(results)} mutants: {count(results, "killed")} killed, '
             f'{count(results, "explained")} survive and are explained, '
             f'{count(results, "SURVIVED", "error")} are open.', '', *killed_table(results)]
    for state, title in (('explained', '### Survivors, explained'), ('SURVIVED', '### Open'),
                         ('error', '### Not built')):
        lines += survivors_table(results, state, title)
    return '\n'.join(lines) + '\n'


def as_json(explored, results):
    return json.dumps({
        'explored': [{'test': test, 'case': case, 'summary': summary}
                     for test, case, summary in explored],
        'mutants': [{'id': r.mutant.id, 'file': r.mutant.path, 'what': r.mutant.detail,
                     'state': r.state.lower(), 'killed_by': r.killers, 'failure': r.failure,
                     'explained': r.mutant.explanation, 'full_bounds': r.full, 'error': r.error,
                     'seconds': round(r.seconds, 1)} for r in results],
    }, indent=1) + '\n'
