# SPDX-License-Identifier: BSL-1.0
"""The bot under test: a process with a configuration in a temporary folder; its log and metrics."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import urllib.request

from server import PATIENCE, free_port

DEFAULTS = {
    'server': {'channels': ['#work'], 'control_channel': '#ops', 'ping_every': '500ms',
               'reconnect_min': '100ms', 'reconnect_max': '500ms'},
    'limits': {'max_concurrent': 20, 'max_per_user': 5, 'max_waiting': 100,
               'max_waiting_per_user': 5, 'idle_timeout': '60s', 'max_duration': '2m'},
    'talk': {'wait_at_most': '60s', 'grace': '2s', 'warn_before': '1s', 'places_every': '200ms',
             'drain_deadline': '5s'},
    'sending': {'burst': 100, 'lines_per_second': 200},
}


def toml(sections):
    """Every value of these tests is written in JSON as in TOML."""
    return ''.join(f'[{name}]\n' + ''.join(f'{json.dumps(key) if "@" in key else key} = {json.dumps(value)}\n'
                                           for key, value in keys.items())
                   for name, keys in sections.items())


class Bot:
    def __init__(self, program, port, **sections):
        self.folder = tempfile.mkdtemp(prefix='admit-ircbot-')
        self.config = {name: {**values, **sections.pop(name, {})}
                       for name, values in DEFAULTS.items()}
        self.config['server'].setdefault('port', port)
        self.metrics_port = free_port()
        self.config.update({'metrics': {'address': f'127.0.0.1:{self.metrics_port}'}, **sections})
        self.events = []
        self.write_config()
        self.process = subprocess.Popen([program, self.config_path()], text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def config_path(self):
        return os.path.join(self.folder, 'bot.toml')

    def write_config(self):
        with open(self.config_path(), 'w', encoding='utf-8') as file:
            file.write(toml(self.config))

    def _read(self):
        with self.process.stdout as pipe:
            for line in pipe:
                self.events.append(json.loads(line))  # each line is JSON, or the reader dies

    def count(self, event, **fields):
        return len(self.all(event, **fields))

    def all(self, event, **fields):
        return [one for one in list(self.events)
                if one['event'] == event and fields.items() <= one.items()]

    def metrics(self):
        """Each sample by its name and labels, as Prometheus reads them."""
        with urllib.request.urlopen(f'http://127.0.0.1:{self.metrics_port}/metrics',
                                    timeout=PATIENCE) as answer:
            text = answer.read().decode()
        return {match.group(1): float(match.group(2)) for match in
                re.finditer(r'^([a-z_]+(?:\{[^}]*\})?) (\S+)$', text, re.M)}

    def metric(self, name, **labels):
        """The sum of the samples of that name that have these labels."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(value for sample, value in self.metrics().items()
                   if sample.partition('{')[0] == name and all(label in sample for label in wanted))

    def signal(self, number):
        self.process.send_signal(number)

    def close(self):
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)
