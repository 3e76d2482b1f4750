#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""What is installed, and what is refused rather than changed. With an apt that changes nothing."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../tools/common'))
import held_back  # noqa: E402
import installing  # noqa: E402
import packages  # noqa: E402
from console import BAD_USAGE, LACKING, Stop  # noqa: E402


def package(name, present=False, optional=False):
    return packages.Package(name, f'why {name}', lambda: present, optional)


def server(name, service):
    return packages.Package(name, f'why {name}', lambda: False, service=service)


class FakeApt:
    """Knows some versions, more after an update; notes what it is asked to do."""

    def __init__(self, known=None, after_update=None, removes=None, fails=0, no_root=None):
        self.known = known or {}
        self.after_update = after_update or {}
        self.removes = removes or {}
        self.fails = fails  # installs in vain
        self.no_root = no_root
        self.done = []

    def present(self):
        return True

    def become_root(self):
        return self.no_root

    def candidate(self, name):
        return self.known.get(name)

    def names(self, prefix):
        return [name for name in self.known if name.startswith(prefix)]

    def removed_by(self, names):
        return [gone for name in names for gone in self.removes.get(name, [])]

    def update(self):
        self.done.append('update')
        self.known = {**self.known, **self.after_update}
        return True

    def install(self, names):
        self.done.append(('install', *names))
        self.fails -= 1
        return self.fails < 0

    def install_servers(self, names, services):
        self.done.append(('servers', *names, *services))
        return True

    def unpack(self, name, _directory):
        self.done.append(('unpack', name))
        return True


