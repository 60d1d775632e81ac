"""What it costs that workers are processes: the same engine built with workers as threads, beside it.

Both render the same patches, by turns.  With threads there is one memory map for all instead of one for each;
no filter of system calls, no locked memory and no limits for a worker; and the tables that a worker has no
business with can be written.  All else is the same code: segment, rings, claims, futexes, what is made
present before the first block.  Two workers share each patch, whether that is worth it or not: left to
themselves, two engines that find both answers about as good may each take another.
"""
from patch import BLOCK, Patch
from report import median
from rounds import Case, run_rounds

SIZES = (1, 16, 256)
WORKERS = (1, 2)
PLACEMENT = "spread"
BUDGET_S = 0.4
GOAL = 10.0


def overhead(processes, threads, field):
    """Per cent by which processes cost more."""
    return 100 * (processes.median(field) / threads.median(field) - 1)


def name_of(case):
    """As the table has it."""
    _, kind, *blocks = case.player.name.split(", ")
    voices, workers = case.patch.voices, case.threads
    name = f"{voices} voice{'s' * (voices > 1)} {kind.split()[0]}, {workers} worker{'s' * (workers > 1)}"
    return ", ".join([name, *blocks])


def make_cases(players):
    """Of one build: all players, all sizes that they play, all numbers of workers."""
    return [Case(player, Patch(size), workers) for player in players for size in SIZES
            if player.plays(Patch(size)) for workers in WORKERS]


def is_in_short_blocks(case):
    """Those that are played live."""
    return str(BLOCK) in case.player.name


def report_goals(report, pairs, how):
    """The worst and the median of some cases."""
    for field, what in (("cpu_s", "CPU time"), ("wall_s", "time on the wall")):
        more = [overhead(*pair, field) for pair in pairs]
        report.goal(f"what processes cost more, {how}, {what}, worst case", max(more), "at most", GOAL, "%")
        report.value(f"what processes cost more, {how}, {what}, median of the cases", median(more), "%")


def run(report, noise, with_processes, with_threads, is_quick, count):
    """Measures and fills the report; the players of each build."""
    count = count or (3 if is_quick else 15)
    pairs = list(zip(make_cases(with_processes), make_cases(with_threads)))
    run_rounds([case for pair in pairs for case in pair], count, BUDGET_S, "wall_s", noise, "isolation")
    report.table(f"processes and threads, us of a second of sound: {count} rounds",
                 ["CPU", "threads", "more %", "wall", "threads", "more %"])
    for pair in pairs:
        cells = []
        for field in ("cpu_s", "wall_s"):
            cells += [1e6 * case.median(field) for case in pair] + [overhead(*pair, field)]
        report.cells(name_of(pair[0]), cells)
    report_goals(report, [pair for pair in pairs if not is_in_short_blocks(pair[0])], "as rendered")
    report_goals(report, [pair for pair in pairs if is_in_short_blocks(pair[0])], f"blocks of {BLOCK}")
