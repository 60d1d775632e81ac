#!/usr/bin/env python3
"""What is fetched ahead in the engine's sources is fetched ahead in its machine code.

A function that does nothing but prefetch has no effect that a compiler knows of, so gcc drops its calls
unless it is inlined before it is looked at; nothing but the time it takes tells.

Usage: prefetches.py ROOT LIBRARY
       prefetches.py --self-test   with code that drops one; fails if it passes
"""
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
OBJECT = re.compile(r"(\w+)\.c\.o: +file format")
PREFETCH = re.compile(r"\tprefetch|\tprfm\b")
CALL = re.compile(r"__builtin_prefetch\(")


def written(folder):
    """How many prefetches each source has."""
    counts = {path.stem: len(CALL.findall(path.read_text())) for path in folder.glob("*.c")}
    return {name: n for name, n in counts.items() if n > 0}


def compiled(*paths):
    """How many prefetches each object has."""
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", *paths], check=True, capture_output=True,
                             text=True).stdout
    counts, name = {}, None
    for line in listing.splitlines():
        if match := OBJECT.search(line):
            name = match[1]
        elif name and PREFETCH.search(line):
            counts[name] = counts.get(name, 0) + 1
    return counts


def check(folder, *paths):
    wanted, found = written(folder), compiled(*paths)
    for name, n in sorted(wanted.items()):
        print(f"{name}.c has {n}, its object {found.get(name, 0)}")
    return bool(wanted) and all(found.get(name, 0) >= n for name, n in wanted.items())


def self_test():
    fetch = "static inline void fetch(const char *at) { __builtin_prefetch(at); }\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        for call, kept in ("(void)at;", False), ("fetch(at);", True):
            keep = "__attribute__((always_inline)) " if kept else ""
            (path / "some.c").write_text(f"{keep}{fetch}void f(const char *at) {{ {call} }}\n")
            subprocess.run(["cc", "-O2", "-c", "some.c", "-o", "some.c.o"], cwd=path, check=True)
            if check(path, path / "some.c.o") != kept:
                print("a prefetch that is dropped was not told from one that is kept")
                return 1
    return 0


def main():
    if platform.machine() not in ("x86_64", "aarch64"):
        return SKIPPED
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root, library = sys.argv[1:]
    return 0 if check(Path(root) / "engine", library) else 1


sys.exit(main())