class Installing(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.said = []
        self.boost = True
        for module, name, fake in (
                (installing, 'say', lambda *words: self.said.append(' '.join(words))),
                (packages, 'boost_present', lambda: self.boost),
                (packages, 'PRIVATE_BOOST', os.path.join(self.folder, 'build-boost'))):
            patch = mock.patch.object(module, name, fake)
            patch.start()
            self.addCleanup(patch.stop)
        environment = mock.patch.dict(os.environ)
        environment.start()
        self.addCleanup(environment.stop)

    def refused(self, apt, *wanted):
        with self.assertRaises(Stop) as stop:
            installing.Installer(apt).install(wanted)
        self.assertNotIn('install', [each[0] for each in apt.done])
        return stop.exception.code, str(stop.exception)

    def test_nothing_is_asked_when_all_is_there(self):
        installing.Installer(None).install([package('a', present=True)])

    def test_what_is_missing_is_named_with_its_reason_and_installed_once(self):
        apt = FakeApt({'a': '1', 'b': '1'})
        a = package('a')
        installing.Installer(apt).install([a, package('c', present=True), package('b'), a])
        self.assertEqual(apt.done, [('install', 'a', 'b')])
        self.assertTrue(any('why b' in line for line in self.said))

    def test_lists_are_refreshed_only_if_they_lack_something(self):
        apt = FakeApt({'a': '1'}, after_update={'b': '1'})
        installing.Installer(apt).install([package('a'), package('b')])
        self.assertEqual(apt.done, ['update', ('install', 'a', 'b')])

    def test_an_install_that_fails_is_tried_again_with_fresh_lists_once(self):
        apt = FakeApt({'a': '1'}, fails=1)
        installing.Installer(apt).install([package('a')])
        self.assertEqual(apt.done, [('install', 'a'), 'update', ('install', 'a')])
        with self.assertRaises(Stop) as stop:
            installing.Installer(FakeApt({'a': '1'}, fails=2)).install([package('a')])
        self.assertEqual(stop.exception.code, LACKING)

    def test_an_optional_package_that_does_not_exist_is_left_out(self):
        apt = FakeApt({'a': '1'})
        installing.Installer(apt).install([package('a'), package('old', optional=True)])
        self.assertEqual(apt.done, ['update', ('install', 'a')])

    def test_nothing_is_removed(self):
        code, why = self.refused(FakeApt({'a': '1'}, removes={'a': ['theirs']}), package('a'))
        self.assertEqual(code, LACKING)
        self.assertIn('would remove: theirs', why)

    def test_without_root_the_packages_are_named(self):
        code, why = self.refused(FakeApt({'a': '1'}, no_root='there is no sudo'), package('a'))
        self.assertEqual(code, LACKING)
        self.assertRegex(why, 'there is no sudo.*by hand.* a$')

    def test_boost_is_the_first_package_that_is_new_enough(self):
        self.boost = False
        for known, chosen in (({'libboost-dev': '1.74.0.3', 'libboost1.81-dev': '1.81.0-5'},
                               'libboost1.81-dev'),
                              ({'libboost-dev': '1.83.0.1ubuntu2'}, 'libboost-dev'),
                              ({'libboost-dev': '1.74', 'libboost1.9-dev': '1.9.0',
                                'libboost1.90-dev': '1.90.0'}, 'libboost1.90-dev')):
            apt = FakeApt(known)
            installing.Installer(apt).install([])
            self.assertEqual(apt.done[-1], ('install', chosen))

    def test_a_release_without_such_a_boost_is_told_so(self):
        self.boost = False
        code, why = self.refused(FakeApt({'libboost-dev': '1.74.0'}))
        self.assertEqual(code, LACKING)
        self.assertIn('no Boost >= 1.81', why)

    def test_a_boost_that_would_remove_another_is_unpacked_beside_the_build(self):
        self.boost = False
        for _ in range(2):  # the second time into what the first has made
            apt = FakeApt({'libboost1.81-dev': '1.81.0'}, removes={'libboost1.81-dev': ['theirs']})
            installing.Installer(apt).install([])
            self.assertEqual(apt.done, [('unpack', 'libboost1.81-dev')])
            self.assertEqual(os.environ['BOOST_ROOT'], os.path.join(packages.PRIVATE_BOOST, 'usr'))

    def test_a_directory_of_that_name_that_is_not_ours_is_not_touched(self):
        self.boost = False
        os.mkdir(packages.PRIVATE_BOOST)
        precious = os.path.join(packages.PRIVATE_BOOST, 'precious')
        with open(precious, 'w', encoding='utf-8'):
            pass
        apt = FakeApt({'libboost1.81-dev': '1.81.0'}, removes={'libboost1.81-dev': ['theirs']})
        code, why = self.refused(apt)
        self.assertEqual((code, apt.done), (BAD_USAGE, []))
        self.assertIn('not touched', why)
        self.assertTrue(os.path.exists(precious))

    def test_in_a_read_only_tree_a_copy_is_asked_for(self):
        self.boost = False
        apt = FakeApt({'libboost1.81-dev': '1.81.0'}, removes={'libboost1.81-dev': ['theirs']})
        with mock.patch.object(packages, 'PRIVATE_BOOST', '/proc/boost'):
            code, why = self.refused(apt)
        self.assertEqual((code, apt.done), (BAD_USAGE, []))
        self.assertRegex(why, '/proc/boost .*: set BOOST_ROOT, or work in a copy')
        with mock.patch.object(installing, 'Apt', lambda _: apt), self.assertRaises(Stop) as stop:
            installing.unpack(['a'], '/proc/libraries', True)
        self.assertEqual((stop.exception.code, apt.done), (BAD_USAGE, []))


    def test_servers_are_installed_apart(self):
        apt = FakeApt({'a': '1', 'irc': '1', 'web': '1'})
        installing.Installer(apt).install([server('irc', 'ircd'), package('a'), server('web', 'httpd')])
        self.assertEqual(apt.done, [('install', 'a'), ('servers', 'irc', 'web', 'ircd', 'httpd')])


class HeldBack(unittest.TestCase):
    """In a folder of the test's own; `update-rc.d` is a command that notes its arguments."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.policy = os.path.join(self.folder, 'policy-rc.d')
        self.noted = os.path.join(self.folder, 'noted')
        self.write('update-rc.d', f'#!/bin/sh\necho "$@" >> {self.noted}\n')
        self.said = []
        for patch in (mock.patch.object(held_back, 'POLICY', self.policy),
                      mock.patch.object(installing, 'say', self.said.append),
                      mock.patch.dict(os.environ, PATH=f'{self.folder}:{os.environ["PATH"]}')):
            patch.start()
            self.addCleanup(patch.stop)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(path, 0o755)

    def asked(self, service='ircd'):
        """What the policy says to a start; None without a policy."""
        if not os.path.exists(self.policy):
            return None
        return subprocess.run([self.policy, service, 'start'], check=False).returncode

    def test_within_nothing_starts_and_afterwards_the_policy_is_gone(self):
        with held_back.nothing_starts([], ['ircd']):
            self.assertEqual(self.asked(), 101)
        self.assertIsNone(self.asked())

    def test_the_policy_goes_when_apt_fails_or_the_run_is_stopped(self):
        with self.assertRaises(OSError), held_back.nothing_starts([], ['ircd']):
            raise OSError
        self.assertIsNone(self.asked())
        before = signal.getsignal(signal.SIGTERM)
        with self.assertRaises(KeyboardInterrupt), held_back.nothing_starts([], ['ircd']):
            os.kill(os.getpid(), signal.SIGTERM)
        self.assertIsNone(self.asked())
        self.assertEqual(signal.getsignal(signal.SIGTERM), before)

    def test_a_policy_of_the_machine_stays_as_it_is(self):
        text = '#!/bin/sh\n# theirs\nexit 101\n'
        self.write('policy-rc.d', text)
        with held_back.nothing_starts([], ['ircd']):
            self.assertEqual(self.asked(), 101)
        with open(self.policy, encoding='utf-8') as file:
            self.assertEqual(file.read(), text)

    def test_a_policy_of_the_machine_that_starts_services_is_refused(self):
        self.write('policy-rc.d', '#!/bin/sh\n[ "$1" != ircd ]\n')
        with self.assertRaises(Stop) as stop, held_back.nothing_starts([], ['ircd']):
            self.fail('went on')
        self.assertEqual(stop.exception.code, LACKING)
        self.assertIn('ircd', str(stop.exception))
        self.assertEqual(self.asked(), 1)

    def test_a_policy_that_a_killed_run_left_behind_goes(self):
        self.write('policy-rc.d', held_back.TEXT)
        with held_back.nothing_starts([], ['ircd']):
            self.assertEqual(self.asked(), 101)
        self.assertIsNone(self.asked())

    def test_servers_are_disabled_after_apt_has_run_under_the_policy(self):
        apt = installing.Apt(True)
        apt.install = lambda names: (names, self.asked()) == (['irc'], 101)
        self.assertTrue(apt.install_servers(['irc'], ['ircd']))
        with open(self.noted, encoding='utf-8') as file:
            self.assertEqual(file.read(), 'ircd disable\n')
        self.assertIsNone(self.asked())
        self.assertEqual(self.said, ['note: the servers of irc were neither started nor enabled'])


if __name__ == '__main__':
    unittest.main()
