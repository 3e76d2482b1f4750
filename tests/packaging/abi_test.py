#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The binary interface of admit.h is that of abi.xml: functions, types, sizes and places of members.

    abi_test.py [--write]    --write: writes abi.xml

abidw (package abigail-tools) describes a library with the functions of the header and empty bodies,
so that nothing of the implementation is in the description. Skipped without abidw, and on other processors than x86-64.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import shipped  # noqa: E402

DESCRIPTION = os.path.join(shipped.HERE, 'abi.xml')
HEADER = os.path.join(shipped.ROOT, 'include/admit/admit.h')
FUNCTION = re.compile(r'^ADMIT_API ([^;]*?\)) ADMIT_NOEXCEPT;', re.M)
SKIPPED = 77


def bodies(header):
    """A C source with an empty body for each function."""
    functions = FUNCTION.findall(header)
    return '#include <admit/admit.h>\n' + ''.join(
        f'ADMIT_API {each} {{ __builtin_trap(); }}\n' for each in functions), len(functions)


def describe(header, target):
    """Writes what abidw says of the library that a header stands for."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, 'admit'))
        with open(os.path.join(folder, 'admit/admit.h'), 'w', encoding='utf-8') as out:
            out.write(header)
        with open(os.path.join(folder, 'bodies.c'), 'w', encoding='utf-8') as out:
            out.write(bodies(header)[0])
        library = os.path.join(folder, 'libadmit.so')
        subprocess.run(['gcc', '-std=c11', '-g', '-fPIC', '-shared', '-I', folder, '-w',
                        os.path.join(folder, 'bodies.c'), '-o', library], check=True)
        subprocess.run(['abidw', '--no-corpus-path', '--no-comp-dir-path', '--no-show-locs',
                        '--out-file', target, library], check=True)


def differences(header):
    """What abidiff says of the stored description and a header; empty if they agree."""
    with tempfile.TemporaryDirectory() as folder:
        now = os.path.join(folder, 'now.xml')
        describe(header, now)
        done = subprocess.run(['abidiff', DESCRIPTION, now], text=True, check=False,
                              stdout=subprocess.PIPE)
        return done.stdout if done.returncode else ''


def header_text():
    with open(HEADER, encoding='utf-8') as file:
        return file.read()


class BinaryInterface(unittest.TestCase):
    def test_is_the_one_that_is_stored(self):
        self.assertEqual(differences(header_text()), '')

    def test_all_functions_are_in_it(self):
        header = header_text()
        self.assertEqual(bodies(header)[1], header.count('\nADMIT_API '))
        self.assertGreater(bodies(header)[1], 30)

    def test_changes_are_seen(self):
        for old, new in (('    size_t max_waiting;', '    size_t added;\n    size_t max_waiting;'),
                         ('uint32_t slot;', 'uint64_t slot;'),
                         ('ADMIT_API bool admit_cancel', 'ADMIT_API int admit_cancel'),
                         ('ADMIT_API void admit_close', 'ADMIT_API void admit_shut')):
            with self.subTest(new):
                header = header_text()
                self.assertEqual(header.count(old), 1)
                self.assertNotEqual(differences(header.replace(old, new)), '')


if __name__ == '__main__':
    if os.uname().machine != 'x86_64' or not all(map(shutil.which, ('abidw', 'gcc'))):
        print('abidw (package abigail-tools) or gcc is not installed, or this is no x86-64')
        sys.exit(SKIPPED)
    if sys.argv[1:] == ['--write']:
        describe(header_text(), DESCRIPTION)
    else:
        unittest.main()
