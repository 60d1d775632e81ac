"""Pure Data, in batch mode.

phasor~ is a naive saw, from 0 to 1, with all its aliases; vcf~ takes its cutoff with every sample.  Pd's
blocks are 64 frames by themselves.
"""
from patch import CUTOFF_HZ, GAIN, Q, RATE, SWING_HZ
from player import PER_SAMPLE, Player


class Canvas:
    """The text of a patch: objects, then the connections between them by number."""

    def __init__(self):
        self.objects, self.connections = [], []

    def add(self, kind, text):
        """Adds an object ("obj") or a message ("msg") and returns its number."""
        self.objects.append(f"#X {kind} 0 0 {text};")
        return len(self.objects) - 1

    def chain(self, *numbers):
        """Connects each to the first inlet of the next."""
        for source, to in zip(numbers, numbers[1:]):
            self.connect(source, to)

    def connect(self, source, to, inlet=0):
        """Connects a first outlet."""
        self.connections.append(f"#X connect {source} 0 {to} {inlet};")

    def text(self):
        """What a file of it has."""
        return "\n".join(["#N canvas 0 0 400 300 12;", *self.objects, *self.connections, ""])


def add_clock(canvas, seconds, wav):
    """Starts with the patch, and ends after so many seconds.  Returns where what is heard goes to."""
    start, after = canvas.add("obj", "loadbang"), canvas.add("obj", f"delay {1000 * seconds:.9g}")
    canvas.chain(start, canvas.add("msg", r"\; pd dsp 1"))
    canvas.chain(start, after)
    sink = canvas.add("obj", "dac~ 1")
    if wav:  # by way of memory: writesf~ has a thread, and what that has not yet written at the end is lost
        canvas.add("obj", f"table tape {int(seconds * RATE)}")
        sink = canvas.add("obj", "tabwrite~ tape")
        canvas.chain(start, sink)
        canvas.chain(after, canvas.add("msg", f"write -wave -bytes 4 {wav} tape"),
                     canvas.add("obj", "soundfiler"))
    canvas.chain(after, canvas.add("msg", r"\; pd quit"))
    return sink


def add_lfo(canvas, swing):
    """Adds an lfo and what makes a cutoff of it."""
    numbers = [canvas.add("obj", f"osc~ {swing:.9g}"), canvas.add("obj", f"*~ {SWING_HZ:g}"),
               canvas.add("obj", f"+~ {CUTOFF_HZ:g}")]
    canvas.chain(*numbers)
    return numbers[-1]


def invoke(canvas, path):
    """Writes the patch, and returns the command line that runs it."""
    path.write_text(canvas.text())
    return ["pd", "-nogui", "-noprefs", "-batch", "-r", str(RATE), "-inchannels", "0", "-outchannels", "1",
            str(path)]


def command_of(folder, patch, seconds, _threads, wav):
    """The command of a Player."""
    canvas = Canvas()
    sink = add_clock(canvas, seconds, wav)
    lfos = [add_lfo(canvas, swing) for swing in patch.swings()]
    for i, freq in enumerate(patch.pitches()):
        low = canvas.add("obj", f"vcf~ {Q:g}")
        canvas.chain(canvas.add("obj", f"phasor~ {freq:.9g}"), low)
        canvas.connect(lfos[i if patch.own_lfo else 0], low, 1)
        gain = canvas.add("obj", f"*~ {GAIN:.9g}")
        canvas.connections.append(f"#X connect {low} 1 {gain} 0;")  # its second outlet is the low-pass
        canvas.chain(gain, sink)
    return invoke(canvas, folder / "patch.pd")


def saw_alone(folder, freq, seconds, wav):
    """A command that renders one saw from 0 to 1."""
    canvas = Canvas()
    canvas.chain(canvas.add("obj", f"phasor~ {freq:.9g}"), add_clock(canvas, seconds, wav))
    return invoke(canvas, folder / "saw.pd")


PLAYERS = [Player("pd phasor~ (naive), vcf~", PER_SAMPLE, command_of)]
SAWS = {"pd phasor~": saw_alone}
