"""synthd, rendering offline.

Mono: each voice is four modules of its own, lfo, vco, vcf and vca, or three and one lfo for all, as many
patches are.  Poly: the same with 16 voices in each module.  The lfo is heard with every sample in any case.
Each is rendered as synthctl does it, in blocks of LONG_BLOCK, and once more in the blocks that are played
live: it is the same sound to the bit.
There are 4,096 modules at most, so that 1,023 mono voices stand for 1,024 where each has four.
"""
from pathlib import Path

from patch import BLOCK, CUTOFF_HZ, GAIN_DB, MASTER_DB, RATE, SWING_OCT
from player import PER_SAMPLE, Player

MODULES = 4096
POLY = 16
RESONANCE = 0.5
KINDS = (("mono modules", 1), ("poly modules", POLY))


def instances(patch, poly):
    """How many modules of a type there are."""
    if patch.voices % poly:
        raise ValueError(f"{patch.voices} voices do not fill modules of {poly}")
    whole = patch.voices // poly
    return min(whole, (MODULES - 1) // 4) if patch.own_lfo else whole


def lines(patch, poly):
    """The patch, as synthctl would be told it."""
    each = f" --voices {poly}" if poly > 1 else ""
    count = instances(patch, poly)
    yield f"create out --id 1 --gain {MASTER_DB}"
    for i, swing in enumerate(patch.swings(count), 1):
        yield f"create lfo --id {i} --rate {swing:.6f}" + (each if patch.own_lfo else "")
    for i, freq in enumerate(patch.pitches(count), 1):
        yield f"create vco --id {i}{each} --freq {freq:.6f} --detune {10 if poly > 1 else 0}"
        yield f"create vcf --id {i}{each} --cutoff {CUTOFF_HZ} --resonance {RESONANCE} --fm {SWING_OCT}"
        yield f"create vca --id {i}{each} --gain {GAIN_DB}"
        yield f"connect vco/{i}/saw vcf/{i}/in"
        yield f"connect lfo/{i if patch.own_lfo else 1}/sine vcf/{i}/fm"
        yield f"connect vcf/{i}/low vca/{i}/in"
        yield f"connect vca/{i}/out out/1/left"


def invoke(synthd, path, seconds, threads, wav, block=None, placement=None):
    """The command line that renders a patch, in blocks of its own choice or of so many frames, and placed as
    it finds best or as it is told."""
    blocks = ["--block", str(block)] if block else []
    places = ["--placement", placement] if placement else []
    tape = ["--record", str(wav)] if wav else []
    return [str(synthd), "--audio", "offline", *blocks, *places, "--rate", str(RATE), "--workers", str(threads),
            "--load", str(path), "--seconds", str(seconds), *tape]


def renderer(synthd, poly, block, placement):
    """The command of a Player."""
    def command(folder, patch, seconds, threads, wav):
        path = folder / "patch.synth"
        path.write_text("\n".join(lines(patch, poly)) + "\n")
        return invoke(synthd, path, seconds, threads, wav, block, placement)

    return command


def player(build, name, poly, block=None, placement=None):
    """A way to render, of a build folder."""
    return Player(f"synthd, {name}" + (f", blocks of {block}" if block else ""), PER_SAMPLE,
                  renderer(Path(build) / "synthd", poly, block, placement), is_ours=True, is_parallel=True,
                  voices_of=lambda patch: poly * instances(patch, poly))


def players(build, placement=None):
    """Mono and poly of a build folder: as rendered, then in the blocks of whoever plays live."""
    return [player(build, *kind, block, placement) for block in (None, BLOCK) for kind in KINDS]


def saw_alone(build):
    """A command that renders one saw, quiet enough not to be bent by the output's limiter."""
    def command(folder, freq, seconds, wav):
        path = folder / "saw.synth"
        path.write_text(f"create vco --id 1 --freq {freq}\ncreate out --id 1 --gain {MASTER_DB}\n"
                        "connect vco/1/saw out/1/left\n")
        return invoke(Path(build) / "synthd", path, seconds, 1, wav)

    return command
