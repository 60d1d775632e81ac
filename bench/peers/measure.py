"""What a program costs: CPU seconds, user and system, of all its processes, and seconds on the wall.

Processes that outlive whoever started them become children of this one (it is a "subreaper"), so that what
they cost is counted too; and a program is over when the last of them is.  Start and end cost something as
well, so a program is run for a short sound and for a long one, and the difference is what the sound between
costs.

All run without real-time priority, which nobody gives to a render: synthd offline does not ask for any.
"""
import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass

PATIENCE_S = 120  # more than any render takes
PR_SET_CHILD_SUBREAPER = 36


class Failed(Exception):
    """A program ended with anything but 0; the text has what it printed."""


@dataclass(frozen=True)
class Cost:
    """Of a run that rendered so much sound."""
    sound_s: float
    cpu_s: float
    wall_s: float


def adopt_orphans():
    """Makes this process the parent of all descendants that lose theirs.  To be called once, at the start."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


@contextlib.contextmanager
def on_one_cpu():
    """Whatever is run meanwhile has a single CPU: the last of those that there are."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def children_cpu_s():
    """Of all children that were waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def wait_for_orphans():
    """Until there is no child any more."""
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def end_group(pid):
    """Ends a program that takes too long, with all it has started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(command, sound_s=0.0, patience_s=PATIENCE_S):
    """Runs a program, which renders `sound_s`, to its end.  There must be no other child.  Raises Failed."""
    with tempfile.TemporaryFile() as printed:
        cpu, wall = children_cpu_s(), time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=printed,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        alarm = threading.Timer(patience_s, end_group, [process.pid])
        alarm.start()
        code = process.wait()
        wall = time.monotonic() - wall
        wait_for_orphans()
        alarm.cancel()
        if code != 0:
            printed.seek(0)
            text = printed.read().decode(errors="replace")
            raise Failed(f"{' '.join(command)} ended with {code}\n{text}")
        return Cost(sound_s, children_cpu_s() - cpu, wall)
