#!/usr/bin/env python3
"""Prints a program of a page: the N-th block of C++ that has a main.

    readme_example.py PAGE [N]
"""

import re
import sys


def programs_of(text):
    blocks = re.findall(r'^```cpp\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
    return [block for block in blocks if 'int main(' in block]


def main(page, number=1):
    with open(page, encoding='utf-8') as file:
        programs = programs_of(file.read())
    if len(programs) < number:
        sys.exit(f'{page}: of its blocks of C++, {len(programs)} have a main')
    print(programs[number - 1], end='')


if __name__ == '__main__':
    if len(sys.argv) not in (2, 3):
        print(__doc__)
        sys.exit(2)
    main(sys.argv[1], *map(int, sys.argv[2:]))
