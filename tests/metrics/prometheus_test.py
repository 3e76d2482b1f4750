#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Debian's Prometheus scrapes the example: each query of the dashboard and each alert has samples.

    prometheus_test.py PROGRAM

The server is this test's own: on a free port of loopback, in a temporary folder.
"""

import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.dont_write_bytecode = True
import serving  # noqa: E402

CONFIGURATION = '''\
global: {{scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms}}
rule_files: ["{alerts}"]
scrape_configs:
  - job_name: bot
    static_configs: [{{targets: ["{target}"]}}]
'''
VARIABLES = {'$engine': '.*', '$__rate_interval': '30s'}  # as Grafana replaces them


class Prometheus:
    """A server that scrapes one address. Leaving stops it, and its folder goes."""

    def __init__(self, target):
        self.folder = tempfile.TemporaryDirectory()
        configuration = os.path.join(self.folder.name, 'prometheus.yml')
        with open(configuration, 'w', encoding='utf-8') as file:
            file.write(CONFIGURATION.format(alerts=serving.ALERTS, target=target))
        self.log = open(os.path.join(self.folder.name, 'log'), 'w+', encoding='utf-8')
        self.process = subprocess.Popen(
            ['prometheus', f'--config.file={configuration}', '--log.level=warn',
             f'--storage.tsdb.path={self.folder.name}/data', '--web.listen-address=127.0.0.1:0'],
            stdout=self.log, stderr=self.log, cwd=self.folder.name)
        self.url = f'http://127.0.0.1:{self.until(lambda: serving.port_of(self.process.pid))}'
        self.until(lambda: serving.ask(f'{self.url}/-/ready')[0] == 200)

    def close(self):
        self.process.terminate()
        self.process.wait(serving.PATIENCE)
        self.log.close()
        self.folder.cleanup()

    def until(self, happens):
        """What `happens` says when it is something. The server tells nothing by itself."""
        last = time.monotonic() + serving.PATIENCE
        while time.monotonic() < last:
            if self.process.poll() is not None:
                break
            if said := happens():
                return said
            time.sleep(0.05)
        self.log.seek(0)
        raise AssertionError(f'not within {serving.PATIENCE} s; the log of Prometheus:\n{self.log.read()}')

    def api(self, path, **arguments):
        status, _, text = serving.ask(f'{self.url}/api/v1/{path}?{urllib.parse.urlencode(arguments)}')
        answer = json.loads(text)
        if status != 200 or answer['status'] != 'success':
            raise AssertionError(f'{path} {arguments}: {text}')
        return answer['data']

    def values(self, query):
        """The values of an instant query."""
        return [float(each['value'][1]) for each in self.api('query', query=query)['result']]


def for_prometheus(query):
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    return query


def dashboard():
    return json.loads(serving.text_of(serving.DASHBOARD))


class Server(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        example = serving.Serving(PROGRAM)
        cls.addClassCleanup(example.__exit__)
        cls.server = Prometheus(example.address)
        cls.addClassCleanup(cls.server.close)
        # Rates need two samples, and the first waits and rejections have to be over.
        cls.server.until(lambda: cls.server.values(
            'count_over_time(admit_active[1m]) >= 8 and admit_overstayed_total >= 0'))
        cls.server.until(lambda: cls.server.values('sum(rate(admit_wait_seconds_count[30s])) > 0'))
        cls.server.until(lambda: cls.server.values('sum(rate(admit_rejected_total[30s])) > 0'))

    def has_samples(self, query):
        query = for_prometheus(query)
        now = time.time()
        found = self.server.api('query_range', query=query, start=now - 2, end=now, step=0.5)['result']
        self.assertTrue(found, f'no samples: {query}')
        for series in found:
            self.assertTrue(any(math.isfinite(float(value)) for _, value in series['values']),
                            f'only {series["values"][:3]}: {query}')

    def test_the_target_is_up(self):
        self.assertEqual(self.server.values('up'), [1])

    def test_each_query_of_the_dashboard_has_samples(self):
        queries = [target['expr'] for panel in dashboard()['panels'] for target in panel['targets']]
        self.assertGreater(len(queries), 12)
        for query in queries:
            with self.subTest(query):
                self.has_samples(query)

    def test_a_query_without_samples_is_seen(self):
        for query in ('admit_gone{engine=~"$engine"}', 'admit_active{engine="another"}', '0 / (admit_limit * 0)'):
            with self.assertRaises(AssertionError):
                self.has_samples(query)

    def test_the_dashboard_finds_the_engines(self):
        [variable] = [each for each in dashboard()['templating']['list'] if each['name'] == 'engine']
        metric, label = re.fullmatch(r'label_values\((\w+), (\w+)\)', variable['query']['query']).groups()
        self.assertEqual(self.server.api(f'label/{label}/values', **{'match[]': metric}), ['bot'])

    def test_the_dashboard_shows_each_metric_and_asks_the_chosen_server(self):
        shown = json.dumps([panel['targets'] for panel in dashboard()['panels']])
        listed = re.findall(r'^\| `(admit_\w+)` \|', serving.text_of(serving.PAGE), re.M)
        self.assertEqual([name for name in listed if name not in shown], [])
        for panel in dashboard()['panels']:
            for source in (panel['datasource'], *(target['datasource'] for target in panel['targets'])):
                self.assertEqual(source, {'type': 'prometheus', 'uid': '${datasource}'})

    def test_the_alerts_are_evaluated(self):
        def rules():
            found = [rule for group in self.server.api('rules')['groups'] for rule in group['rules']]
            return found if all(rule['health'] == 'ok' for rule in found) else None
        self.assertEqual([rule['name'] for rule in self.server.until(rules)], serving.alerts())

    def test_what_the_alerts_compare_has_samples(self):
        for rule in [rule for group in self.server.api('rules')['groups'] for rule in group['rules']]:
            with self.subTest(rule['name']):
                value, sign = re.subn(r'\s*(?:>=|>)\s*[\d.]+$', '', rule['query'])
                self.assertEqual(sign, 1)
                self.has_samples(value)


if __name__ == '__main__':
    serving.skip_without('prometheus')
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)
