#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes one run of admit-bench as an HTML page that needs no other file. Used by tools/bench.sh.

    html_page.py RESULTS.json PAGE.html
"""

import os
import sys

import result_tables

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'common', 'page'))
import page  # noqa: E402

SCRIPTS = [os.path.join(HERE, 'page.js')]


def value(results):
    """The results, and the tables that are made of them."""
    tables = [result_tables.work(results), *map(result_tables.growth, results['curves']),
              result_tables.observations(results)]
    return {**results, 'transfer': result_tables.transfer_text(results),
            'tables': [table._asdict() for table in tables if table.rows]}


def main(source, target):
    page.write(target, value(result_tables.load(source)), SCRIPTS)


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
