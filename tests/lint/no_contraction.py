#!/usr/bin/env python3
"""No kernel has a fused multiply and add in it: see docs/decisions/no-contraction.md.

-ffp-contract=off forbids fusing what stands in one expression, but gcc 12 fuses all the same where it
has vectorised code that adds in one lane and subtracts in the next.  So the machine code is read.

Usage: no_contraction.py LIBRARY...
       no_contraction.py --self-test   with code that is fused; fails if it passes
"""
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
FUSED = re.compile(r"\tvfn?m(add|sub)\w*|\tf(n?m(add|sub)|mla|mls)\b")


def fused_in(path):
    """Yields (function, instruction) for each fused instruction of an object or library."""
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], check=True, capture_output=True,
                             text=True).stdout
    function = "?"
    for line in listing.splitlines():
        if match := FUNCTION.match(line):
            function = match[1]
        elif match := FUSED.search(line):
            yield function, match[0].strip()


def check(paths):
    found = [(Path(path).name, *which) for path in paths for which in fused_in(path)]
    for library, function, instruction in sorted(set(found)):
        print(f"{library}: {function} has a {instruction}")
    return len(found)


def self_test():
    source = "float f(float a, float b, float c) { return a * b + c; }\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "fused.c").write_text(source)
        for contract, wanted in ("fast", 1), ("off", 0):
            subprocess.run(["cc", "-O2", "-march=x86-64-v3", f"-ffp-contract={contract}", "-c", "fused.c", "-o",
                            f"{contract}.o"], cwd=path, check=True)
            if check([path / f"{contract}.o"]) != wanted:
                print(f"-ffp-contract={contract} was not told apart")
                return 1
    return 0


def main():
    if platform.machine() != "x86_64":
        return SKIPPED
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    return 1 if check(sys.argv[1:]) else 0


sys.exit(main())
