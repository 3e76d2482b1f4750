#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Programs that must not compile: the first error is a static assertion with advice.

    messages_test.py COMPILER... -- INCLUDE_FOLDER...
"""

import re
import subprocess
import sys

HEAD = """#include <admit/async.hpp>
#include <boost/asio.hpp>
#include <boost/asio/any_completion_handler.hpp>
namespace asio = boost::asio;
template <class... Args>
using any_handler = asio::any_completion_handler<void(Args...)>;
inline auto body = [](admit::permit&) -> asio::awaitable<void> { co_return; };
void start(admit::engine& engine, asio::io_context& context) {
    static_cast<void>(context);
    %s
}
asio::awaitable<void> run(admit::engine& engine) {
    static_cast<void>(engine);
    %s
    co_return;
}
"""
STRAND = "asio::bind_executor(asio::io_context::strand{context}, [](auto&&...) {})"
EXECUTOR = "admit: the handler's executor has to be convertible"
OPERATIONS = {
    'admit::async_admit(engine, "a", {}, %s);': 'boost::system::error_code, admit::permit',
    'admit::async_with_permit(engine, "a", {}, body, %s);': 'std::exception_ptr, admit::outcome',
    'admit::async_with_permit(engine, admit::permit{}, {}, body, %s);':
        'std::exception_ptr, admit::outcome',
    'admit::async_expire(engine, std::chrono::seconds{1}, %s);': 'boost::system::error_code',
    'admit::async_drain(engine, {}, %s);': 'boost::system::error_code, admit::drain_report',
}
HEADERS = ('async.hpp', 'engine.hpp', 'error.hpp', 'limits.hpp', 'permit.hpp', 'stats.hpp')
BODY = 'admit: the body of async_with_permit has to return asio::awaitable<void>'
BODIES = ('{}', '-> asio::awaitable<int> { co_return 1; }', '-> std::optional<int> { return 1; }')
DEFERRED = ('auto work = admit::async_with_permit(engine, "a", {}, body);'
            'auto outcome = co_await std::move(work);')


NEAR_THE_TOP = 30  # lines: those that say from where a template was instantiated come first


def cases():
    for operation, arguments in OPERATIONS.items():
        yield operation % STRAND, '', EXECUTOR
        yield operation % f'any_handler<{arguments}>{{[](auto&&...) {{}}}}', '', EXECUTOR
    bodies = [('"a"', body) for body in BODIES]
    for subject, result in [*bodies, ('engine.key("a")', '{}'), ('admit::permit{}', '{}')]:
        yield (f'admit::async_with_permit(engine, {subject}, {{}}, [](admit::permit&) {result}, '
               'asio::detached);', '', BODY)
    yield '', DEFERRED, 'admit: Boost 1.81 cannot await'


def compile_program(compiler, flags, start, run):
    done = subprocess.run([*compiler, '-std=c++20', '-fsyntax-only', *flags, '-x', 'c++', '-'],
                          input=HEAD % (start, run), stderr=subprocess.PIPE, text=True)
    lines = done.stderr.split('\n')
    errors = [number for number, line in enumerate(lines) if 'error:' in line]
    if errors and errors[0] >= NEAR_THE_TOP:
        return [f'line {errors[0]} of the output: {lines[errors[0]]}']
    return [lines[number] for number in errors]


def old_asio(compiler, flags):
    done = subprocess.run([*compiler, '-std=c++20', '-E', '-P', *flags, '-x', 'c++', '-'],
                          input='#include <boost/asio/version.hpp>\nBOOST_ASIO_VERSION\n',
                          stdout=subprocess.PIPE, text=True, check=True)
    return int(done.stdout.split()[-1]) < 102800


def old_standard(compiler, flags, header):
    """Whether C++17 ends in a sentence, and nothing comes before it and little after."""
    done = subprocess.run([*compiler, '-std=c++17', '-fsyntax-only', *flags, '-x', 'c++', '-'],
                          input=f'#include <admit/{header}>\n', stderr=subprocess.PIPE, text=True)
    errors = [line for line in done.stderr.split('\n') if 'error:' in line]
    right = len(errors) == 2 and 'admit needs C++20: compile with -std=c++20' in errors[0]
    if not right:
        print(f'<admit/{header}> with C++17\n' + '\n'.join(errors[:5]))
    return right


def main():
    split = sys.argv.index('--')
    compiler, flags = sys.argv[1:split], ['-I' + folder for folder in sys.argv[split + 1:]]
    if errors := compile_program(compiler, flags, '', ''):
        sys.exit('the program without a mistake does not compile:\n' + '\n'.join(errors))
    failures = 0
    for header in HEADERS:
        failures += not old_standard(compiler, flags, header)
    for start, run, message in cases():
        if run and not old_asio(compiler, flags):
            continue
        errors = compile_program(compiler, flags, start, run)
        if not errors or not re.match(rf'(?!line ).*static assertion.*{re.escape(message)}', errors[0]):
            failures += 1
            print(f'{start or run}\n  first error expected: {message}\n  found: '
                  + (errors[0] if errors else 'none'))
        elif start and len(errors) > 1:
            failures += 1
            print(f'{start}\n  more errors than one: {errors[1]}')
    sys.exit(failures != 0)


if __name__ == '__main__':
    main()
