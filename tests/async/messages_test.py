#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Programs that must not compile: the first error is a static assertion with advice. What a compiler, its
library or its standard lacks is one sentence.

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


def preprocessed(compiler, flags, text):
    done = subprocess.run([*compiler, '-std=c++20', '-E', '-P', *flags, '-x', 'c++', '-'],
                          input=text, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.split()[-1]


def old_asio(compiler, flags):
    return int(preprocessed(compiler, flags, '#include <boost/asio/version.hpp>\n'
                                             'BOOST_ASIO_VERSION\n')) < 102800


def refused(compiler, flags, header, lacking, sentence):
    """Whether what is lacking ends in a sentence, and nothing comes before it and little after."""
    done = subprocess.run([*compiler, '-std=c++20', *lacking, '-fsyntax-only', *flags, '-x', 'c++', '-'],
                          input=f'#include <admit/{header}>\n', stderr=subprocess.PIPE, text=True)
    errors = [line for line in done.stderr.split('\n') if 'error:' in line]
    right = len(errors) == 2 and f'admit needs {sentence}' in errors[0]
    if not right:
        print(f'<admit/{header}> with {" ".join(lacking)}\n' + '\n'.join(errors[:5]))
    return right


def other_compilers(compiler, flags):
    """Flags by which this compiler says that it is another one, or has another library; the sentence."""
    if preprocessed(compiler, flags, '__clang__\n') == '1':
        yield ('-U__clang_major__', '-D__clang_major__=13'), 'clang 14 or newer'
    else:
        yield ('-U__GNUC__', '-D__GNUC__=10'), 'GCC 11 or newer'
    yield ('-D_LIBCPP_VERSION=180000',), 'libc++ 19 or newer'


def main():
    split = sys.argv.index('--')
    compiler, flags = sys.argv[1:split], ['-I' + folder for folder in sys.argv[split + 1:]]
    if errors := compile_program(compiler, flags, '', ''):
        sys.exit('the program without a mistake does not compile:\n' + '\n'.join(errors))
    failures = 0
    for header in HEADERS:
        failures += not refused(compiler, flags, header, ('-std=c++17',),
                                'C++20: compile with -std=c++20')
    for lacking, sentence in other_compilers(compiler, flags):
        failures += not refused(compiler, flags, 'async.hpp', lacking, sentence)
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
