"""Measures many cases by turns, so that each sees the machine in all its moods, and none only its worst.

What a second of sound costs is the slope between short renders and long ones: the median over all pairs of
them, one from any round and one from any other (Theil and Sen).  No two rounds have the same lengths, or a
program that looks ten times a second whether it is done would be wrong by the same each time.
"""
import sys
import tempfile
from pathlib import Path

from measure import run
from report import median, percentile

SHORT_S = 0.1            # that a short render takes, on top of start and end
STEP_S = 0.1             # the lengths of rounds are spread over this
SPREAD = (0.382, 0.236)  # so evenly, and short and long ones not alike

HANDING_OVER = 32        # voices that sharing a block among threads is worth, before anything is known


class Case:
    """A player, a patch and a number of threads, and what its renders cost."""

    def __init__(self, player, patch, threads=1):
        self.player, self.patch, self.threads = player, patch, threads
        self.shorts, self.longs = [], []

    def voices(self):
        """That it plays."""
        return self.player.voices_of(self.patch)

    def slopes(self, field):
        """What a second of sound costs, by each pair of a short render and a long one."""
        return [(getattr(long, field) - getattr(short, field)) / (long.sound_s - short.sound_s)
                for long in self.longs for short in self.shorts]

    def median(self, field):
        """Of a second of sound: cpu_s or wall_s."""
        return median(self.slopes(field))

    def spread(self, field):
        """How far apart the quartiles of the slopes are, as a share of their median."""
        slopes = self.slopes(field)
        return (percentile(slopes, 75) - percentile(slopes, 25)) / self.median(field)

    def measure(self, folder, seconds):
        """What so many seconds of it cost, rendered into nothing."""
        return run(self.player.command(Path(folder), self.patch, seconds, self.threads, None), seconds)


def lengths(case, budget_s, field, lap):
    """Seconds of sound for a short and for a long render: so much as takes `budget_s` in between, or as long
    as start and end do, if that is more."""
    guess = (case.patch.voices + HANDING_OVER) / case.player.about
    cost = max(case.median(field), guess / 8) if case.longs else guess
    start = median([getattr(short, field) for short in case.shorts]) if case.shorts else 0.0
    short, more = (SHORT_S * (i == 0) + STEP_S * (lap * share % 1) for i, share in enumerate(SPREAD))
    return round(short / cost, 3), round((short + max(budget_s, start) + more) / cost, 3)


def run_round(cases, lap, budget_s, field, folder):
    """A short and a long render of each."""
    for case in cases:
        short, long = lengths(case, budget_s, field, lap)
        case.shorts.append(case.measure(folder, short))
        case.longs.append(case.measure(folder, long))


def run_rounds(cases, count, budget_s, field, noise, what):
    """`count` rounds over all cases, in which each takes `budget_s` by `field` (cpu_s or wall_s)."""
    with tempfile.TemporaryDirectory(prefix="synthd-peers-") as folder:
        for lap in range(count):
            print(f"{what}: round {lap + 1} of {count}", file=sys.stderr, flush=True)
            noise.sample()
            run_round(cases, lap, budget_s, field, folder)
