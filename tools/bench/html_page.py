#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes one run of admit-bench as an HTML page that needs no other file. Used by tools/bench.sh.

    html_page.py RESULTS.json PAGE.html

jinja2 fills in html_page.html.j2, gnuplot draws the curves.
"""

import os
import subprocess
import sys

import jinja2

import result_tables

COLOURS = {'admit': '#1565c0', 'mutex': '#c62828', 'sharded': '#ef8f00'}
PLOT = '''
set terminal svg size 560,320 dynamic font 'sans,11' noenhanced name '{name}' background '#ffffff'
set logscale {axes}
set format '%.0f'
set grid ytics linecolor '#cccccc'
set key top left
set xlabel {x_label}
set ylabel 'ns'
'''


def quoted(text):
    """A string of gnuplot."""
    return "'" + text.replace("'", "''") + "'"


def svg(curve):
    """The curve as an SVG element; empty if no point of it was measured."""
    blocks, lines = [], []
    for line in curve['lines']:
        points = [(point['at'], result_tables.median(point)) for point in line['points']]
        measured = [f'{at} {cost}' for at, cost in points if cost is not None]
        if measured:
            name = line['system']
            blocks.append(f'${name} << END\n' + '\n'.join(measured) + '\nEND\n')
            lines.append(f"${name} with linespoints pointtype 7 pointsize 0.5 linewidth 2 "
                         f"linecolor '{COLOURS[name]}' title {quoted(name)}")
    if not lines:
        return ''
    script = PLOT.format(name=curve['name'], axes='xy' if curve['logarithmic'] else 'y',
                         x_label=quoted(curve['x']))
    drawn = subprocess.run(['gnuplot'], input=script + ''.join(blocks) + 'plot ' + ', '.join(lines) +
                           '\n', text=True, check=True, stdout=subprocess.PIPE).stdout
    return drawn[drawn.index('<svg'):]


def html(results):
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(os.path.dirname(__file__)),
                                     autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    curves = [result_tables.growth(curve) for curve in results['curves']]
    return environment.get_template('html_page.html.j2').render(
        machine=result_tables.machine_text(results), transfer=result_tables.transfer_text(results),
        first=result_tables.targets(results),
        plots=[(curve['title'], svg(curve)) for curve in results['curves']],
        tables=[result_tables.work(results), *curves, result_tables.observations(results)])


def main(source, page):
    text = html(result_tables.load(source))
    with open(page, 'w', encoding='utf-8') as file:
        file.write(text)


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
