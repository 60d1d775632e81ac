#!/usr/bin/env python3
"""Who may include whom.

A room sees those below it and never one above: dsp < modules < engine < osc.  Of the engine, osc sees
the four headers that are its interface, and the engine sees of the modules the table that describes
them.  Only engine/main.c, which puts the rooms together, sees all.  The libraries that talk to the
outside are each for one room.

Usage: layers.py ROOT        prints each include that breaks a rule; fails if there is one
       layers.py --self-test breaks every rule in a folder of its own; fails if one is not noticed
"""
import re
import sys
import tempfile
from pathlib import Path

ROOMS = ("dsp", "modules", "engine", "osc")
GENERATED = {"modules/module_list.h"}

# What each room may include of the others.
OWN_AND_BELOW = {
    "dsp": [r"dsp/.*"],
    "modules": [r"modules/.*", r"dsp/.*"],
    "engine": [r"engine/.*", r"modules/(module|registry)\.h", r"dsp/(dsp|fft|ramp)\.h"],
    "osc": [r"osc/.*", r"engine/(command|control|status|thread|tracing)\.h", r"modules/(module|registry)\.h",
            r"dsp/(dsp|ramp)\.h"],
    "bench": [r"(dsp|modules|engine|osc|bench)/.*"],
    "tests": [r"(dsp|modules|engine|osc|bench|tests)/.*"],
}

# dsp and modules allocate nothing, ask the system nothing, and print nothing.
PURE = {"float.h", "immintrin.h", "limits.h", "math.h", "stdalign.h", "stdbool.h", "stddef.h",
        "stdint.h", "string.h", "xmmintrin.h", "arm_neon.h"}

# Libraries, and who may use them.
LIBRARIES = {
    r"fftw3\.h": r"dsp/fft\.c",
    r"portaudio\.h|pa_.*\.h": r"engine/.*",
    r"sndfile\.h": r"engine/.*",
    r"samplerate\.h": r"engine/.*",
    r"lo/.*": r"osc/.*",
    r"json-c/.*": r"osc/.*",
    r"seccomp\.h": r"engine/.*",
}
FREE = r"(bench|tests)/.*|engine/main\.c"

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def matches(patterns, name):
    return any(re.fullmatch(pattern, name) for pattern in patterns)


def wrong_with_ours(root, source, included):
    room = source.split("/")[0]
    if not (root / included).is_file() and included not in GENERATED:
        return "is not a path from the root of the project"
    if source == "engine/main.c" or matches(OWN_AND_BELOW[room], included):
        return None
    return f"is not for {room}/"


def wrong_with_system(source, included):
    room = source.split("/")[0]
    if re.fullmatch(FREE, source):
        return None
    for library, users in LIBRARIES.items():
        if re.fullmatch(library, included):
            return None if re.fullmatch(users, source) else f"is for {users} alone"
    if room in ("dsp", "modules") and included not in PURE:
        return f"is not for {room}/, which asks nothing of the system"
    return None


def wrong_in(root, path):
    source = path.relative_to(root).as_posix()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        ours, system = found.groups()
        wrong = wrong_with_ours(root, source, ours) if ours else wrong_with_system(source, system)
        if wrong:
            yield f"{source}:{number}: {ours or system} {wrong}"


def check(root):
    sources = [path for room in OWN_AND_BELOW for path in sorted((root / room).rglob("*.[ch]"))]
    return len(sources), [wrong for path in sources for wrong in wrong_in(root, path)]


# Each breaks one rule; the last ones break none.
BREAKING = [
    ("dsp/a.c", '#include "modules/module.h"'),
    ("dsp/a.c", "#include <stdlib.h>"),
    ("dsp/a.c", "#include <fftw3.h>"),
    ("modules/a.c", '#include "engine/ring.h"'),
    ("modules/a.c", "#include <stdio.h>"),
    ("engine/a.c", '#include "osc/server.h"'),
    ("engine/a.c", '#include "modules/lane.h"'),
    ("engine/a.c", "#include <lo/lo.h>"),
    ("osc/a.c", '  #  include "engine/ring.h"'),
    ("osc/a.c", "#include <portaudio.h>"),
    ("osc/a.c", '#include "tests/rig.h"'),
    ("engine/a.h", '#include "ring.h"'),
    ("engine/main.c", '#include "osc/nowhere.h"'),
    ("bench/a.c", '#include "tests/rig.h"'),
]
KEEPING = [
    ("dsp/fft.c", "#include <fftw3.h>"),
    ("modules/a.c", '#include "dsp/dsp.h"'),
    ("engine/main.c", '#include "osc/server.h"'),
    ("osc/a.c", '#include "engine/control.h"'),
    ("tests/engine/a.c", '#include "engine/ring.h"'),
    ("bench/a.c", "#include <lo/lo.h>"),
]


def count_wrong(source, line):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("modules/module.h", "engine/ring.h", "osc/server.h", "modules/lane.h",
                     "tests/rig.h", "dsp/dsp.h", "engine/control.h", source):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        (root / source).write_text(f"/* text */\n{line}\n")
        return len(check(root)[1])


def self_test():
    unnoticed = [case for case in BREAKING if count_wrong(*case) != 1]
    refused = [case for case in KEEPING if count_wrong(*case) != 0]
    for source, line in unnoticed:
        print(f"not noticed: {line} in {source}")
    for source, line in refused:
        print(f"refused, though right: {line} in {source}")
    return not unnoticed and not refused


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 0 if self_test() else 1
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    count, wrong = check(Path(sys.argv[1]))
    print("\n".join(wrong))
    if count == 0:
        print(f"no sources in {sys.argv[1]}")
    return 1 if wrong or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
