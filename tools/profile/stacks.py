"""Profiles as stacks: a dictionary from tuples of functions, outermost first, to a weight."""

import collections
import re

SAMPLE = re.compile(r'^\s+[0-9a-f]+ (.*) \(.*\)$')
NAMED = re.compile(r'^(c?fn)=\((\d+)\)(?: (.*))?$')
COST = re.compile(r'^[+*\-0-9]\S*((?: \d+)+)\s*$')
RECURSION = re.compile(r"'\d+(?='|$)")


def short(function):
    """Without arguments and templates, which fill the picture: a::b<c>(d) -> a::b."""
    function = function.split('+0x')[0]
    kept, depth = [], 0
    for at, char in enumerate(function):
        opens = char in '<(' and not function.startswith('(anonymous namespace)', at)
        if char == '<' and function[:at].endswith('operator'):
            opens = False
        if opens:
            depth += 1
        elif char in '>)' and depth:
            depth -= 1
        elif not depth:
            kept.append(char)
    name = ''.join(kept).replace('(anonymous namespace)::', '').strip()
    return name.split(' ')[-1] if 'operator' not in name else name


def from_perf_script(text):
    """The samples that `perf script` prints, each weighing 1."""
    stacks = collections.Counter()
    for block in text.split('\n\n'):
        frames = [short(match.group(1)) for match in map(SAMPLE.match, block.split('\n')) if match]
        if frames:
            stacks[tuple(reversed(frames))] += 1
    return stacks


def from_callgrind(text, event='Ir'):
    """The own cost of each function in each context, of a run with --separate-callers."""
    names, stacks = {}, collections.Counter()
    column, stack, of_a_call = 0, (), False
    for line in text.split('\n'):
        named = NAMED.match(line)
        if line.startswith('events:'):
            column = line.split()[1:].index(event)
        elif named:
            kind, number, name = named.groups()
            if name:
                names[number] = name
            if kind == 'fn':
                stack = context(names[number])
        elif line.startswith('calls='):
            of_a_call = True  # the next line is what the callee cost, which has lines of its own
        elif COST.match(line):
            if not of_a_call:
                costs = COST.match(line).group(1).split()
                stacks[stack] += int(costs[column]) if column < len(costs) else 0
            of_a_call = False
    return +stacks


def context(name):
    """callgrind writes f'caller'its caller."""
    return tuple(short(part) for part in reversed(RECURSION.sub('', name).split("'")))


def hottest(stacks, most=25):
    """[(function, own part, part with callees)], the largest own part first."""
    total = sum(stacks.values()) or 1
    own, inclusive = collections.Counter(), collections.Counter()
    for stack, weight in stacks.items():
        own[stack[-1]] += weight
        for function in set(stack):
            inclusive[function] += weight
    return [(function, weight / total, inclusive[function] / total)
            for function, weight in own.most_common(most)]
