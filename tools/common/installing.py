# SPDX-License-Identifier: BSL-1.0
"""Installs what is missing by apt-get: the only place in tools/ that installs anything.

Each package is shown with its reason first. Nothing is ever removed, and apt is not asked when
everything is there.
"""

import glob
import os
import re
import shutil
import subprocess

import held_back
import packages
from console import (BAD_USAGE, COPY_THE_SOURCES, LACKING, Stop, announce, on_terminal, say,
                     writing_to)

BOOST_MARKER = '.admit-unpacked'  # in the directory of unpacked headers: it may be removed


def mark(directory):
    with open(os.path.join(directory, BOOST_MARKER), 'w', encoding='utf-8') as file:
        file.write('made by tools/common/installing.py, which may remove this directory\n')


def dotted(version):
    return '.'.join(map(str, version))


def by_hand(missing, boost):
    names = [package.name for package in missing]
    if boost:
        names.append(f'libboost1.81-dev (or any Boost >= {dotted(packages.WANTED_BOOST)})')
    return f'Please install by hand (names as on Debian and Ubuntu): {" ".join(names)}'


class Apt:
    """apt-get and apt-cache. Tests put another class in its place."""

    def __init__(self, assume_yes):
        self.assume_yes = assume_yes
        self.as_root = []

    def present(self):
        return shutil.which('apt-get') is not None

    def become_root(self):
        """None, or why there is no root."""
        if os.geteuid() == 0:
            return None
        if shutil.which('sudo') is None:
            return 'there is no sudo'
        if not on_terminal() and subprocess.run(['sudo', '-n', 'true'], check=False,
                                                stderr=subprocess.DEVNULL).returncode:
            return 'sudo asks for a password'
        self.as_root = ['sudo']
        return None

    @staticmethod
    def _ask(*command):
        return subprocess.run(command, env={**os.environ, 'LC_ALL': 'C'}, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout

    def candidate(self, package):
        """The version that apt would install, or None."""
        found = re.search(r'^  Candidate: (.*)$', self._ask('apt-cache', 'policy', package), re.M)
        return None if found is None or found.group(1) == '(none)' else found.group(1)

    def names(self, prefix):
        return self._ask('apt-cache', 'pkgnames', prefix).split()

    def removed_by(self, names):
        """The installed packages that installing these would remove."""
        said = self._ask('apt-get', 'install', '-s', '-y', '--no-install-recommends', *names)
        return re.findall(r'^Remv (\S+)', said, re.M)

    def _run(self, *arguments):
        # Packages must not ask questions in the middle of a test run.
        command = [*self.as_root, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', *arguments]
        announce(command, self.assume_yes)
        return subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=2).returncode == 0

    def update(self):
        return self._run('update')

    def install(self, names):
        return self._run('install', '-y', '--no-install-recommends', *names)

    def install_servers(self, names, services):
        """Installs packages, and neither starts nor enables their servers."""
        with held_back.nothing_starts(self.as_root, services):
            installed = self.install(names)
        held_back.disable(self.as_root, services)
        if installed:
            say(f'note: the servers of {" ".join(names)} were neither started nor enabled')
        return installed

    def unpack(self, package, directory):
        command = ['apt-get', 'download', package]
        announce(command, self.assume_yes)
        if subprocess.run(command, check=False, cwd=directory, stdout=2).returncode:
            return False
        for file in glob.glob(os.path.join(directory, '*.deb')):
            if subprocess.run(['dpkg', '-x', file, directory], check=False).returncode:
                return False
            os.remove(file)
        return True


class Installer:
    def __init__(self, apt):
        self.apt = apt
        self.missing = []
        self.boost = False
        self.refreshed = False

    def fail(self, why):
        raise Stop(LACKING, f'{why}. {by_hand(self.missing, self.boost)}')

    def install(self, wanted):
        """Installs those of the wanted packages that are missing, and Boost."""
        self.missing = [package for package in dict.fromkeys(wanted) if not package.present()]
        self.boost = not packages.boost_present()
        if not self.missing and not self.boost:
            return
        if not self.apt.present():
            self.fail('something is missing, and this is no system with apt-get')
        why_not = self.apt.become_root()
        if why_not:
            self.fail(f'installing needs root, and {why_not}')
        self._find_candidates()
        if self.boost:
            self._find_boost()
        if self.missing:
            self._install()

    def _refresh(self):
        if not self.refreshed:
            self.refreshed = True
            say("apt's package lists lack something; refreshing them:")
            if not self.apt.update():
                self.fail('apt-get update failed')

    def _find_candidates(self):
        if any(self.apt.candidate(package.name) is None for package in self.missing):
            self._refresh()
        for package in list(self.missing):
            if package.optional and self.apt.candidate(package.name) is None:
                say(f'note: no package {package.name} here, without which this is skipped: '
                    f'{package.reason}')
                self.missing.remove(package)

    def _boost_package(self):
        # Debian 12's default Boost is 1.74 and its 1.81 a package of its own. Ubuntu's default is
        # new enough since 24.04.
        numbered = [name for name in self.apt.names('libboost1.')
                    if re.fullmatch(r'libboost1\.\d+-dev', name)]
        numbered.sort(key=lambda name: int(re.search(r'\.(\d+)', name).group(1)))
        for name in ('libboost1.81-dev', 'libboost-dev', *numbered):
            version = re.match(r'(\d+)\.(\d+)', self.apt.candidate(name) or '')
            if version and tuple(map(int, version.groups())) >= packages.WANTED_BOOST:
                return name
        return None

    def _find_boost(self):
        name = self._boost_package()
        if name is None:
            self._refresh()
            name = self._boost_package()
        wanted = dotted(packages.WANTED_BOOST)
        if name is None:
            self.fail(f'this release has no Boost >= {wanted} (Debian 12 and Ubuntu 24.04 do). '
                      'Set BOOST_ROOT to one, or install it')
        removed = self.apt.removed_by([name])
        if removed:
            say(f'installing {name} would remove: {" ".join(removed)}')
            self._unpack_boost(name)
        else:
            self.missing.append(packages.Package(
                name, f"Boost's headers, at least {wanted} (Asio, System, Lockfree)", lambda: False))
        self.boost = False

    def _unpack_boost(self, name):
        """Debian's Boost versions exclude each other. An older one stays: headers are enough."""
        directory = packages.PRIVATE_BOOST
        say(f'so its headers are unpacked into {directory} instead')
        if os.path.isdir(directory) and os.listdir(directory):
            if not os.path.exists(os.path.join(directory, BOOST_MARKER)):
                raise Stop(BAD_USAGE, f'{directory} was not made by these scripts, and is not touched: '
                           'move it away, or set BOOST_ROOT')
            shutil.rmtree(directory)
        with writing_to(directory, f'set BOOST_ROOT, or {COPY_THE_SOURCES}'):
            os.makedirs(directory, exist_ok=True)
            mark(directory)
        if not self.apt.unpack(name, directory):
            self.fail(f'could not fetch {name}')
        os.environ['BOOST_ROOT'] = os.path.join(directory, 'usr')

    def _install(self):
        say('Missing on this machine:')
        for package in self.missing:
            say(f'  {package.name:22} {package.reason}')
        removed = self.apt.removed_by([package.name for package in self.missing])
        if removed:
            self.fail(f'installing them would remove: {" ".join(removed)}')
        if self._ask_apt():
            return
        # The usual reason is a list that names files which the mirror no longer has.
        if not self.refreshed:
            self._refresh()
            if self._ask_apt():
                return
        self.fail('apt-get could not install them')

    def _ask_apt(self):
        servers = [package for package in self.missing if package.service]
        others = [package.name for package in self.missing if not package.service]
        return (not others or self.apt.install(others)) and (not servers or self.apt.install_servers(
            [server.name for server in servers], [server.service for server in servers]))


def unpack(names, directory, assume_yes):
    """Unpacks packages into a directory of their own, for those that installed ones exclude."""
    marker = os.path.join(directory, BOOST_MARKER)
    if os.path.exists(marker):
        return
    apt = Apt(assume_yes)
    if not apt.present():
        raise Stop(LACKING, f'{" ".join(names)} is needed, and this is no system with apt-get')
    if os.path.isdir(directory) and os.listdir(directory):
        raise Stop(BAD_USAGE, f'{directory} was not made by these scripts, and is not touched')
    with writing_to(directory, COPY_THE_SOURCES):
        os.makedirs(directory, exist_ok=True)
    for name in names:
        if not apt.unpack(name, directory):
            raise Stop(LACKING, f'could not fetch {name}')
    mark(directory)


def install(wanted, assume_yes):
    Installer(Apt(assume_yes)).install(wanted)
