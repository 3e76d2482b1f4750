#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The rules of this project that neither the compiler nor clang-format checks.

    lint.py ROOT            check the project at ROOT
    lint.py --self-test     plant a violation of every rule and see it reported
    lint.py --count ROOT    print the lines of code of include/ and src/, by folder

A rule is a function from a Tree to (path, line, message) triples, in a file of rules/. @rule names
it and gives the examples that the self-test plants: files that must be reported, and files that
must not.
"""

import os
import sys
import tempfile

from rules import awaits, code, files, layers, lengths  # noqa: F401 (they register)
from rules import license, named_tests, size, words  # noqa: F401
from rules.tree import RULES, Tree


def check(root):
    tree = Tree(root)
    found = 0
    for rule_check, _, _ in RULES:
        for path, line, message in rule_check(tree):
            print(f'{path}:{line}: {message} [{rule_check.__name__}]')
            found += 1
    print(f'{len(RULES)} rules, {len(tree.files)} files, {found} violations')
    return 1 if found else 0


def reports(rule_check, files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, 'w', encoding='utf-8', newline='') as file:
                file.write(text)
        return list(rule_check(Tree(root)))


def self_test():
    failures = planted = 0
    for rule_check, bad, good in RULES:
        for files in bad:
            planted += 1
            if not reports(rule_check, files):
                print(f'{rule_check.__name__} does not see {files}'[:400])
                failures += 1
        for files in good:
            for path, line, message in reports(rule_check, files):
                print(f'{rule_check.__name__} wrongly reports {path}:{line}: {message}')
                failures += 1
    print(f'{planted} planted violations of {len(RULES)} rules, {failures} failures')
    return 1 if failures else 0


if __name__ == '__main__':
    if sys.argv[1:] == ['--self-test']:
        sys.exit(self_test())
    if len(sys.argv) == 3 and sys.argv[1] == '--count' and os.path.isdir(sys.argv[2]):
        size.print_counts(Tree(sys.argv[2]))
        sys.exit(0)
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        print(__doc__)
        sys.exit(2)
    sys.exit(check(sys.argv[1]))
