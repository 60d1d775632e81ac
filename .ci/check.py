#!/usr/bin/env python3
"""Runs all builds and tests; called by ./check, which has seen to the packages."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILDS = ROOT / "build"
ROOMS = ("dsp", "modules", "engine", "osc", "bench")
HOUSE_CLANG_FORMAT = "14"
DETAIL_LINES = 60
JOBS = os.cpu_count() or 1

# Suites in the order that finds a fault soonest; any other goes before "live".
FIRST, LAST = ["unit", "dsp"], ["live", "lint"]
NOT_QUICK = ("live", "lint", "instructions", "model", "soak")

# For a build of which only the warnings are wanted, or that sanitizers make slow to compile. What debuggers
# want to know takes up to half of the time; sanitizers and profilers need names and lines.
QUICKLY = "-Doptimization=1"
FEW = "-Dinstruction_sets=few"
BARE = "-Ddebug=false"
LINES = (BARE, "-Dc_args=-g1")
UNOPTIMISED = "-Dc_args=-O0"  # of kernels, too: clang warns before it optimises
CLANG = (QUICKLY, UNOPTIMISED, FEW, BARE)

# Suites that wait for much of their time or keep one core busy for long: run side by side.
TOGETHER = ("fault", "instructions", "model", "process", "soak")

# How much of a function clang-analyzer goes through; it takes twice as long with what it does by
# itself, 225000, and found no more.
TIDY_DEPTH = ("-Xclang", "-analyzer-config", "-Xclang", "max-nodes=60000")

# The ones with narrow and with wide vectors, without and with intrinsics.
TIDY_KERNELS = ("sy-kernels-generic", "sy-kernels-x86-64-v3.")

# Live tests leave most of the CPUs' time; clang-tidy takes it, with the priority of what runs when nothing
# else does. These first, for they count what little is used, or frames.
UNDISTURBED = ("live idle", "live timetags")
WHEN_IDLE = ("chrt", "--idle", "0")

# With workers as threads the tests of processes and their deaths mean nothing; these play and listen.
THREADED = ("process edits", "process mistakes", "process render")

# Programs that could start threads, but in these tests have one.
ONE_THREAD = ("hostile", "journal_damage")

SANITIZERS = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


class Tally:
    """Counts, and prints one line a suite."""

    def __init__(self):
        self.passed = self.failed = 0

    def line(self, name, passed, failures, skipped, seconds, unit="tests"):
        self.passed += passed
        self.failed += len(failures)
        verdict = "failed" if failures else "passed"
        count = f"{passed} of {passed + len(failures)} {unit}" if unit else ""
        if skipped:
            count += f", {skipped} skipped"
        print(f"{name:<28} {verdict}  {seconds:6.1f} s  {count}".rstrip(),
              flush=True)
        for title, details in failures:
            print(f"\n--- {title}")
            lines = details.rstrip().splitlines()
            if len(lines) > DETAIL_LINES:
                print(f"    [{len(lines) - DETAIL_LINES} lines before]")
            print("\n".join("    " + text for text in lines[-DETAIL_LINES:]))
            print(flush=True)


def run(command, **options):
    """Runs a command to its end; its exit code and all that it printed."""
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
                              check=False, **options)
    except FileNotFoundError:
        return 127, f"{command[0]} is not installed"
    return done.returncode, done.stdout


def environment(compiler=None):
    env = {**os.environ, **SANITIZERS}
    for name in ("CFLAGS", "LDFLAGS", "CPPFLAGS"):
        env.pop(name, None)
    if compiler:
        env["CC"] = compiler
    return env


def configure(folder, compiler, options, strict=True):
    """Sets up a build folder, or sets it up anew when it was of another kind."""
    options = [f"-Dwerror={str(strict).lower()}", "-Db_colorout=auto", *options]
    wanted = json.dumps([compiler, *options])
    mark = folder / "check-options"
    if mark.is_file() and mark.read_text() == wanted and (folder / "build.ninja").is_file():
        return 0, ""
    shutil.rmtree(folder, ignore_errors=True)
    code, output = run(["meson", "setup", str(folder), *options], env=environment(compiler))
    if code == 0:
        mark.write_text(wanted)
    return code, output


def build(tally, name, compiler, *options, strict=True, targets=lambda folder: ()):
    """Builds into build/NAME, all or some targets; the folder, or None when that failed.  Strict: warnings
    are errors."""
    started = time.monotonic()
    folder = BUILDS / name
    code, output = configure(folder, compiler, options, strict)
    if code == 0:
        code, output = run(["ninja", "-C", str(folder), f"-j{JOBS}", *targets(folder)], env=environment())
    failures = [(f"build {name}", output)] if code else []
    tally.line(f"build {name}", 0 if code else 1, failures, 0, time.monotonic() - started, unit="")
    return None if code else folder


def introspect(folder, what):
    _, output = run(["meson", "introspect", f"--{what}", str(folder)])
    return json.loads(output)


def tests_of(folder):
    return introspect(folder, "tests")


def targets_of_tests(folder, names):
    """What has to be built to run these tests."""
    depends = {target for test in tests_of(folder) if test["name"] in names for target in test["depends"]}
    return sorted({os.path.relpath(path, folder) for target in introspect(folder, "targets")
                   if target["id"] in depends for path in target["filename"]})


def changed_by_ndebug(folder):
    """The objects made of a file that asks for NDEBUG. All others are those of build/gcc once more, where
    they have been read; without that build it is all."""
    _, output = run(["ninja", "-C", str(BUILDS / "gcc"), "-t", "deps"])
    asks, read = {}, {}
    for line in output.splitlines():
        name, is_head, _ = line.partition(": #deps")
        if is_head:
            read[name] = files = []
        elif line.startswith("    "):
            files.append((BUILDS / "gcc" / line.strip()).resolve())
    for path in {path for files in read.values() for path in files}:
        asks[path] = path.is_file() and re.search(r"\bNDEBUG\b", path.read_text(errors="replace"))
    known = {command["output"] for command in json.loads((folder / "compile_commands.json").read_text())}
    return sorted(name for name, files in read.items() if name in known and any(asks[path] for path in files))


def suites_of(folder):
    """The names of the tests of each suite; a test of several suites counts once."""
    tests = tests_of(folder)
    found = sorted({suite.split(":")[-1] for test in tests for suite in test["suite"]})
    order = FIRST + [name for name in found if name not in FIRST + LAST] + LAST
    suites = {name: [] for name in order}
    for test in tests:
        own = sorted((suite.split(":")[-1] for suite in test["suite"]), key=order.index)
        suites[own[-1] if own[-1] in NOT_QUICK else own[0]].append(test["name"])
    return suites


def run_meson(folder, base, names, patience):
    """Runs the tests; what meson reported of each, and all that it printed. Those that need patience are
    processes that wait for each other, and leave room for one more test."""
    priorities = {test["name"]: test["priority"] for test in tests_of(folder)}
    names = sorted(names, key=lambda name: -priorities[name])  # meson keeps to the order of names
    log = folder / "meson-logs" / f"{base}.json"
    log.unlink(missing_ok=True)
    _, output = run(["meson", "test", "-C", str(folder), "--no-rebuild", "--logbase", base,
                     "--timeout-multiplier", str(patience), "--num-processes",
                     str(JOBS if patience == 1 else JOBS + 1), *names], env=environment())
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    return [json.loads(line) for line in lines], output


def tally_tests(tally, title, names, reports, output, seconds):
    """A line of the reports on these tests."""
    passed, failures, skipped = 0, [], 0
    for test in reports:
        if test["result"] in ("OK", "EXPECTEDFAIL"):
            passed += 1
        elif test["result"] == "SKIP":
            skipped += 1
        else:
            said = "\n".join(part for part in (test.get("stdout"), test.get("stderr")) if part)
            failures.append((f"{test['name']}: {test['result']} after {test['duration']:.1f} s",
                             said))
    if not names:
        failures.append((title, "there are no such tests"))
    if len(reports) < len(names):
        failures.append((title, f"{len(names) - len(reports)} tests did not report\n{output}"))
    tally.line(title, passed, failures, skipped, seconds)


def run_tests(tally, title, folder, names, patience=1):
    started = time.monotonic()
    reports, output = [], ""
    if names:
        reports, output = run_meson(folder, re.sub(r"\W+", "-", title), names, patience)
    tally_tests(tally, title, names, reports, output, time.monotonic() - started)


def run_together(tally, folder, suites):
    """A line for each suite; its time is that of its tests, one after the other."""
    if not suites:
        return
    names = [name for suite in suites.values() for name in suite]
    reports, output = run_meson(folder, "together", names, 1)
    for suite, own in suites.items():
        of_suite = [test for test in reports if test["name"].split(" / ")[-1] in own]
        tally_tests(tally, suite, own, of_suite, output, sum(test["duration"] for test in of_suite))


def run_live(tally, folder, names, tidy):
    """A line for all; its time is that of the tests."""
    first = [name for name in names if name in UNDISTURBED]
    reports, output = run_meson(folder, "undisturbed", first, 1) if first else ([], "")
    if tidy:
        tidy.start(WHEN_IDLE)
    more, said = run_meson(folder, "live", [name for name in names if name not in first], 1)
    tally_tests(tally, "live", names, reports + more, output + said,
                sum(test["duration"] for test in reports + more))


def run_suites(tally, folder, leave_out=(), tidy=None):
    suites = {suite: names for suite, names in suites_of(folder).items() if suite not in leave_out}
    together = {suite: suites.pop(suite) for suite in TOGETHER if suite in suites}
    for suite in [suite for suite in suites if suite not in LAST]:
        run_tests(tally, suite, folder, suites.pop(suite))
    run_together(tally, folder, together)
    if "live" in suites:
        run_live(tally, folder, suites.pop("live"), tidy)
    for suite, names in suites.items():
        run_tests(tally, suite, folder, names)


def starts_threads(folder, test):
    """Whether it might: that a program does not can be read off what it calls in build/gcc, if nothing else
    is run."""
    if test["name"] in ONE_THREAD:
        return False
    program = BUILDS / "gcc" / os.path.relpath(test["cmd"][0], folder)
    if len(test["cmd"]) > 1 or len(test["depends"]) > 1 or not program.is_file():
        return True
    code, calls = run(["nm", "--undefined-only", str(program)])
    return code != 0 or re.search(r" (pthread_create|thrd_create)\b", calls) is not None


def sanitized(tally, name, title, wanted, *options, is_told=lambda folder, test: True):
    """The wanted tests with sanitizers, but for those that run nothing that was built, or of which these
    sanitizers can tell nothing."""
    # What sanitizers put between the lines makes gcc warn of paths that are not there.
    def names(folder):
        told = {test["name"] for test in tests_of(folder) if test["depends"] and is_told(folder, test)}
        return [name for suite, names in suites_of(folder).items() for name in names
                if wanted(suite, name) and name in told]

    folder = build(tally, name, "gcc", "-Db_lundef=false", *LINES, *options, strict=False,
                   targets=lambda folder: targets_of_tests(folder, names(folder)))
    if folder:
        run_tests(tally, title, folder, names(folder), patience=5)


def sources(*suffixes):
    return sorted(path for room in (*ROOMS, "tests") for path in (ROOT / room).rglob("*")
                  if path.suffix in suffixes)


def without_macros(text):
    """What is left after taking out all #define: versions of clang-format differ about those."""
    return re.sub(r"^[ \t]*#[ \t]*define.*?(?<!\\)\n", "", text, flags=re.M | re.S)


