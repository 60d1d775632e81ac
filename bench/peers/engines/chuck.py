"""ChucK, without a device.

SawOsc is a naive saw; LPF is the resonant low-pass, whose cutoff a program sets once in 64 samples.
"""
from patch import BLOCK, CUTOFF_HZ, GAIN, Q, RATE, SWING_HZ
from player import PER_BLOCK, Player


def record(wav):
    """What writes a file, if one is wanted."""
    return f'dac => WvOut tape => blackhole;\n"{wav}" => tape.wavFilename;\n' if wav else ""


def program(patch, seconds, wav):
    """The text of the program."""
    n, lfos = patch.voices, patch.voices if patch.own_lfo else 1
    freqs = ", ".join(f"{freq:.6f}" for freq in patch.pitches())
    swings = ", ".join(f"{swing:.6f}" for swing in patch.swings())
    value = f"{CUTOFF_HZ} + {SWING_HZ} * lfo[{'i' if patch.own_lfo else '0'}].last()"
    return (f"{record(wav)}[{freqs}] @=> float freqs[];\n[{swings}] @=> float swings[];\n"
            f"SawOsc saw[{n}]; LPF low[{n}]; Gain gain[{n}]; SinOsc lfo[{lfos}]; Gain sum => dac;\n"
            f"for (0 => int i; i < {lfos}; i++) {{ swings[i] => lfo[i].freq; lfo[i] => blackhole; }}\n"
            f"for (0 => int i; i < {n}; i++) {{\n"
            f"    freqs[i] => saw[i].freq; {Q} => low[i].Q; {GAIN:.9f} => gain[i].gain;\n"
            f"    saw[i] => low[i] => gain[i] => sum;\n}}\n"
            f"now + {seconds}::second => time end;\n"
            f"while (now < end) {{\n"
            f"    for (0 => int i; i < {n}; i++) {value} => low[i].freq;\n"
            f"    {BLOCK}::samp => now;\n}}\n")


def invoke(path):
    """The command line that runs it as fast as it goes."""
    return ["chuck", "--silent", f"--srate:{RATE}", str(path)]


def command_of(folder, patch, seconds, _threads, wav):
    """The command of a Player."""
    path = folder / "patch.ck"
    path.write_text(program(patch, seconds, wav))
    return invoke(path)


def saw_alone(unit):
    """A command that renders one saw at half of full scale."""
    def command(folder, freq, seconds, wav):
        path = folder / "saw.ck"
        path.write_text(f"{record(wav)}{unit} saw => dac;\n{freq} => saw.freq;\n0.5 => saw.gain;\n"
                        f"{seconds}::second => now;\n")
        return invoke(path)

    return command


PLAYERS = [Player("chuck SawOsc (naive), LPF", PER_BLOCK, command_of, about=350)]
SAWS = {"chuck SawOsc": saw_alone("SawOsc"), "chuck BlitSaw": saw_alone("BlitSaw")}
