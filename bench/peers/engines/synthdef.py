"""SynthDefs as the servers of SuperCollider read them, so that its language need not be installed.

The format is version 2 of "Synth Definition File Format" in SuperCollider's reference: all numbers
big-endian, strings with their length in front, unit generators in the order in which they run, each with its
inputs as pairs of (unit, output), or (-1, constant).
"""
import struct

SCALAR, CONTROL, AUDIO = 0, 1, 2
MULTIPLY = 2  # special index of BinaryOpUGen


def text(string):
    """A string with its length in a byte."""
    data = string.encode("ascii")
    return struct.pack(">B", len(data)) + data


class SynthDef:
    """Unit generators are added in the order in which they are to run."""

    def __init__(self, name, **params):
        """`params`: names and first values; they are read with param()."""
        self.name = name
        self.params = params
        self.constants = []
        self.units = []
        if params:
            self.units.append(("Control", CONTROL, [], len(params), 0))

    def param(self, name):
        """An input for add(): what a parameter is set to."""
        return (0, list(self.params).index(name))

    def add(self, unit, rate, *inputs, outputs=1, special=0):
        """Adds a unit generator; an input is a number, or what param() or add() returned.  Returns its first
        output."""
        self.units.append((unit, rate, [self._input(value) for value in inputs], outputs, special))
        return (len(self.units) - 1, 0)

    def _input(self, value):
        if isinstance(value, tuple):
            return value
        if value not in self.constants:
            self.constants.append(value)
        return (-1, self.constants.index(value))

    def _unit(self, unit):
        name, rate, inputs, outputs, special = unit
        return (text(name) + struct.pack(">biih", rate, len(inputs), outputs, special)
                + b"".join(struct.pack(">ii", *source) for source in inputs)
                + struct.pack(f">{outputs}b", *[rate] * outputs))

    def file(self):
        """The bytes of a file with this definition alone."""
        parts = [b"SCgf", struct.pack(">ih", 2, 1), text(self.name)]
        for values in (self.constants, list(self.params.values())):
            parts.append(struct.pack(f">i{len(values)}f", len(values), *values))
        parts.append(struct.pack(">i", len(self.params)))
        parts += [text(name) + struct.pack(">i", i) for i, name in enumerate(self.params)]
        parts.append(struct.pack(">i", len(self.units)))
        parts += [self._unit(unit) for unit in self.units]
        parts.append(struct.pack(">h", 0))  # no variants
        return b"".join(parts)