def doubted(files):
    """Those that clang-format would change, or all if it stumbles."""
    code, said = run(["clang-format", "--style=file", "--dry-run", *map(str, files)])
    if code != 0:
        return files
    return [path for path in files if f"{path}:" in said]


def misformatted(path, is_house):
    code, formatted = run(["clang-format", "--style=file", str(path)])
    text = path.read_text()
    if code != 0 or formatted == text:
        return formatted if code else None
    if not is_house and without_macros(formatted) == without_macros(text):
        return None
    wrong = [number for number, (a, b) in enumerate(zip(text.splitlines(), formatted.splitlines()),
                                                    1) if a != b]
    return f"differs from line {wrong[0] if wrong else '?'} on; clang-format -i {path.name}"


def stage_format(tally, _):
    started = time.monotonic()
    _, version = run(["clang-format", "--version"])
    is_house = f"version {HOUSE_CLANG_FORMAT}." in version
    files = sources(".c", ".h")
    with ThreadPoolExecutor(JOBS) as pool:
        piles = [files[i::JOBS] for i in range(JOBS)]  # it takes longer to start than to read a file
        doubtful = [path for some in pool.map(doubted, piles) for path in some]
        wrong = list(pool.map(lambda path: misformatted(path, is_house), doubtful))
    failed = [f"{path.relative_to(ROOT)}: {text}" for path, text in zip(doubtful, wrong) if text]
    failures = [("clang-format", "\n".join(failed))] if failed else []
    tally.line("format", 0 if failed else 1, failures, 0, time.monotonic() - started, unit="")


