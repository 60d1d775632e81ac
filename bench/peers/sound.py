"""Sound files as numbers, and how loud they are."""
import struct
from pathlib import Path

import numpy

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE


def chunks(data):
    """Names and contents of a RIFF file's chunks; a length that was never filled in reaches to the end."""
    at = 12
    while at + 8 <= len(data):
        name, size = data[at:at + 4], struct.unpack_from("<I", data, at + 4)[0]
        yield name, data[at + 8:at + 8 + size]
        at += 8 + size + size % 2


def read_wav(path):
    """The first channel of a file of floats or of whole numbers of 16 bits, as float64[n_frames]."""
    parts = dict(chunks(Path(path).read_bytes()))
    kind, channels, _, _, _, bits = struct.unpack_from("<HHIIHH", parts[b"fmt "])
    if kind == EXTENSIBLE:
        kind = struct.unpack_from("<H", parts[b"fmt "], 24)[0]
    types = {(PCM, 16): ("<i2", 32768.0), (FLOAT, 32): ("<f4", 1.0), (FLOAT, 64): ("<f8", 1.0)}
    if (kind, bits) not in types:
        raise ValueError(f"{path}: neither floats nor 16 bits, but kind {kind} of {bits} bits")
    form, scale = types[kind, bits]
    data = parts[b"data"]
    whole = len(data) - len(data) % (channels * bits // 8)
    return numpy.frombuffer(data[:whole], form).astype(float)[::channels] / scale


def level_db(signal):
    """Of its movement, without what stands still."""
    return 20 * numpy.log10(numpy.std(signal) + 1e-30) if len(signal) else -600.0
