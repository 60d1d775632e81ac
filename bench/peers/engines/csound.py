"""Csound, rendering an orchestra and a score.

(k) is vco2 and lowpass2, the quickest resonant low-pass it has; (a) is vco2 and zdf_2pole, the filter of the
same kind as synthd's.  Debian's Csound computes in double precision.
"""
from patch import BLOCK, CUTOFF_HZ, GAIN, LONG_BLOCK, Q, RATE, SWING_HZ
from player import PER_BLOCK, PER_SAMPLE, Player


def header(block=BLOCK):
    """What an orchestra begins with."""
    return f"sr = {RATE}\nksmps = {block}\nnchnls = 1\n0dbfs = 1\n"


FILTERS = {
    PER_BLOCK: ("k", "alow lowpass2 asaw, kcutoff, {q}"),
    PER_SAMPLE: ("a", "alow zdf_2pole asaw, acutoff, {q}"),
}


def orchestra(patch, cutoff, block):
    """The instruments: 1 is a voice, 2 the lfo of all."""
    rate, low = FILTERS[cutoff]
    lfo = f"{rate}lfo oscili {SWING_HZ}, p5\n{rate}cutoff = {rate}lfo + {CUTOFF_HZ}"
    shared = "" if patch.own_lfo else f"instr 2\n{lfo}\ng{rate}cutoff = {rate}cutoff\nendin\n"
    moved = lfo if patch.own_lfo else f"{rate}cutoff = g{rate}cutoff"
    first = "" if patch.own_lfo else f"g{rate}cutoff init {CUTOFF_HZ}\n"
    voice = f"instr 3\nasaw vco2 1, p4\n{moved}\n{low.format(q=Q)}\nout alow * {GAIN:.9g}\nendin\n"
    return header(block) + first + shared + voice


def events(patch, seconds):
    """The score."""
    swings = patch.swings() if patch.own_lfo else [1.0] * patch.voices
    lines = [] if patch.own_lfo else [f"i 2 0 {seconds} 0 {patch.swings()[0]:.9g}"]
    lines += [f"i 3 0 {seconds} {freq:.9g} {swing:.9g}" for freq, swing in zip(patch.pitches(), swings)]
    return "\n".join(lines) + "\ne\n"


def document(orc, sco):
    """Both in one file."""
    return ("<CsoundSynthesizer>\n<CsInstruments>\n" + orc + "</CsInstruments>\n<CsScore>\n" + sco
            + "</CsScore>\n</CsoundSynthesizer>\n")


def invoke(path, wav):
    """The command line: no graphics, no messages; to a file of floats or to nothing."""
    return ["csound", "-d", "-m0", *(["-W", "-f", "-o", str(wav)] if wav else ["-n"]), str(path)]


def renderer(cutoff, block=BLOCK):
    """The command of a Player."""
    def command(folder, patch, seconds, threads, wav):
        path = folder / "patch.csd"
        path.write_text(document(orchestra(patch, cutoff, block), events(patch, seconds)))
        return invoke(path, wav) if threads == 1 else [*invoke(path, wav), f"-j{threads}"]

    return command


def saw_alone(folder, freq, seconds, wav):
    """A command that renders one saw at half of full scale."""
    path = folder / "saw.csd"
    orc = header() + "instr 1\nasaw vco2 0.5, p4\nout asaw\nendin\n"
    path.write_text(document(orc, f"i 1 0 {seconds} {freq}\ne\n"))
    return invoke(path, wav)


PLAYERS = [
    Player("csound vco2, lowpass2", PER_BLOCK, renderer(PER_BLOCK)),
    Player("csound vco2, zdf_2pole", PER_SAMPLE, renderer(PER_SAMPLE), about=1000, is_alike=True),
    Player(f"csound vco2, zdf_2pole, blocks of {LONG_BLOCK}", PER_SAMPLE, renderer(PER_SAMPLE, LONG_BLOCK),
           about=1000, is_alike=True),
]
SAWS = {"csound vco2": saw_alone}
