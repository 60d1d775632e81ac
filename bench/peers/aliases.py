"""How clean each engine's saw is, by itself: the worst alias and the worst harmonic of two notes, up to
20 kHz.

The same analysis reads a naive saw first, whose aliases are known: if it does not find those, it is wrong.
"""
import tempfile
from pathlib import Path

import numpy
from measure import run as run_program
from patch import RATE
from sound import read_wav
from spectrum import FRAMES, worst_alias, worst_harmonic

PITCHES_HZ = (1046.5, 4186.0)
BELOW_HZ = 20000.0
NAIVE_DB = (-28.8, -16.6)  # what a naive saw has at these pitches
WITHIN_DB = 0.4
GOAL_DB = -20.0  # against the best peer


def naive_saw(pitch_hz):
    """Rises from -1 to 1 without any thought of what is above half the rate."""
    return 2 * (numpy.arange(FRAMES) * pitch_hz / RATE % 1) - 1


def analyse(signal, pitch_hz):
    """Worst alias and worst harmonic in dB."""
    return (worst_alias(signal, RATE, pitch_hz, BELOW_HZ)[0],
            worst_harmonic(signal, RATE, pitch_hz, BELOW_HZ)[0])


def render(saw, pitch_hz, folder):
    """The sound of an engine's saw."""
    wav = Path(folder) / "saw.wav"
    wav.unlink(missing_ok=True)
    run_program(saw(Path(folder), pitch_hz, FRAMES / RATE + 0.5, wav))
    return read_wav(wav)


def check(found):
    """That the analysis finds what a naive saw is known to have."""
    for (alias, _), known in zip(found, NAIVE_DB):
        if abs(alias - known) > WITHIN_DB:
            raise ValueError(f"the analysis finds {alias:.1f} dB in a naive saw, not {known}")


def run(report, saws, ours):
    """Measures and fills the report; `saws`: commands by name."""
    found = {"a naive saw": [analyse(naive_saw(hz), hz) for hz in PITCHES_HZ]}
    check(found["a naive saw"])
    with tempfile.TemporaryDirectory(prefix="synthd-peers-") as folder:
        for name, saw in {**saws, "synthd vco": ours}.items():
            found[name] = [analyse(render(saw, hz, folder), hz) for hz in PITCHES_HZ]
    report.table("a saw by itself: worst alias and worst harmonic, dB",
                 [f"{what} {hz:g}" for hz in PITCHES_HZ for what in ("alias", "harm.")])
    for name, pairs in found.items():
        report.cells(name, [value for pair in pairs for value in pair])
    for i, hz in enumerate(PITCHES_HZ):
        best = min(found[name][i][0] for name in saws)
        report.goal(f"alias of the saw at {hz:g} Hz, against the best peer's",
                    found["synthd vco"][i][0] - best, "at most", GOAL_DB, "dB")
    exact = max(abs(harmonic) for _, harmonic in found["synthd vco"])
    report.goal("harmonics of the saw, furthest from exact", exact, "at most", 0.1, "dB")