def tidy_exemptions():
    words = [line.split() for line in (ROOT / ".ci/tidy-exempt").read_text().splitlines()]
    return {(line[0], line[1]) for line in words if line and line[0] != "#"}


def is_looked_at(command):
    """Kernels are compiled for every instruction set: those that are written differently are enough."""
    return "sy-kernels-" not in command["output"] or any(name in command["output"] for name in TIDY_KERNELS)


def commands_for_tidy(folder):
    """A folder with a database in which no file is twice for the sake of another program."""
    commands = [command for command in json.loads((folder / "compile_commands.json").read_text())
                if is_looked_at(command)]
    once = {(command["file"], command["output"] if "sy-kernels-" in command["output"] else ""): command
            for command in reversed(commands)}
    tidy = folder / "tidy"
    tidy.mkdir(exist_ok=True)
    (tidy / "compile_commands.json").write_text(json.dumps(list(once.values())))
    return tidy, list(once.values())


def tidy_one(folder, path, exempt, wrapper):
    """What clang-tidy finds in a file and is not known to be mistaken."""
    depth = [f"--extra-arg={word}" for word in TIDY_DEPTH]
    code, output = run([*wrapper, "clang-tidy", "--quiet", "-p", str(folder), *depth, str(path)])
    name = path.relative_to(ROOT).as_posix()
    found = re.split(r"(?m)^(?=\S+:\d+:\d+: (?:warning|error): )", output)[1:]
    left = []
    for text in found:
        checks = re.search(r"\[([\w.,-]+)\]", text.splitlines()[0])
        names = checks.group(1).split(",") if checks else []
        if not any((name, check) in exempt for check in names):
            left.append(text)
    if code != 0 and not found:
        return output
    return "".join(left)


