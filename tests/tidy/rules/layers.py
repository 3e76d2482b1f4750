# SPDX-License-Identifier: BSL-1.0
"""Includes point down only, and the core reads no clock."""

import re

from rules.tree import code_only, line_of, rule, without_comments


INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
CLOCK = re.compile(r'\b\w*_clock::now\b|\bclock_gettime\b|\bgettimeofday\b|\brdtsc\w*\b')
ASIO_HEADERS = ('include/admit/async.hpp', 'include/admit/detail/asio_build.hpp',
                'include/admit/detail/operations.hpp',
                'include/admit/detail/any_handler.hpp', 'include/admit/detail/wait_op.hpp')
METRICS_HEADER = 'include/admit/metrics.hpp'
C_HEADERS = ('stdbool.h', 'stddef.h', 'stdint.h')
SRC_ORDER = ('base', 'system', 'conversation', 'slots', 'users', 'state', 'waiting', 'lifecycle',
             'engine', 'c', 'async', 'metrics')  # each folder of src may include those before it
NOT_BELOW = {'conversation': {'system'}, 'slots': {'system'}, 'users': {'system', 'conversation',
             'slots'}, 'state': {'system'}, 'waiting': {'system'}, 'lifecycle': {'system'}, 'async': {'c'}}
SRC_LAYERS = {layer: set(SRC_ORDER[:n + 1]) - NOT_BELOW.get(layer, set())
              for n, layer in enumerate(SRC_ORDER)}
SRC_LAYERS['metrics'] = {'metrics'}  # a library of its own, on what the other one exports
SRC_LAYERS['fleet'] = {'fleet'}  # rules alone, of numbers: the model of the fleet runs them too
CORE = (*(layer for layer in SRC_ORDER if layer not in ('system', 'engine', 'c', 'async', 'metrics')), 'fleet')
STD_ONLY = ('base', 'system', 'conversation', 'slots', 'users', 'state', 'fleet')
# A public header of plain values, which a layer fills.
PUBLIC_VALUES = {'state': 'admit/histogram.hpp'}


def is_std(name):
    return re.fullmatch(r'[a-z_]+[a-z0-9_]*', name) is not None


def is_asio(name):
    return name.startswith(('boost/asio', 'asio')) or name == 'admit/async.hpp'


def only_for_the_model(text, position):
    """Whether the innermost #if above asks for ADMIT_MODEL."""
    depth = 0
    for line in reversed(text[:position].split('\n')):
        if re.match(r'\s*#\s*endif\b', line):
            depth += 1
        elif re.match(r'\s*#\s*if', line):
            if depth == 0:
                return re.search(r'#\s*if(?:def\s+|\s+defined\W+)ADMIT_MODEL\b', line) is not None
            depth -= 1
        elif depth == 0 and re.match(r'\s*#\s*el', line):
            return False
    return False


def may_include(path, quote, name):
    """None when `path` may include `name`, otherwise the reason why not."""
    if path.startswith('include/'):
        if path.endswith('.h'):
            return None if name in C_HEADERS else 'a public header for C may include only what C11 has'
        if quote == '<' and path == METRICS_HEADER and name.startswith('prometheus/'):
            return None
        if quote == '"' or not (is_std(name) or name.startswith(('admit/', 'boost/'))):
            return 'a public header may include only <admit/...>, std and Boost'
        if is_asio(name) and path not in ASIO_HEADERS:
            return 'of the public headers only admit/async.hpp may include Asio'
        return None
    parts = path.split('/')
    layer = parts[1] if len(parts) > 2 else ''
    if is_asio(name) and layer != 'async':
        return 'in src only src/async may include Asio'
    if quote == '"':
        target = name.split('/')[0] if '/' in name else layer
        if target not in SRC_LAYERS.get(layer, set()):
            return f'src/{layer} may include, of src, only ' + ', '.join(
                f'src/{n}' for n in sorted(SRC_LAYERS.get(layer, set())))
    elif layer in STD_ONLY and layer != 'system' and not is_std(name) \
            and PUBLIC_VALUES.get(layer) != name:
        return f'src/{layer} may include only std and src'
    return None


