"""What the machine does by itself meanwhile: how late a timer wakes this process, how long the same small
piece of work takes, and what the host has taken away.  Sampled between the rounds, so that all saw the same
machine."""
import os
import time
from pathlib import Path

AHEAD_NS = 500_000
WAKES = 50
WORK = 100_000


def lateness_ns():
    """Of one sleep of half a millisecond."""
    until = time.monotonic_ns() + AHEAD_NS
    time.sleep(AHEAD_NS * 1e-9)
    return max(0, time.monotonic_ns() - until)


def work_ns():
    """CPU time of a fixed piece of work."""
    before = time.thread_time_ns()
    total = 0
    for i in range(WORK):
        total += i
    return time.thread_time_ns() - before


def stolen_share(before, after):
    """Of all CPUs' time between two texts of /proc/stat, what the host gave to others."""
    ticks = [[int(word) for word in text.splitlines()[0].split()[1:9]] for text in (before, after)]
    spent = [b - a for a, b in zip(*ticks)]
    return spent[7] / sum(spent) if sum(spent) else 0.0


class Noise:
    """Of one run of a bench."""

    def __init__(self):
        self.wakes_ns, self.works_ns = [], []
        self.stat = Path("/proc/stat").read_text()
        self.load = os.getloadavg()[0]

    def sample(self):
        """To be called between two rounds."""
        self.wakes_ns += [lateness_ns() for _ in range(WAKES)]
        self.works_ns.append(work_ns())

    def report(self, report):
        """Adds the rows, and what the machine was like, once more sampled at the end."""
        self.sample()
        report.row("noise: a timer's wake-up, late by", self.wakes_ns)
        report.row("noise: CPU time of the same work", self.works_ns)
        report.value("load average at the start", self.load, "")
        stolen = stolen_share(self.stat, Path("/proc/stat").read_text())
        report.value("of the CPUs' time, taken by the host", 100 * stolen, "%")