class Tidy:
    """All of clang-tidy, beside what is run until it is waited for."""

    def __init__(self):
        self.pool = ThreadPoolExecutor(JOBS)
        self.files, self.found, self.seconds = [], None, 0.0

    def start(self, wrapper=()):
        """Of a build folder that has only to be configured: clang-tidy reads the sources."""
        exempt = tidy_exemptions()
        code, _ = configure(BUILDS / "clang", "clang", CLANG)
        if code:
            return  # what is wrong the build of clang says
        folder, commands = commands_for_tidy(BUILDS / "clang")
        files = {(Path(command["directory"]) / command["file"]).resolve() for command in commands}
        self.files = sorted(path for path in files
                            if path.suffix == ".c" and path.relative_to(ROOT).parts[0] in ROOMS)
        self.found = self.pool.map(lambda path: self.look(folder, path, exempt, wrapper), self.files)

    def look(self, folder, path, exempt, wrapper):
        started = time.monotonic()
        found = tidy_one(folder, path, exempt, wrapper)
        self.seconds += (time.monotonic() - started) / JOBS
        return found

    def finish(self, tally):
        """Starts it, if nobody has, and prints its line."""
        if not self.found:
            self.start()
        failures = [("clang-tidy " + path.relative_to(ROOT).as_posix(), text)
                    for path, text in zip(self.files, self.found or []) if text]
        tally.line("clang-tidy", 0 if failures else 1, failures, 0, self.seconds, unit="")


def stage_gcc(tally, tidy, leave_out=()):
    folder = build(tally, "gcc", "gcc", *LINES)
    if folder:
        run_suites(tally, folder, leave_out, tidy)


def runs_all():
    """Whether this machine's CPU runs what is compiled for every instruction set."""
    return "avx512f" in Path("/proc/cpuinfo").read_text().split()


def stage_asan(tally, _):
    sanitized(tally, "asan", "ASan and UBSan", lambda suite, name: suite not in NOT_QUICK,
              "-Db_sanitize=address,undefined", QUICKLY, *([] if runs_all() else [FEW]))


def stage_tsan(tally, _):
    sanitized(tally, "tsan", "TSan, workers as threads",
              lambda suite, name: suite in ("unit", "osc") or name in THREADED,
              "-Db_sanitize=thread", "-Dworkers=threads", FEW, is_told=starts_threads)


def stage_clang(tally, tidy):
    if build(tally, "clang", "clang", *CLANG):
        tidy.finish(tally)


def stage_ndebug(tally, _):
    build(tally, "ndebug", "gcc", "-Db_ndebug=true", FEW, BARE, targets=changed_by_ndebug)


STAGES = {
    "quick": lambda tally, _: stage_gcc(tally, None, NOT_QUICK),
    "gcc": stage_gcc,
    "format": stage_format,
    "clang": stage_clang,
    "ndebug": stage_ndebug,
    "asan": stage_asan,
    "tsan": stage_tsan,
}


def main():
    wanted = [name.lstrip("-") for name in sys.argv[1:]] or [name for name in STAGES
                                                             if name != "quick"]
    unknown = [name for name in wanted if name not in STAGES]
    if unknown:
        print(f"There is no stage {unknown[0]}; there are: {', '.join(STAGES)}", file=sys.stderr)
        return 2
    tally = Tally()
    tidy = Tidy() if "clang" in wanted else None  # begun early by the stage that has time for it
    try:
        for name in wanted:
            STAGES[name](tally, tidy)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