@rule(bad=[{'include/admit/a.hpp': '#include "slots/gate.hpp"\n'},
           {'include/admit/a.hpp': '#include <boost/asio/awaitable.hpp>\n'},
           {'include/admit/a.hpp': '#include <admit/async.hpp>\n'},
           {'include/admit/a.h': '#include <string>\n'},
           {'include/admit/a.hpp': '#include <prometheus/collectable.h>\n'},
           {'src/async/a.hpp': '#include "c/convert.hpp"\n'},
           {'src/metrics/a.cpp': '#include "engine/inspection.hpp"\n'},
           {'src/slots/a.hpp': '#include "waiting/serving.hpp"\n'},
           {'src/slots/a.hpp': '#include "users/lane.hpp"\n', 'src/users/a.hpp': '#include "slots/gate.hpp"\n'},
           {'src/slots/a.hpp': '#include <admit/limits.hpp>\n'},
           {'src/users/a.hpp': '#include <boost/config.hpp>\n'},
           {'src/base/a.hpp': '#include "checker/atomic.hpp"\n'},
           {'src/base/a.hpp': '#ifdef ADMIT_MODEL\n#else\n#include "checker/atomic.hpp"\n#endif\n'},
           {'src/slots/a.hpp': 'auto t = std::chrono::steady_clock::now();\n'},
           {'src/lifecycle/a.hpp': '#include <boost/asio/post.hpp>\n'},
           {'src/waiting/a.cpp': '#include "async/wait.hpp"\n'},
           {'src/waiting/a.cpp': '#include "lifecycle/expiry.hpp"\n'},
           {'src/lifecycle/a.cpp': 'clock_gettime(CLOCK_MONOTONIC, &t);\n'},
           {'src/engine/a.cpp': '#include <admit/async.hpp>\n'},
           {'src/system/a.hpp': '#include "waiting/serving.hpp"\n'},
           {'src/waiting/a.cpp': '#include "system/clock.hpp"\n'},
           {'src/fleet/a.hpp': '#include "base/atomic.hpp"\n'},
           {'src/fleet/a.hpp': 'auto t = std::chrono::steady_clock::now();\n'},
           {'src/unknown/a.cpp': '#include "base/atomic.hpp"\n'},
           {'src/engine/a.cpp': '#include "load/scenario.hpp"\n'},
           {'src/engine/a.cpp': '#include "../tests/support/x.hpp"\n'}],
      good=[{'include/admit/a.hpp': '#include <admit/b.hpp>\n#include <boost/system/result.hpp>\n',
             METRICS_HEADER: '#include <prometheus/collectable.h>\n',
             'src/metrics/b.cpp': '#include <admit/metrics.hpp>\n#include "metrics/b.hpp"\n',
             'include/admit/async.hpp': '#include <boost/asio/awaitable.hpp>\n',
             'src/base/atomic.hpp': '#ifdef ADMIT_MODEL\n#include "checker/atomic.hpp"\n#else\n'
                                    '#include <atomic>\n#endif\n',
             'src/slots/b.hpp': '#include "base/atomic.hpp"\n// steady_clock::now\n',
             'src/waiting/b.hpp': '#include "slots/b.hpp"\n#include <admit/a.hpp>\n',
             'src/async/b.cpp': '#include <boost/asio/post.hpp>\n#include "waiting/b.hpp"\n',
             'src/engine/b.cpp': '#include "waiting/b.hpp"\n#include "system/c.hpp"\nx = std::chrono::steady_clock::now();\n',
             'tests/unit/b.cpp': '#include "slots/b.hpp"\n#include <boost/asio/post.hpp>\n'}])
def layers(tree):
    for path, text in tree.cpp('include', 'src'):
        for match in INCLUDE.finditer(without_comments(text)):
            why = may_include(path, *match.groups())
            if path.startswith('src/base/') and match.group(2).startswith('checker/') and \
                    only_for_the_model(text, match.start()):
                why = None  # the model checker's atomics take the place of std's
            if why:
                yield path, line_of(text, match.start()), f'includes {match.group(2)}: {why}'
        if path.startswith(tuple(f'src/{layer}/' for layer in CORE)):
            for match in CLOCK.finditer(code_only(text)):
                yield (path, line_of(text, match.start()),
                       f'{match.group(0)}: the core takes time as an argument')
