#!/usr/bin/env python3
"""Prints the program of a page: its first block of C++ that has a main.

    readme_example.py PAGE
"""

import re
import sys


def program_of(text):
    blocks = re.findall(r'^```cpp\n(.*?)^```$', text, re.MULTILINE | re.DOTALL)
    return next((block for block in blocks if 'int main(' in block), None)


def main(page):
    with open(page, encoding='utf-8') as file:
        program = program_of(file.read())
    if program is None:
        sys.exit(f'{page}: no block of C++ has a main')
    print(program, end='')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        print(__doc__)
        sys.exit(2)
    main(sys.argv[1])
