"""One way to play the patch: an engine, and what of it stands for saw, filter and gain."""
from collections.abc import Callable
from dataclasses import dataclass

PER_BLOCK, PER_SAMPLE = "k", "a"


@dataclass(frozen=True)
class Player:
    """`command(folder, patch, seconds, threads, wav)` writes into `folder` what the engine needs, and returns
    the command line that renders so many seconds of the patch with so many threads, into the file `wav` or,
    if that is None, into nothing."""
    name: str
    cutoff: str                # PER_BLOCK or PER_SAMPLE
    command: Callable
    is_ours: bool = False
    is_parallel: bool = False  # takes more threads than one
    is_alike: bool = False     # its voice is what ours is: a saw that is not naive, and a resonant two-pole
                               # low-pass whose coefficients are computed anew for every sample
    voices_of: Callable = lambda patch: patch.voices  # played of those asked for
    about: int = 2500          # voices a core, before anything is known

    def plays(self, patch):
        """Poly modules have to be full."""
        try:
            return self.voices_of(patch) > 0
        except ValueError:
            return False

    def label(self):
        """Name and rate of the cutoff, as tables have it."""
        return f"{self.name} ({self.cutoff})"
