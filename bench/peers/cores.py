"""All cores against one: what 64 frames take on the wall, for synthd and for supernova, from two voices on.

A graph of two voices in blocks of 64 is a few microseconds of work: less than it takes to wake a sleeping
thread.  So the small ones show what sharing the work costs, and the large ones what it brings.
"""
import os

from patch import BLOCK, RATE, Patch
from rounds import Case, run_rounds

SIZES = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
QUICK_SIZES = (2, 64, 1024)
BUDGET_S, QUICK_BUDGET_S = 0.4, 0.4


def block_us(case):
    """Microseconds of 64 frames on the wall, for as many voices as were asked for."""
    return 1e6 * case.median("wall_s") * BLOCK / RATE * case.patch.voices / case.voices()


def times_of(cases, player, threads, sizes):
    """By size; None where it does not play."""
    found = {case.patch.voices: block_us(case) for case in cases
             if case.player is player and case.threads == threads}
    return [found.get(size) for size in sizes]


def ratios(one, other):
    """Each of one over each of other."""
    return [a / b if a and b else None for a, b in zip(one, other)]


def report_player(report, cases, player, cores, sizes):
    """Its times and its speed-up.  Returns its times on all cores."""
    one, all_of_them = (times_of(cases, player, threads, sizes) for threads in (1, cores))
    report.cells(f"{player.name}, 1 thread", one)
    report.cells(f"{player.name}, {cores} threads", all_of_them)
    report.cells(f"{player.name}, speed-up", ratios(one, all_of_them))
    return all_of_them


def run(report, noise, ours, supernova, is_quick, count):
    """Measures and fills the report."""
    cores = len(os.sched_getaffinity(0))
    if cores < 2:
        report.note("one CPU only: nothing to share among cores")
        return
    sizes = QUICK_SIZES if is_quick else SIZES
    count = count or (2 if is_quick else 3)
    players = [*ours, supernova]
    cases = [Case(player, Patch(size), threads) for size in sizes for player in players
             if player.plays(Patch(size)) for threads in (1, cores)]
    run_rounds(cases, count, QUICK_BUDGET_S if is_quick else BUDGET_S, "wall_s", noise, "cores")
    report.table(f"us of 64 frames on the wall, an lfo each: {count} rounds", sizes)
    times = {player: report_player(report, cases, player, cores, sizes) for player in players}
    for player in ours:
        over = ratios(times[supernova], times[player])
        report.cells(f"{player.name}: times as fast as supernova", over)
        report.goal(f"{player.name}: as fast as supernova on {cores} cores, worst size",
                    min(ratio for ratio in over if ratio), "at least", 1.0, "x")
