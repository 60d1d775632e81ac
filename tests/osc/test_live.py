"""synthctl and the patches in front of a real synthd.

usage: test_live.py SYNTHD SYNTHCTL PATCHES"""
import json
import math
import os
import socket
import struct
import subprocess
import sys
import tempfile

from rig import run_tests

SYNTHD, SYNTHCTL, PATCHES = sys.argv[1:4]


class Engine:
    """A synthd on the built-in clock, with a port and a folder of its own."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="synthd-test-")
        self.env = dict(os.environ, XDG_RUNTIME_DIR=self.folder.name,
                        XDG_STATE_HOME=self.folder.name,
                        XDG_CACHE_HOME="nowhere")
        while not self.start():
            pass
        return self

    def start(self):
        """Starts it on a port that was free just now; False if another was quicker."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])
        self.process = subprocess.Popen(
            [SYNTHD, "--audio", "clock", "--port", self.port], env=self.env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        if line:
            return True
        _, err = self.process.communicate(timeout=30)
        assert self.process.returncode == 20, err
        return False

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=30)
        self.folder.cleanup()

    def __call__(self, *words, code=0):
        done = subprocess.run([SYNTHCTL, *words, "--port", self.port], env=self.env, text=True,
                              capture_output=True, timeout=60)
        assert done.returncode == code, f"{words}: {done.returncode} {done.stdout}{done.stderr}"
        return done.stderr if code else done.stdout

    def file(self, name, text=None):
        path = os.path.join(self.folder.name, name)
        if text is not None:
            with open(path, "w") as out:
                out.write(text)
        return path


