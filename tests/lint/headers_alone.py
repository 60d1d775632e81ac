#!/usr/bin/env python3
"""Compiles every header by itself, and twice in a row.

A header that needs another to be included before it breaks whoever changes the order.  Each is compiled
with the options that the build has for the sources of its folder.

Usage: headers_alone.py ROOT BUILD
       headers_alone.py --self-test ROOT BUILD  with headers that are wrong; fails if one passes
"""
import json
import os
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FOLDERS = ("dsp", "modules", "engine", "osc", "bench", "tests")
WITH_VALUE = ("-I", "-D", "-U", "-isystem", "-include")
ALONE = ("-std=", "-W", "-f", "-m", "-pthread")


def useful(arguments):
    """What of a compiler's command line bears on a header."""
    kept = []
    words = iter(arguments)
    for word in words:
        if word in WITH_VALUE:
            kept += [word, next(words)]
        elif word.startswith(WITH_VALUE + ALONE) and not word.startswith("-Wp,"):
            kept.append(word)
    return kept


def options_by_folder(root, build):
    """The longest command line of each folder: the one that defines and finds the most."""
    options = {}
    compiler = None
    for command in json.loads((build / "compile_commands.json").read_text()):
        arguments = shlex.split(command["command"])
        compiler = compiler or arguments[:1 + (Path(arguments[0]).name == "ccache")]
        source = (Path(command["directory"]) / command["file"]).resolve()
        if root not in source.parents:
            continue
        folder = source.parent.relative_to(root).as_posix()
        found = useful(arguments)
        if len(found) > len(options.get(folder, [])):
            options[folder] = found
    return compiler, options


def compile_alone(compiler, options, build, name):
    twice = f'#include "{name}"\n#include "{name}"\nextern int sy_not_an_empty_unit;\n'
    done = subprocess.run(
        [*compiler, *options, "-Werror", "-fsyntax-only", "-x", "c", "-"], cwd=build, text=True,
        input=twice, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return None if done.returncode == 0 else f"{name} does not compile by itself:\n{done.stdout}"


def compile_all(root, build, includes, names):
    compiler, options = options_by_folder(root, build)

    def compile_one(name):
        folder = Path(name).parent.as_posix()
        while folder not in options and folder != ".":
            folder = Path(folder).parent.as_posix()
        own = options.get(folder) or options["engine"]
        return compile_alone(compiler, [*own, f"-I{includes}"], build, name)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [text for text in pool.map(compile_one, names) if text]


WRONG = {
    "needs_another.h": "#ifndef A\n#define A\nuint32_t sy_a(void);\n#endif\n",
    "no_guard.h": "typedef enum SyA { SY_A } SyA;\n",
    "warns.h": "#ifndef A\n#define A\nstatic inline int sy_a(int b) { return 0; }\n#endif\n",
}
RIGHT = "#ifndef A\n#define A\n#include <stdint.h>\nuint32_t sy_a(void);\n#endif\n"


def self_test(root, build):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**WRONG, "right.h": RIGHT}.items():
            (Path(folder) / name).write_text(text)
        passed = [name for name in WRONG if not compile_all(root, build, folder, [name])]
        refused = compile_all(root, build, folder, ["right.h"])
    print("\n".join([f"{name} is wrong and passed" for name in passed] + refused))
    return not passed and not refused


def main():
    testing = sys.argv[1:2] == ["--self-test"]
    if len(sys.argv) != 3 + testing:
        print(__doc__, file=sys.stderr)
        return 2
    root, build = (Path(argument).resolve() for argument in sys.argv[-2:])
    if testing:
        return 0 if self_test(root, build) else 1
    names = [path.relative_to(root).as_posix()
             for folder in FOLDERS for path in sorted((root / folder).rglob("*.h"))]
    wrong = compile_all(root, build, root, names)
    print("\n".join(wrong))
    print(f"{len(names) - len(wrong)} of {len(names)} headers compile by themselves")
    return 1 if wrong or not names else 0


if __name__ == "__main__":
    sys.exit(main())
