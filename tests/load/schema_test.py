#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Results are what `admit-load schema --report` says, by an independent validator.

    schema_test.py TOOL     TOOL is the path of admit-load
"""

import copy
import json
import os
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
except ImportError:
    jsonschema = None

TOOL = os.path.abspath(sys.argv.pop()) if len(sys.argv) > 1 else None
FILE = 'duration_s = 0.2\nthresholds = ["response_p99_ms < 0.001"]\n[[users]]\nstep_ms = 1\nwait_s = 1\n'


def report_of(*arguments):
    with tempfile.TemporaryDirectory() as folder:
        file, report = os.path.join(folder, 'bot.toml'), os.path.join(folder, 'report.json')
        with open(file, 'w', encoding='utf-8') as out:
            out.write(FILE)
        command = [file if word == 'FILE' else word for word in arguments]
        subprocess.run([TOOL, *command, '--quiet', '--json', report], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(report, encoding='utf-8') as made:
            return json.load(made)


def keys_in(node, at=()):
    """The paths to all keys that a report of one run has."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield (*at, key)
            yield from keys_in(child, (*at, key))
    elif isinstance(node, list) and node:
        yield from keys_in(node[0], (*at, 0))


def parent_of(report, path):
    for key in path[:-1]:
        report = report[key]
    return report


@unittest.skipIf(jsonschema is None, 'python3-jsonschema is not installed')
class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        text = subprocess.run([TOOL, 'schema', '--report'], check=True, capture_output=True).stdout
        cls.schema = json.loads(text)
        jsonschema.Draft7Validator.check_schema(cls.schema)
        cls.validator = jsonschema.Draft7Validator(cls.schema)

    def test_results_of_a_file_and_of_a_scenario_are_valid(self):
        for arguments in (('run', 'FILE', '--repeats', '2'), ('--quick', '--scenario', 'burst_load_pattern'),
                          ('--quick', '--wait', '5', '--scenario', 'sustained_load_5_minutes')):
            self.assertEqual([error.message for error in self.validator.iter_errors(report_of(*arguments))], [])

    def test_a_value_of_another_type_is_invalid_wherever_it_is(self):
        whole = report_of('run', 'FILE')
        paths = list(keys_in(whole))
        self.assertGreater(len(paths), 120)
        for path in paths:
            other = copy.deepcopy(whole)
            parent_of(other, path)[path[-1]] = [['another']]
            self.assertFalse(self.validator.is_valid(other), path)

    def test_every_key_is_described(self):
        whole = report_of('run', 'FILE')
        for path in keys_in(whole):
            node = self.schema
            for key in path:
                node = node.get('anyOf', [node])[0]
                node = node['items'] if key == 0 else \
                    node['properties'][key] if key in node.get('properties', ()) else node['additionalProperties']

    def test_a_key_that_is_gone_is_invalid(self):
        whole = report_of('run', 'FILE')
        for path in (('passed',), ('scenarios', 0, 'interrupted'), ('scenarios', 0, 'file', 'seed')):
            other = copy.deepcopy(whole)
            del parent_of(other, path)[path[-1]]
            self.assertFalse(self.validator.is_valid(other), path)


if __name__ == '__main__':
    unittest.main()
