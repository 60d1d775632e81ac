"""What of a saw's spectrum is where nothing should be: the method of bench/analyse.c, so that figures can be
compared.

A Fourier transform of 2^17 points under a 7-term Blackman-Harris window, whose side lobes lie at -180 dB and
whose main lobe fits in 9 bins on either side of a line.  What is within 9 bins of a multiple of the pitch, or
of 0, is wanted; the rest is alias.  Unlike there, what is below 20 Hz is not looked at: scsynth's Saw has a
line at 8 Hz that nobody hears.
"""
import numpy

POINTS = 1 << 17
SKIP = 24000  # frames: engines fade in, and some wait for a first block
FRAMES = SKIP + POINTS
GUARD = 9
ABOVE_HZ = 20.0
TERMS = (0.27105140069342, 0.43329793923448, 0.21812299954311, 0.06592544638803, 0.01081174209837,
         0.00077658482522, 0.00001388721735)


def window():
    """Its values at [0, POINTS)."""
    x = 2 * numpy.pi * numpy.arange(POINTS) / POINTS
    return sum((-1) ** k * a * numpy.cos(k * x) for k, a in enumerate(TERMS))


def amplitudes(signal):
    """Of each bin; a sine of 1 on a bin reads 1.  `signal`: [FRAMES] or more."""
    w = window()
    return numpy.abs(numpy.fft.rfft(signal[SKIP:FRAMES] * w)) * 2 / w.sum()


def worst_alias(signal, rate, pitch_hz, below_hz):
    """dB against the strongest line, and Hz, of the strongest line from 20 Hz to `below_hz` that is no
    multiple of the pitch."""
    lines, hz = amplitudes(signal), numpy.arange(POINTS // 2 + 1) * rate / POINTS
    seen = (hz >= ABOVE_HZ) & (hz < below_hz)
    off = numpy.abs(hz - pitch_hz * numpy.round(hz / pitch_hz)) > (GUARD + 0.5) * rate / POINTS
    at = numpy.argmax(numpy.where(seen & off, lines, 0))
    return 20 * numpy.log10(lines[at] / lines[seen].max() + 1e-30), hz[at]


def amplitude(signal, rate, hz):
    """Of the line at a frequency that need not be on a bin."""
    w = window()
    turn = numpy.exp(-2j * numpy.pi * hz / rate * numpy.arange(POINTS))
    return 2 * abs((signal[SKIP:FRAMES] * w * turn).sum()) / w.sum()


def worst_harmonic(signal, rate, pitch_hz, below_hz):
    """dB by which a harmonic of a saw is too strong (above 0) or too weak against the first, of which the
    n-th has 1/n; and which n: the one furthest off below `below_hz`."""
    first = amplitude(signal, rate, pitch_hz)
    found = [(20 * numpy.log10(n * amplitude(signal, rate, n * pitch_hz) / first + 1e-30), n)
             for n in range(2, int(below_hz / pitch_hz) + 1)]
    return max(found, key=lambda pair: abs(pair[0]), default=(0.0, 1))
