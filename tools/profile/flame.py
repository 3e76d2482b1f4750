# SPDX-License-Identifier: BSL-1.0
"""The flame graph of folded stacks ("main;f;g 12"), as a page. Used by profile.py."""

import collections
import datetime
import itertools
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'common', 'page'))
import page  # noqa: E402

HIDDEN_BELOW = 0.001  # of all samples: a thinner frame is not a pixel wide, and its callees make height
MAX_FUNCTIONS = 25
SCRIPTS = [os.path.join(HERE, 'flame.js')]


def stacks_of(folded):
    """(list of functions from the outermost, samples) of each line.

    Unknown functions that call each other are one: perf fills stacks without frame pointers with them.
    """
    for line in folded.split('\n'):
        names, _, count = line.rpartition(' ')
        if names and count.isdigit():
            yield [name for name, group in itertools.groupby(names.split(';'))
                   for name in ([name] if name == '[unknown]' else group)], int(count)


class Frame:
    def __init__(self):
        self.samples = 0
        self.callees = collections.defaultdict(Frame)


def merged(stacks):
    root = Frame()
    for names, count in stacks:
        root.samples += count
        frame = root
        for name in names:
            frame = frame.callees[name]
            frame.samples += count
    return root


def frames_of(root, least):
    """[index of the caller, name, samples, frames] of each frame, callers first, the widest callee first.

    Frames below `least` samples are one frame without a name that says how many they are.
    """
    frames, waiting = [], [(-1, 'all', root)]
    while waiting:
        caller, name, frame = waiting.pop()
        here = len(frames)
        frames.append([caller, name, frame.samples, 1])
        shown = {n: f for n, f in frame.callees.items() if f.samples >= least}
        thin = [f.samples for n, f in frame.callees.items() if n not in shown]
        if thin:
            frames.append([here, None, sum(thin), len(thin)])
        waiting += sorted(((here, n, f) for n, f in shown.items()), key=lambda item: item[2].samples)
    return frames


def functions_of(stacks):
    """[function, samples in it alone, samples with its callees] of those with most."""
    alone, with_callees = collections.Counter(), collections.Counter()
    for names, count in stacks:
        alone[names[-1]] += count
        for name in set(names):
            with_callees[name] += count
    least = HIDDEN_BELOW * sum(count for _, count in stacks)
    known = [name for name, count in with_callees.items() if count >= least]
    known.sort(key=lambda name: (-alone[name], -with_callees[name], name))
    return [[name, alone[name], with_callees[name]] for name in known[:MAX_FUNCTIONS]]


def value(folded, title, about):
    """What the page shows; `about` has the machine and the build."""
    stacks = list(stacks_of(folded))
    root = merged(stacks)
    frames = frames_of(root, HIDDEN_BELOW * root.samples)
    names = {name: at for at, name in enumerate(dict.fromkeys(frame[1] for frame in frames))}
    return {'title': title, 'samples': root.samples, 'hidden_below': HIDDEN_BELOW,
            'date': datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ'),
            'names': list(names), 'frames': [[caller, names[name], samples, count]
                                             for caller, name, samples, count in frames],
            'functions': functions_of(stacks), **about}


def write(path, folded, title, about):
    page.write(path, value(folded, title, about), SCRIPTS)
