# SPDX-License-Identifier: BSL-1.0
"""An ngircd on loopback apart from the system's: all its files are in one folder.

Used by run_demo.py and by tests/e2e.
"""

import os
import pwd
import subprocess

# Beside what is built in, ngircd keeps users waiting (penalties) and takes few of one address.
OPEN = {'MaxConnectionsIP': 0, 'MaxPenaltyTime': 0, 'MaxNickLength': 20}


NAME = 'irc.admit.invalid'


def configuration(folder, port, limits, tls_port=None, name=NAME, more=None):
    """The text of ngircd.conf; all paths are absolute, and nothing is looked up.

    `more` has further sections and their keys.
    """
    motd = os.path.join(folder, 'motd')
    values = {'Name': name, 'Info': 'admit-ircbot', 'Listen': '127.0.0.1',
              'Ports': port, 'MotdFile': motd, 'HelpFile': motd, 'AdminInfo1': 'admit-ircbot'}
    if os.geteuid() == 0:
        values.update(ServerUID='nobody', ServerGID=pwd.getpwnam('nobody').pw_gid)
    sections = {'Global': values, 'Limits': limits,
                'Options': {'PAM': 'no', 'Ident': 'no', 'DNS': 'no', 'OperCanUseMode': 'yes',
                            'IncludeDir': os.path.join(folder, 'conf.d')}}
    if tls_port:
        sections['SSL'] = {'CertFile': os.path.join(folder, 'cert.pem'),
                           'KeyFile': os.path.join(folder, 'key.pem'), 'Ports': tls_port}
    sections.update(more or {})
    return ''.join(f'[{section}]\n' + ''.join(f'{key} = {value}\n' for key, value in keys.items())
                   for section, keys in sections.items())


def prepare(folder, port, limits=None, motd='welcome', **more):
    """Fills the folder. Started by root, ngircd runs as a user that has to be able to read it."""
    os.chmod(folder, 0o755)
    os.mkdir(os.path.join(folder, 'conf.d'))
    for file_name, text in (('motd', motd + '\n'),
                            ('ngircd.conf', configuration(folder, port, limits or OPEN, **more))):
        with open(os.path.join(folder, file_name), 'w', encoding='utf-8') as file:
            file.write(text)


def start(folder, **how):
    return subprocess.Popen(['ngircd', '-n', '-f', os.path.join(folder, 'ngircd.conf')], text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, errors='replace', **how)


READY = r'Server ".*" .*ready'
