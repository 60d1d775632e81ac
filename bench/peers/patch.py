"""The patch that every engine plays: voices of saw -> resonant low-pass -> gain, all added up.

A slow sine moves the cutoff, once a block (k) or with every sample (a).  It is one of each voice's own, or
one for all.  No two voices have the same pitch, and none a pitch above 880 Hz.  The peers swing their cutoff
in Hz, which is the cheapest they have; synthd in octaves, since it has nothing else.
"""
from dataclasses import dataclass

RATE = 48000
BLOCK = 64         # frames; those who move the cutoff once a block sound different in another
LONG_BLOCK = 512   # in which synthd renders, unless it is told otherwise
CUTOFF_HZ = 1200.0
SWING_HZ = 800.0
SWING_OCT = 1.0
Q = 2.0
GAIN_DB = -12.0    # of a voice
MASTER_DB = -40.0  # of all, so that 1,024 voices are far from full scale
GAIN = 10 ** ((GAIN_DB + MASTER_DB) / 20)

LOWEST_HZ = 55.0
OCTAVES = 4.0
SLOWEST_HZ = 0.5
LFO_OCTAVES = 3.0


@dataclass(frozen=True)
class Patch:
    """How many voices, and whether each has an lfo of its own."""
    voices: int
    own_lfo: bool = True

    def pitches(self, count=None):
        """Hz of each voice, or of `count` oscillators that share the same range."""
        count = count or self.voices
        return [LOWEST_HZ * 2 ** (OCTAVES * i / count) for i in range(count)]

    def swings(self, count=None):
        """Hz of each voice's lfo; of the one lfo, if there is one for all."""
        count = (count or self.voices) if self.own_lfo else 1
        return [SLOWEST_HZ * 2 ** (LFO_OCTAVES * i / count) for i in range(count)]