def render(patch, seconds):
    """Renders a patch; returns the left and the right samples."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.wav")
        subprocess.run([SYNTHCTL, "render", patch, "-o", out, "--seconds", str(seconds)], check=True,
                       env=dict(os.environ, PATH=os.path.dirname(SYNTHD) + ":" + os.environ["PATH"]),
                       timeout=120)
        with open(out, "rb") as file:
            data = file.read()
    kind, channels = struct.unpack_from("<HH", data, data.index(b"fmt ") + 8)
    at = data.index(b"data")
    size, = struct.unpack_from("<I", data, at + 4)
    assert channels == 2 and kind in (3, 0xfffe), (kind, channels)
    samples = struct.unpack_from(f"<{size // 4}f", data, at + 8)
    return samples[0::2], samples[1::2]


def loudness(samples):
    return math.sqrt(sum(s * s for s in samples) / len(samples))


def the_demo_is_heard_on_both_sides_and_does_not_clip():
    left, right = render(os.path.join(PATCHES, "demo.synth"), 10)
    assert len(left) == 480000
    for side in left, right:
        assert 0.05 < loudness(side) < 0.5, loudness(side)
        assert max(map(abs, side)) < 0.97, max(map(abs, side))
    assert loudness([a - b for a, b in zip(left, right)]) > 0.02, "it is mono"
    quiet = min(loudness(left[i:i + 48000]) for i in range(0, 480000, 48000))
    assert quiet > 0.03, "it stops"


def the_voice_is_silent_until_a_note_is_played():
    voice = os.path.join(PATCHES, "voice.synth")
    left, _ = render(voice, 1)
    # While its cables fade in the amplifier is not quite shut.
    assert max(map(abs, left[480:])) == 0.0
    assert max(map(abs, left)) < 0.1
    with tempfile.TemporaryDirectory() as folder:
        played = os.path.join(folder, "played.synth")
        with open(voice) as file, open(played, "w") as out:
            out.write(file.read() + "note keys/1 57 100\nnote keys/1 60 100\nnote keys/1 64 100\n")
        left, right = render(played, 1)
    assert 0.02 < loudness(left) and max(map(abs, left)) < 0.97
    assert left == right  # alone, left feeds both


def a_session_from_the_first_module_to_the_end():
    with Engine() as ctl:
        assert ctl("create", "vco", "--freq", "110", "--voices", "8").startswith("vco/1 on worker ")
        assert ctl("create", "vcf/1", "--voices", "8").startswith("vcf/1 on worker ")
        ctl("create", "out")
        ctl("connect", "vco/1/saw", "vcf/1/in")
        ctl("connect", "vcf/1/low", "out/1/left", "--gain", "0.1")
        ctl("set", "vcf/1/cutoff", "800")
        assert ctl("get", "vcf/1/cutoff") == "800\n"
        ctl("create", "vco", "--voices", "3")
        assert "voices" in ctl("connect", "vco/2/saw", "vcf/1/in", code=11)
        ctl("connect", "vco/1/saw", "vcf/1/in", code=17)
        ctl("disconnect", "vco/2/saw", "vcf/1/in", code=18)
        ctl("set", "vco/*/freq", "55")
        assert json.loads(ctl("get", "vco/*/freq", "--json")) == {"vco/1/freq": 55, "vco/2/freq": 55}
        ctl("note", "vco/1", "60", code=6)
        listed = json.loads(ctl("ls", "--json"))
        assert [m["voices"] for m in listed["modules"]] == [8, 8, 1, 3]
        workers = json.loads(ctl("workers", "--json"))
        assert sum(w["modules"] for w in workers) == 4
        told = json.loads(ctl("status", "--json"))
        assert told["modules"] == 4 and told["health"]["events_dropped"] == 0
        ctl("destroy", "vco/*")
        ctl("clear")
        assert json.loads(ctl("ls", "--json")) == {"modules": [], "cables": []}
        ctl("quit")
        assert ctl.process.wait(30) == 0


def what_is_saved_and_loaded_is_saved_as_the_same():
    with Engine() as ctl:
        for name in "demo.synth", "voice.synth":
            first, second = ctl.file("first"), ctl.file("second")
            ctl("load", os.path.join(PATCHES, name))
            ctl("save", first)
            ctl("clear")
            ctl("load", first)
            ctl("save", second)
            with open(first) as a, open(second) as b:
                text = a.read()
                assert text == b.read()
            assert text.count("create") > 5 and text.count("connect") > 7


def a_wrong_patch_changes_nothing():
    with Engine() as ctl:
        ctl("load", os.path.join(PATCHES, "voice.synth"))
        before = ctl("ls", "--json")
        names = [m["module"] for m in json.loads(before)["modules"]]
        said = ctl("load", ctl.file("a", "create vco\ncreate vco --id 2 --voices 3\n"
                                         "create vcf --voices 2\nconnect vco/2/saw vcf/1/in\n"),
                   code=11)
        assert "line 4: " in said, said
        ctl("load", ctl.file("b", "create vco\ncreate vxo\n"), code=4)
        after = json.loads(ctl("ls", "--json"))
        assert [m["module"] for m in after["modules"]] == names
        assert len(after["cables"]) == 8


def a_file_is_run_into_what_plays():
    with Engine() as ctl:
        ctl("create", "lfo")
        assert ctl("run", os.path.join(PATCHES, "voice.synth")) == ""
        names = [m["module"] for m in json.loads(ctl("ls", "--json"))["modules"]]
        assert names[0] == "lfo/1" and len(names) == 7, names
        assert "line 7: " in ctl("run", os.path.join(PATCHES, "voice.synth"), code=8)


def a_second_engine_on_the_port_is_refused_and_told_what_to_do():
    with Engine() as ctl:
        done = subprocess.run([SYNTHD, "--audio", "clock", "--port", ctl.port], env=ctl.env,
                              text=True, capture_output=True, timeout=60)
        assert done.returncode == 20 and "`synthctl quit` ends it" in done.stderr, done
        ctl("status")


run_tests([
    the_demo_is_heard_on_both_sides_and_does_not_clip,
    the_voice_is_silent_until_a_note_is_played,
    a_session_from_the_first_module_to_the_end,
    what_is_saved_and_loaded_is_saved_as_the_same,
    a_wrong_patch_changes_nothing,
    a_file_is_run_into_what_plays,
    a_second_engine_on_the_port_is_refused_and_told_what_to_do,
])
