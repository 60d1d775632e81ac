"""scsynth and supernova, the two servers of SuperCollider, rendering a score (-N).

(k) is Saw and RLPF, which takes its cutoff once a block.  (a) is Saw and BLowPass, the resonant low-pass of
the core that takes it with every sample; it does so only if its bandwidth is a signal too.  "Over buses" is
the same as (k) in three synths a voice, one for each of its parts, wired by audio buses: what is patched out
of modules, as in synthd.  In supernova all voices are in a parallel group.
"""
from patch import BLOCK, CUTOFF_HZ, GAIN, LONG_BLOCK, Q, RATE, SWING_HZ
from player import PER_BLOCK, PER_SAMPLE, Player

from engines.score import message, score
from engines.synthdef import AUDIO, CONTROL, MULTIPLY, SynthDef

LFO_BUS = 16       # an audio bus behind those of the hardware; a control bus as well
FIRST_BUS = 20     # of those between the synths of a voice
TAIL = 1           # where a node is added: at the end of its group
ALL, VOICES = 0, 1  # groups: the root, and one for the voices
FIRST_NODE = 1000
ENDLESS = 2 ** 17  # enough nodes, wires, buses and kB for all sizes


def cutoff_of(synth, rate, swing):
    """Adds an lfo and what makes a cutoff of it."""
    sine = synth.add("SinOsc", rate, swing, 0.0)
    return synth.add("MulAdd", rate, sine, SWING_HZ, CUTOFF_HZ)


def shared_lfo(rate):
    """The one lfo of all voices: its cutoff is on a bus."""
    synth = SynthDef("lfo", rate=1.0)
    synth.add("Out", rate, float(LFO_BUS), cutoff_of(synth, rate, synth.param("rate")), outputs=0)
    return synth


def filtered(synth, source, rate, own_lfo):
    """Adds the filter, and its lfo if it has one."""
    if own_lfo:
        cutoff = cutoff_of(synth, rate, synth.param("rate"))
    else:
        cutoff = synth.add("In", rate, float(LFO_BUS))
    if rate == AUDIO:
        return synth.add("BLowPass", AUDIO, source, cutoff, synth.add("DC", AUDIO, 1 / Q))
    return synth.add("RLPF", AUDIO, source, cutoff, 1 / Q)


def amplified(synth, source):
    """Adds the gain."""
    return synth.add("BinaryOpUGen", AUDIO, source, GAIN, special=MULTIPLY)


def whole_voice(rate, own_lfo):
    """A voice in one synth."""
    synth = SynthDef("voice", freq=440.0, rate=1.0)
    saw = synth.add("Saw", AUDIO, synth.param("freq"))
    loud = amplified(synth, filtered(synth, saw, rate, own_lfo))
    synth.add("Out", AUDIO, 0.0, loud, outputs=0)
    return synth


def parts_of_voice(own_lfo):
    """A voice in three synths over buses."""
    saw = SynthDef("saw", freq=440.0, to=0.0)
    saw.add("Out", AUDIO, saw.param("to"), saw.add("Saw", AUDIO, saw.param("freq")), outputs=0)
    low = SynthDef("low", rate=1.0, from_=0.0, to=0.0)
    source = low.add("In", AUDIO, low.param("from_"))
    low.add("Out", AUDIO, low.param("to"), filtered(low, source, CONTROL, own_lfo), outputs=0)
    amp = SynthDef("amp", from_=0.0)
    loud = amplified(amp, amp.add("In", AUDIO, amp.param("from_")))
    amp.add("Out", AUDIO, 0.0, loud, outputs=0)
    return [saw, low, amp]


def new_synth(name, node, group, **params):
    """The message that starts a synth."""
    flat = [item for name_value in params.items() for item in name_value]
    return message("/s_new", name, node, TAIL, group, *flat)


def voices_in_one(patch, group):
    """A synth a voice."""
    swings = patch.swings() if patch.own_lfo else [1.0] * patch.voices
    return [new_synth("voice", FIRST_NODE + i, group, freq=freq, rate=swing)
            for i, (freq, swing) in enumerate(zip(patch.pitches(), swings))]


def voices_in_three(patch, group):
    """Three synths a voice, in the order in which they have to run."""
    swings = patch.swings() if patch.own_lfo else [1.0] * patch.voices
    messages = []
    for i, (freq, swing) in enumerate(zip(patch.pitches(), swings)):
        node, bus = FIRST_NODE + 3 * i, float(FIRST_BUS + 2 * i)
        messages += [new_synth("saw", node, group, freq=freq, to=bus),
                     new_synth("low", node + 1, group, rate=swing, from_=bus, to=bus + 1),
                     new_synth("amp", node + 2, group, from_=bus + 1)]
    return messages


def messages_of(patch, rate, in_three, in_parallel):
    """All that the score says at its begin."""
    synths = parts_of_voice(patch.own_lfo) if in_three else [whole_voice(rate, patch.own_lfo)]
    if not patch.own_lfo:
        synths.append(shared_lfo(rate))
    messages = [message("/d_recv", synth.file()) for synth in synths]
    if not patch.own_lfo:
        messages.append(new_synth("lfo", FIRST_NODE - 1, ALL, rate=patch.swings()[0]))
    messages.append(message("/p_new" if in_parallel else "/g_new", VOICES, TAIL, ALL))
    return messages + (voices_in_three if in_three else voices_in_one)(patch, VOICES)


def renderer(program, rate=CONTROL, in_three=False, block=BLOCK):
    """The command of a Player."""
    is_nova = program == "supernova"

    def command(folder, patch, seconds, threads, wav):
        path = folder / "score.osc"
        path.write_bytes(score(messages_of(patch, rate, in_three, is_nova), seconds))
        # -n nodes, -m kB, -a buses; -D 0: no definitions from the disk.
        options = ["-n", "8192", "-m", str(ENDLESS), "-a", "4096", "-o", "1", "-i", "0", "-z", str(block)]
        options += ["-T", str(threads)] if is_nova else ["-D", "0", "-w", "256"]
        return [program, *options, "-N", str(path), "_", str(wav or "/dev/null"), str(RATE), "WAV", "float"]

    return command


PLAYERS = [
    Player("scsynth Saw, RLPF", PER_BLOCK, renderer("scsynth")),
    Player("scsynth Saw, BLowPass", PER_SAMPLE, renderer("scsynth", AUDIO), is_alike=True),
    Player(f"scsynth Saw, BLowPass, blocks of {LONG_BLOCK}", PER_SAMPLE,
           renderer("scsynth", AUDIO, block=LONG_BLOCK), is_alike=True),
    Player("scsynth, three synths over buses", PER_BLOCK, renderer("scsynth", in_three=True)),
    Player("supernova, one thread", PER_BLOCK, renderer("supernova")),
]
SUPERNOVA = Player("supernova", PER_BLOCK, renderer("supernova"), is_parallel=True)


def saw_alone(program):
    """A command that renders one saw of `freq` at full level."""
    def command(folder, freq, seconds, wav):
        synth = SynthDef("saw")
        synth.add("Out", AUDIO, 0.0, synth.add("Saw", AUDIO, freq), outputs=0)
        path = folder / "saw.osc"
        path.write_bytes(score([message("/d_recv", synth.file()),
                                message("/s_new", "saw", FIRST_NODE, TAIL, ALL)], seconds))
        return [program, "-o", "1", "-D", "0", "-z", str(BLOCK), "-N", str(path), "_", str(wav), str(RATE),
                "WAV", "float"]

    return command


SAWS = {"scsynth Saw": saw_alone("scsynth")}
