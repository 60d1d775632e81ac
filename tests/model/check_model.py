#!/usr/bin/env python3
"""Has spin try every interleaving of claim.pml, then of its mutants, which must fail.

A model that can't fail proves nothing: each mutant takes one rule of the protocol away, and the search
has to find what goes wrong without it.

Usage: check_model.py [NAME...]   those whose name contains one of NAME; otherwise all
Exits with 1 if the protocol fails or a mutant passes, with 77 if there is no spin.
"""
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODEL = Path(__file__).resolve().with_name("claim.pml")
SKIPPED = 77
DEPTH = 10000
ROOM_KB = 4000000  # the largest search takes 1.4 GB as it is; compressed, 0.6 GB and half as long again

# Name, and what to define. The model has two workers, two kills and two blocks unless told otherwise.
RIGHT = [
    ("chain, 2 workers, 2 kills", ["PLAN_CHAIN"]),
    ("loop, 2 workers, 2 kills", ["PLAN_LOOP"]),
    ("wide, 2 workers, 2 kills", ["PLAN_WIDE"]),
    ("join, 2 workers, 2 kills", ["PLAN_JOIN"]),
    ("join, 3 workers, 1 kill", ["PLAN_JOIN", "WORKERS=3", "KILLS=1"]),
    ("chain, 3 workers, 2 kills", ["PLAN_CHAIN", "WORKERS=3"]),
    ("chain, ahead", ["PLAN_CHAIN", "AHEAD=2"]),
    ("join, ahead", ["PLAN_JOIN", "AHEAD=2", "KILLS=1"]),
    ("wide, ahead, 3 blocks", ["PLAN_WIDE", "AHEAD=2", "BLOCKS=3", "KILLS=1"]),
    ("chain, 3 ahead", ["PLAN_CHAIN", "AHEAD=3", "BLOCKS=3", "KILLS=1"]),
]
MUTANTS = [
    ("steal from the living", ["MUTANT_STEAL", "PLAN_CHAIN"]),
    ("no epoch in the claim", ["MUTANT_NO_EPOCH", "PLAN_CHAIN"]),
    ("counted after done", ["MUTANT_COUNTER_LOST", "PLAN_CHAIN"]),
    ("counted before done", ["MUTANT_COUNTER_TWICE", "PLAN_JOIN"]),
    ("commit in place", ["MUTANT_ONE_SLOT", "PLAN_CHAIN"]),
    ("no announcement by others", ["MUTANT_NO_REPAIR", "PLAN_CHAIN"]),
    ("committed nodes run again", ["MUTANT_NO_SKIP", "PLAN_CHAIN"]),
    ("a block overtaken", ["MUTANT_OVERTAKE", "PLAN_CHAIN", "AHEAD=2"]),
    ("an announcement taken back", ["MUTANT_TAKEN_BACK", "PLAN_WIDE", "AHEAD=2", "BLOCKS=3", "KILLS=1"]),
    ("sinks not set aside", ["MUTANT_NOT_ASIDE", "PLAN_WIDE", "AHEAD=2"]),
    ("set aside once", ["MUTANT_ASIDE_ONCE", "PLAN_CHAIN", "AHEAD=2"]),
    ("released too far", ["MUTANT_TOO_FAR", "PLAN_CHAIN", "AHEAD=3", "BLOCKS=3"]),
    ("a loop in two commits", ["MUTANT_LOOP_APART", "PLAN_LOOP"]),
]


def run(command, folder):
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


def options(defines):
    return [f"-D{define}" for define in defines]


def compression():
    """What has states compressed where there may not be room for them."""
    free = re.search(r"MemAvailable: +(\d+)", Path("/proc/meminfo").read_text())
    return [] if free and int(free.group(1)) > ROOM_KB else ["-DCOLLAPSE"]


def build(folder, defines, optimise):
    """Spin reports mistakes of the model with exit code 0, too: no pan.c, or a word about an error."""
    commands = [
        ["spin", "-a", *options(defines), str(MODEL)],
        ["cc", optimise, "-w", "-DSAFETY", *compression(), "-DMEMLIM=4000", "-o", "pan", "pan.c"],
    ]
    for command in commands:
        code, said = run(command, folder)
        if code != 0 or "rror:" in said:
            sys.exit(f"{' '.join(command)}:\n{said}")


# What may go wrong with a mutant. Anything else (out of memory, too deep, an index out of its array) is
# a mistake of the model, not a finding.
FINDING = re.compile(r"pan:\d+: (assertion violated \(.*|invalid end state)")


def search(folder, defines):
    """Number of states, and what went wrong, if anything did. None if not all was searched."""
    _, said = run(["./pan", f"-m{DEPTH}"], folder)
    states = re.search(r"(\d+) states, stored", said)
    errors = re.search(r"errors: (\d+)", said)
    if not states or not errors or "max search depth too small" in said or "out of memory" in said:
        return None, said
    if errors.group(1) == "0":
        return int(states.group(1)), ""
    finding = FINDING.search(said)
    if not finding:
        return None, said
    return int(states.group(1)), describe(folder, defines, finding.group(1))


def describe(folder, defines, finding):
    """Which of the model's properties does not hold: the label beside the assertion, as H1."""
    if not finding.startswith("assertion"):
        return "H5: a block never gets done"
    trail = "claim.pml.trail"
    _, said = run(["spin", "-t", "-k", trail, *options(defines), str(MODEL)], folder)
    line = re.search(r"claim\.pml:(\d+), Error: assertion", said)
    text = MODEL.read_text().splitlines()[int(line.group(1)) - 1] if line else ""
    label = re.search(r"/\* (H\d)", text)
    return f"{label.group(1)}: {text.split('/*')[0].strip()}" if label else finding


def check(name, defines, must_fail):
    with tempfile.TemporaryDirectory() as folder:
        before = time.monotonic()
        build(folder, defines, "-O0" if must_fail else "-O2")  # mutants fail soon
        states, finding = search(folder, defines)
        took = time.monotonic() - before
    if states is None:
        print(f"{name}: not searched to the end\n{finding}")
        return False
    good = bool(finding) == must_fail
    verdict = finding or "holds in every interleaving"
    print(f"{'ok ' if good else 'BAD'} {name:26} {states:>10,} states  {took:5.1f} s  {verdict}",
          flush=True)
    return good


def main():
    if not shutil.which("spin"):
        print("spin is not installed")
        return SKIPPED
    wanted = sys.argv[1:] or [""]
    cases = [(*case, False) for case in RIGHT] + [(*case, True) for case in MUTANTS]
    cases = [case for case in cases if any(word in case[0] for word in wanted)]
    results = [check(*case) for case in cases]
    print(f"{sum(results)} of {len(results)} as they must be")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
