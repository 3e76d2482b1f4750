# SPDX-License-Identifier: BSL-1.0
"""Each source names its license, in the form that tools for licenses read."""

from rules.tree import rule

LICENSE = 'SPDX-License-Identifier: BSL-1.0'  # the license of this project
FOLDERS = ('include/', 'src/', 'tests/', 'tools/', 'docs/examples/')
ENDINGS = ('.hpp', '.cpp', '.h', '.c', '.py', '.sh', '.build')
FIRST_LINES = 3  # a shebang stands above


@rule(bad=[{'src/a.cpp': 'int x;\n'}, {'tests/a.py': '#!/usr/bin/env python3\n'},
           {'tools/a.sh': 'true\n' * FIRST_LINES + f'# {LICENSE}\n'},
           {'src/meson.build': '# SPDX-License-Identifier: MIT\n'},
           {'docs/examples/a.cpp': '// BSL-1.0\n'}, {'include/admit/a.hpp': ''}],
      good=[{'src/a.cpp': f'// {LICENSE}\n', 'src/meson.build': f'# {LICENSE}\n',
             'tools/a.sh': f'#!/usr/bin/env bash\n# {LICENSE}\n', 'docs/a.md': 'x\n',
             'tests/fuzz/a.corpus': 'x\n'}])
def spdx(tree):
    for path, text in tree.files.items():
        if path.startswith(FOLDERS) and path.endswith(ENDINGS) and \
                not any(line.endswith(LICENSE) for line in text.split('\n')[:FIRST_LINES]):
            yield path, 1, f'{LICENSE} is missing from the first {FIRST_LINES} lines'
