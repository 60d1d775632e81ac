#!/usr/bin/env python3
"""What real-time code may call.

Reads the undefined symbols of the objects that run in real time: all kernels and modules, and those
files of the engine that are named below.  Each symbol must be defined in another of these objects or be
allowed by name, with a reason.  So an allocation, a lock, a file or a log cannot come in unseen, and
neither can a call of engine code that is not real-time.  What `syscall` may be asked for is read off
the sources.

Usage: realtime_symbols.py SANITIZE ROOT ENGINE_LIBRARY LIBRARY...
           SANITIZE is meson's b_sanitize: with sanitizers there is nothing to be read (77)
       realtime_symbols.py --self-test ROOT  with objects that call what they must not; fails if one
           passes
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# Of the engine; of every other library all objects.
ENGINE = ("audio_adopt", "audio_mix", "audio_process", "audio_release", "audio_trace", "gather", "hang", "judge",
          "ring", "schedule", "timebase", "watchdog", "worker_feedback", "worker_guard", "worker_lanes", "worker_loop",
          "worker_pieces", "worker_render", "worker_trace")

# Symbol: reason, files (none: all).  What compilers make of assignments and of plain C comes first.
ALLOWED = {
    "_GLOBAL_OFFSET_TABLE_": ("no function", ()),
    "memcpy": ("copies bytes, nothing else", ()),
    "memmove": ("copies bytes, nothing else", ()),
    "memset": ("fills bytes, nothing else", ()),
    "fmaxf": ("arithmetic", ()),
    "fminf": ("arithmetic", ()),
    "round": ("arithmetic", ("timebase",)),
    "roundf": ("arithmetic", ("registry",)),
    "llround": ("arithmetic", ("timebase",)),
    "log2": ("arithmetic, of values that control and osc convert", ("registry",)),
    "pow": ("arithmetic, of values that control and osc convert", ("registry",)),
    "strcmp": ("by name nobody looks in real time; reads bytes, nothing else", ("registry",)),
    "__assert_fail": ("ends the process, where it cannot go on anyway", ()),
    "clock_gettime": ("no system call for the clocks that are read here; hang asks for a worker's CPU "
                      "time, once that is late",
                      ("audio_process", "audio_release", "audio_trace", "hang", "judge", "timebase", "watchdog",
                       "worker_loop", "worker_render", "worker_trace")),
    "sched_getcpu": ("reads what the kernel keeps up to date in the thread's own memory",
                     ("audio_release",)),
    "syscall": ("futex: see SYSCALLS",
                ("audio_mix", "audio_process", "audio_release", "judge", "watchdog", "worker_loop")),
    "__errno_location": ("an address of the thread's own", ("watchdog",)),
    "sy_thread_start": ("sy_pool_watch: set-up, by the control thread", ("watchdog",)),
    "pthread_join": ("sy_pool_unwatch: by the control thread", ("watchdog",)),
    "clock_getcpuclockid": ("arithmetic on a pid; only for a worker that is late", ("hang",)),
    "kill": ("what it is there for: only for a worker that hangs", ("hang",)),

    "sy_realtime_enter": ("before the watch begins", ("watchdog",)),
    "sy_spawn_makes_threads": ("a constant", ("hang",)),
    "sy_blame_strike": ("in blame.c, beside the words for it: bounded, touches its argument only",
                        ("judge",)),
    "sy_fault_of_exit": ("in blame.c, beside the words for it: arithmetic", ("judge",)),
    "sy_fft_execute": ("FFTW's new-array execute: arithmetic, on plans made before the fork",
                       ("convolve_stages",)),
    "sy_convolve_size": ("in the loader", ("convolver",)),
    "sy_wavetable_prepare": ("in the loader", ("wavetable",)),
    "sy_wavetable_size": ("in the loader", ("wavetable",)),
    "sy_convolve_prepare": ("in the loader", ("convolver",)),
    "sy_memory_prefault_shared": ("a parked worker's, in small pieces, until all is present",
                                  ("worker_loop",)),
    "sy_memory_prefault_read": ("a parked worker's, in small pieces, until all is present",
                                ("worker_loop",)),
    "sy_jail_enter": ("modules behind walls pay for them: two system calls", ("worker_pieces",)),
    "sy_jail_leave": ("modules behind walls pay for them: two system calls", ("worker_pieces",)),
}

# System calls by name, in the sources that may have them.
SYSCALLS = {
    "futex.h": {"SYS_futex"},
    "life.h": {"SYS_gettid", "SYS_set_robust_list"},  # at a worker's start
    "watchdog.c": {"SYS_futex_waitv"},
}


def symbols(nm, library):
    """Names of objects with what they need and what they define."""
    text = subprocess.run([nm, "-P", library], text=True, stdout=subprocess.PIPE, check=True).stdout
    objects, name = {}, None
    for line in text.splitlines():
        head = re.fullmatch(r".*\[(.*)\]:", line)
        if head:
            name = Path(head[1]).name.split(".")[0]
            objects[name] = (set(), set())
        elif line.strip():
            symbol, kind = line.split()[:2]
            if kind in "UwvTDBRGSVWi":
                objects[name][kind not in "Uwv"].add(symbol)
    return objects


def may_call(name, symbol):
    reason, files = ALLOWED.get(symbol, ("", ()))
    return bool(reason) and (not files or name in files)


def wrong_calls(nm, engine, others):
    known = symbols(nm, engine)
    absent = [f"{name}.c is not in {engine}" for name in ENGINE if name not in known]
    checked = [(name, known[name]) for name in ENGINE if name in known]
    for library in others:
        checked += symbols(nm, library).items()
    own = set().union(*(defined for _, (_, defined) in checked))
    home = {symbol: f" of {name}.c" for name, (_, defined) in known.items() for symbol in defined}
    return len(checked), absent + [
        f"{name}.c calls {symbol}{home.get(symbol, '')}, which is not for real-time code"
        for name, (needed, _) in checked
        for symbol in sorted(needed - own) if not may_call(name, symbol)]


def wrong_syscalls(root):
    sources = [root / "engine" / f"{name}.c" for name in ENGINE] + sorted((root / "engine").glob("*.h"))
    for path in sources:
        text = path.read_text() if path.exists() else ""
        for call in re.finditer(r"\bsyscall\((\w*)", text):
            if call[1] not in SYSCALLS.get(path.name, ()):
                yield f"{path.name} asks for system call {call[1]}"


# Source of the engine, its text, what is said about it.
BREAKING = [
    ("gather.c", "void *malloc(unsigned long); void *sy_a(void) { return malloc(3); }",
     "gather.c calls malloc"),
    ("schedule.c", "int pthread_mutex_lock(void *); int sy_a(void *m) { return pthread_mutex_lock(m); }",
     "schedule.c calls pthread_mutex_lock"),
    ("audio_mix.c", "int printf(const char *, ...); void sy_a(int i) { printf(\"%d\", i); }",
     "audio_mix.c calls printf"),
    ("ring.c", "int kill(int, int); int sy_a(void) { return kill(1, 9); }", "ring.c calls kill"),
    ("judge.c", "void sy_arena_alloc(void); void sy_a(void) { sy_arena_alloc(); }",
     "judge.c calls sy_arena_alloc"),
    ("vco.c", "void free(void *); void (*const sy_a[])(void *) = {free};", "vco.c calls free"),
    ("mix.c", "long syscall(long, ...); long sy_a(void) { return syscall(39); }", "mix.c calls syscall"),
    ("worker_loop.c", "long syscall(long, ...); long sy_a(long SYS_read) { return syscall(SYS_read); }",
     "worker_loop.c asks for system call SYS_read"),
]
KEEPING = [
    ("gather.c", "void *memcpy(void *, const void *, unsigned long); void *sy_a(void *a, void *b, "
     "unsigned long n) { return memcpy(a, b, n); }"),
    ("worker_render.c", "void sy_in_ring(void); void sy_a(void) { sy_in_ring(); }"),
    ("watchdog.c", "int *__errno_location(void); int sy_a(void) { return *__errno_location(); }"),
    ("hang.c", "int kill(int, int); int sy_a(void) { return kill(1, 9); }"),
]


def compile_one(folder, name, text):
    (folder / name).write_text(text)
    subprocess.run(["cc", "-c", "-fno-builtin", folder / name, "-o", folder / f"{name}.o"], check=True)


def archive(folder, library, names):
    subprocess.run(["ar", "rcs", library, *(f"{name}.o" for name in names)], cwd=folder, check=True)
    return str(folder / library)


def complaints(source, text):
    """With an engine and a library of which one file has this text."""
    files = {f"{name}.c" for name in ENGINE}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "engine").mkdir()
        compile_one(folder, "empty.c", "extern int sy_nothing;")
        for other in files | {"pure.c"}:
            shutil.copy(folder / "empty.c.o", folder / f"{other}.o")
        compile_one(folder, "ring.c", "void sy_in_ring(void) {}")
        compile_one(folder, source, text)
        shutil.copy(folder / source, folder / "engine")
        engine = archive(folder, "engine.a", files)
        others = [archive(folder, "pure.a", {"pure.c", source} - files)]
        return wrong_calls("nm", engine, others)[1] + list(wrong_syscalls(folder))


def self_test(root):
    failed = []
    for source, text, says in BREAKING:
        said = complaints(source, text)
        failed += [] if any(line.startswith(says) for line in said) else [f"not noticed: {says}"]
    for source, text in KEEPING:
        failed += [f"refused, though right: {line}" for line in complaints(source, text)]
    failed += [f"{name}.c is no source" for name in ENGINE
               if not (root / "engine" / f"{name}.c").exists()]
    print("\n".join(failed))
    return not failed


def main():
    if sys.argv[1:2] == ["--self-test"] and len(sys.argv) == 3:
        return 0 if self_test(Path(sys.argv[2])) else 1
    if len(sys.argv) < 5:
        print(__doc__, file=sys.stderr)
        return 2
    sanitize, root, engine, *others = sys.argv[1:]
    if sanitize != "none":
        print("sanitizers call what they like")
        return 77
    count, wrong = wrong_calls("nm", engine, others)
    wrong += wrong_syscalls(Path(root))
    print("\n".join(wrong))
    print(f"{count} objects read")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
