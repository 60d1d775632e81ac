#!/usr/bin/env python3
"""Measures synthd beside other engines, or beside itself with workers as threads; called by ./run, which has
seen to packages and builds."""
import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import aliases
import cores
import isolation
import voices
from engines import chuck, csound, pd, supercollider, synthd
from measure import Failed, adopt_orphans
from measure import run as run_program
from noise import Noise
from patch import Patch
from report import Report
from sound import level_db, read_wav

PEERS = [*supercollider.PLAYERS, *csound.PLAYERS, *pd.PLAYERS, *chuck.PLAYERS]
SAWS = {**supercollider.SAWS, **csound.SAWS, **pd.SAWS, **chuck.SAWS}
PACKAGES = ("supercollider-server", "supercollider-supernova", "csound", "puredata-core", "chuck")
AUDIBLE_DB = -90.0  # what is below is as good as silent


def read_arguments():
    """From the command line."""
    parser = argparse.ArgumentParser(prog="bench/peers/run", add_help=False, usage="see %(prog)s --help")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--isolation", action="store_true")
    parser.add_argument("--count", type=int)
    parser.add_argument("--only", choices=("voices", "cores", "aliases"))
    parser.add_argument("--build", required=True)
    parser.add_argument("--threads-build", default="")
    arguments = parser.parse_args()
    if arguments.count is not None and arguments.count < 1:
        parser.error("--count must be above 0")
    return arguments


def version_of(synthd_path):
    """What it says itself."""
    done = subprocess.run([synthd_path, "--version"], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.split()[-1]


def versions():
    """Of the peers' packages."""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}, ", *PACKAGES], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.rstrip(", ") or "not installed as packages"


def listen(report, players):
    """Hears that each of them plays: what is silent costs nothing."""
    report.table("what is heard: 16 voices, a second, an lfo each; and one lfo for all, dB",
                 ["each", "one"])
    with tempfile.TemporaryDirectory(prefix="synthd-peers-") as folder:
        for player in players:
            levels = []
            for own in (True, False):
                wav = Path(folder) / "heard.wav"
                wav.unlink(missing_ok=True)
                run_program(player.command(Path(folder), Patch(16, own), 1.0, 1, wav))
                levels.append(level_db(read_wav(wav)))
            report.cells(player.label(), levels)
            if not all(math.isfinite(level) and level > AUDIBLE_DB for level in levels):
                raise Failed(f"{player.label()} plays at {levels} dB")


def compare(arguments, report, noise):
    """synthd beside the peers."""
    ours = synthd.players(arguments.build)
    report.note(f"peers: {versions()}")
    report.note("voices a core: voices times seconds of sound over CPU seconds of all processes; the cutoff "
                "is moved (k) once a block, (a) every sample")
    listen(report, [*PEERS, supercollider.SUPERNOVA, *ours])
    if arguments.only in (None, "voices"):
        voices.run(report, noise, [*PEERS, *ours], arguments.quick, arguments.count)
    if arguments.only in (None, "cores"):
        cores.run(report, noise, ours, supercollider.SUPERNOVA, arguments.quick, arguments.count)
    if arguments.only in (None, "aliases"):
        aliases.run(report, SAWS, synthd.saw_alone(arguments.build))


def main():
    arguments = read_arguments()
    adopt_orphans()
    noise = Noise()
    bench = "isolation" if arguments.isolation else "peers"
    report = Report(bench, version_of(f"{arguments.build}/synthd"))
    try:
        if arguments.isolation:
            builds = [synthd.players(build, isolation.PLACEMENT)
                      for build in (arguments.build, arguments.threads_build)]
            isolation.run(report, noise, *builds, arguments.quick, arguments.count)
        else:
            compare(arguments, report, noise)
    except (Failed, OSError, ValueError) as error:
        print(f"{bench}: {error}", file=sys.stderr)
        return 2
    noise.report(report)
    print(report.as_json() if arguments.json else report.as_text())
    return 1 if report.missed() else 0


if __name__ == "__main__":
    sys.exit(main())
