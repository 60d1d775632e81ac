"""Voices a core: the voices times the seconds of sound, over the CPU seconds of all processes, which have a
single CPU: with two, synthd stays awake on both where a small patch is done sooner so.
"""
from measure import on_one_cpu
from patch import Patch
from player import PER_SAMPLE
from report import median
from rounds import Case, run_rounds

# Whether each voice has an lfo of its own, how the table says so, and numbers of voices.
KINDS = ((True, "an lfo each", (16, 64, 256, 1024)), (False, "one lfo for all", (64, 1024)))
QUICK_KINDS = ((True, "an lfo each", (16, 256)),)
BUDGET_S, QUICK_BUDGET_S = 0.3, 0.25  # of CPU, for the sound that is measured

# What ours is compared with, and how many times as many voices it should play.
AGAINST = (("the best", lambda player: True, 2.0),
           ("the best (a)", lambda player: player.cutoff == PER_SAMPLE, None),
           ("the best that is alike", lambda player: player.is_alike, 4.0))


def voices_a_core(case):
    """By all rounds."""
    return case.voices() / case.median("cpu_s")


def best(cases, size, is_wanted=lambda player: True):
    """Of the peers at a size; None if there are none."""
    return max((voices_a_core(case) for case in cases
                if case.patch.voices == size and not case.player.is_ours and is_wanted(case.player)),
               default=None)


def report_table(report, cases, sizes, kind, count):
    """Voices a core of each player at each size."""
    report.table(f"voices a core, {kind}: {count} rounds", sizes)
    for player in dict.fromkeys(case.player for case in cases):
        of_player = {case.patch.voices: case for case in cases if case.player is player}
        report.cells(player.label(), [voices_a_core(of_player[size]) for size in sizes])


def report_ratios(report, cases, sizes, kind):
    """Ours over the best peer, and whether it is enough at every size."""
    ours = list(dict.fromkeys(case.player for case in cases if case.player.is_ours))
    report.table(f"synthd over the peers, {kind}", sizes)
    goals = []
    for player in ours:
        own = {case.patch.voices: voices_a_core(case) for case in cases if case.player is player}
        for name, is_wanted, goal in AGAINST:
            bests = [best(cases, size, is_wanted) for size in sizes]
            ratios = [own[size] / other if other else None for size, other in zip(sizes, bests)]
            report.cells(f"{player.name}, over {name}", ratios)
            if goal:
                worst = min(ratios) if all(ratios) else float("nan")
                goals.append((f"{player.name}, over {name}, {kind}, worst size", worst, goal))
    for name, value, goal in goals:
        report.goal(name, value, "at least", goal, "x")


def run(report, noise, players, is_quick, count):
    """Measures and fills the report."""
    count = count or (2 if is_quick else 4)
    kinds = QUICK_KINDS if is_quick else KINDS
    cases = [Case(player, Patch(size, own))
             for own, _, sizes in kinds for size in sizes for player in players]
    with on_one_cpu():
        run_rounds(cases, count, QUICK_BUDGET_S if is_quick else BUDGET_S, "cpu_s", noise, "voices")
    for own, kind, sizes in kinds:
        of_kind = [case for case in cases if case.patch.own_lfo == own]
        report_table(report, of_kind, sizes, kind, count)
        report_ratios(report, of_kind, sizes, kind)
    spreads = [case.spread("cpu_s") for case in cases]
    report.value("voices: quartiles of a case apart, median", 100 * median(spreads), "%")
    report.value("voices: quartiles of a case apart, worst", 100 * max(spreads), "%")
