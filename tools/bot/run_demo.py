# SPDX-License-Identifier: BSL-1.0
"""tools/run_bot_demo.sh: ngircd and admit-ircbot for a person with an IRC client."""

import os
import re
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../common'))
import builds  # noqa: E402
import installing  # noqa: E402
import ngircd  # noqa: E402
import packages  # noqa: E402
from console import LACKING, Stop, program, say  # noqa: E402
from options import Parser, whole_number  # noqa: E402

DESCRIPTION = '''\
Installs what is missing (Debian 12, Ubuntu 24.04: apt-get), builds
admit-ircbot, starts it and an ngircd on 127.0.0.1, and prints what to type.
Ctrl-C ends both. The ngircd of the system is neither started nor enabled: the
demo has one of its own, in a temporary folder. See docs/guide/bot.md.'''
EXIT_CODES = '''\
Exit codes: 0 ended by Ctrl-C or by !drain, 1 the build failed or the server
ended, 2 bad usage, 3 something is missing that cannot be installed from here.'''

CONFIGURATION = '''\
[server]
port = {port}
channels = ["#work"]
control_channel = "#ops"
[limits]
max_concurrent = 2     # small, so that one person sees the queue
max_per_user = 1
idle_timeout = "60s"
[sending]
burst = 10
lines_per_second = 5
[log]
file = "{folder}/decisions.jsonl"
[metrics]
address = "127.0.0.1:{metrics_port}"
'''
TEXT = '''
The server and the bot run. In another terminal, with a client of yours:

  irssi -c 127.0.0.1 -p {port} -n alice      (or weechat, or any other)

and there:

  /join #work
  /msg admit !work 10s        then again: "your limit is 1", and your place in line
  /msg admit !ask anything    a conversation; say bye, or wait until it is idle
  /msg admit !where           also !cancel and !stats
  /join #ops                  its operators are the bot's:
  /oper demo demo             makes you an operator of the server, and then of the channel
  /mode #ops +o alice
  /msg admit !limits 5 2      also !limit-of alice 3, !kick alice, !drain

  metrics    http://127.0.0.1:{metrics_port}/metrics
  decisions  {folder}/decisions.jsonl

Ctrl-C ends the bot and the server.
'''


def make_parser():
    parser = Parser('run_bot_demo.sh', DESCRIPTION, EXIT_CODES)
    parser.add_argument('--port', metavar='N', type=whole_number(1024, 65535), default=6667,
                        help='the port of the server (default: 6667)')
    parser.add_argument('--metrics-port', metavar='N', type=whole_number(1024, 65535), default=9464,
                        help='the port of the metrics (default: 9464)')
    parser.add_common(build_dir='build-g++')
    parser.offer_help()
    return parser


def build(options):
    installing.install([*packages.for_build('g++'), *packages.BOT, *packages.BOT_DEMO], options.yes)
    directory = options.build_dir or builds.default_directory('g++')
    builds.configure(directory, 'g++', builds.options(tools='enabled', bot='enabled',
                                                      metrics='enabled'))
    target = 'tools/bot/admit-ircbot'
    builds.build(directory, [target], options.jobs)
    return os.path.join(directory, target)


def start_server(folder, options):
    ngircd.prepare(folder, options.port, motd='The demo of admit-ircbot: join #work',
                   more={'Operator': {'Name': 'demo', 'Password': 'demo'}})
    # Ctrl-C is the demo's: the server ends behind the bot.
    server = ngircd.start(folder, start_new_session=True)
    said = []
    for line in server.stdout:
        said.append(line)
        if re.search(ngircd.READY, line):
            return server
    raise Stop(LACKING, f'ngircd did not start; is port {options.port} in use? --port names another\n'
               + ''.join(said[-5:]))


def run(bot, folder, options):
    numbers = {'port': options.port, 'metrics_port': options.metrics_port, 'folder': folder}
    path = os.path.join(folder, 'bot.toml')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(CONFIGURATION.format(**numbers))
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell has it ignored
        signal.signal(number, signal.default_int_handler)
    with subprocess.Popen([bot, path], start_new_session=True) as process:
        try:
            if process.poll() is None:
                say(TEXT.format(**numbers))
            return process.wait()
        except KeyboardInterrupt:
            say('\nending: the bot says goodbye first; Ctrl-C again ends it at once')
            process.terminate()
            try:
                return process.wait()
            except KeyboardInterrupt:
                process.terminate()
                process.wait()
                return 0


def main(arguments):
    options = make_parser().read(arguments)
    bot = build(options)
    with tempfile.TemporaryDirectory(prefix='admit-bot-demo-', ignore_cleanup_errors=True) as folder:
        server = start_server(folder, options)
        try:
            return run(bot, folder, options)
        finally:
            server.terminate()
            server.wait()


if __name__ == '__main__':
    program(main)
