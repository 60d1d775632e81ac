#!/usr/bin/env python3
"""What bench/peers computes with: formats that it writes, spectra, costs, ratios and goals.  No engine is
needed, and nothing depends on how quick the machine is.

Usage: test_peers.py ROOT
"""
import struct
import sys
import tempfile
import unittest
import wave
from pathlib import Path

ROOT = Path(sys.argv.pop(1)).resolve()
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench" / "peers"))

try:
    import numpy
except ImportError:
    print("there is no numpy here")
    sys.exit(77)

# pylint: disable=wrong-import-position
import aliases
import cores
import isolation
import measure
import report
import rounds
import sound
import spectrum
import voices
from engines import chuck, csound, pd, score, supercollider, synthd
from engines.synthdef import AUDIO, CONTROL, MULTIPLY, SynthDef
from patch import RATE, Patch
from player import PER_BLOCK, PER_SAMPLE, Player

BURN = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while time.process_time() < 0.2: pass
    os._exit(0)
os.wait()
"""


def band_limited_saw(pitch_hz, wrong=None):
    """A saw made of sines below half the rate; `wrong`: harmonics with the gains they have on top."""
    t = numpy.arange(spectrum.FRAMES) / RATE
    gains = wrong or {}
    return sum(gains.get(n, 1.0) / n * numpy.sin(2 * numpy.pi * n * pitch_hz * t)
               for n in range(1, int(RATE / 2 / pitch_hz) + 1))


def player(name, cutoff=PER_BLOCK, ours=False, alike=False):
    """One that renders nothing."""
    return Player(name, cutoff, lambda *_: [], is_ours=ours, is_alike=alike)


def case(of, size, cpu_s, wall_s=None, threads=1):
    """One that was measured once: what a second of its sound costs, and start and end of 5 s."""
    made = rounds.Case(of, Patch(size), threads)
    made.shorts = [measure.Cost(1, 5, 5)]
    made.longs = [measure.Cost(3, 5 + 2 * cpu_s, 5 + 2 * (wall_s or cpu_s))]
    return made


class Formats(unittest.TestCase):
    def test_synthdef_has_the_bytes_of_the_format(self):
        synth = SynthDef("a", f=2.0)
        saw = synth.add("Saw", AUDIO, synth.param("f"))
        loud = synth.add("BinaryOpUGen", AUDIO, saw, 0.5, special=MULTIPLY)
        synth.add("Out", AUDIO, 0.0, loud, outputs=0)
        self.assertEqual(synth.file(), b"".join([
            b"SCgf", b"\0\0\0\2", b"\0\1", b"\1a",
            b"\0\0\0\2", b"\x3f\0\0\0", b"\0\0\0\0",         # constants 0.5 and 0
            b"\0\0\0\1", b"\x40\0\0\0",                      # first value of f
            b"\0\0\0\1", b"\1f", b"\0\0\0\0",                # f is parameter 0
            b"\0\0\0\4",
            b"\7Control", b"\1", b"\0\0\0\0", b"\0\0\0\1", b"\0\0", b"\1",
            b"\3Saw", b"\2", b"\0\0\0\1", b"\0\0\0\1", b"\0\0", b"\0\0\0\0\0\0\0\0", b"\2",
            b"\x0cBinaryOpUGen", b"\2", b"\0\0\0\2", b"\0\0\0\1", b"\0\2",
            b"\0\0\0\1\0\0\0\0", b"\xff\xff\xff\xff\0\0\0\0", b"\2",
            b"\3Out", b"\2", b"\0\0\0\2", b"\0\0\0\0", b"\0\0",
            b"\xff\xff\xff\xff\0\0\0\1", b"\0\0\0\2\0\0\0\0",
            b"\0\0"]))

    def test_message_is_padded_to_four_bytes(self):
        self.assertEqual(score.message("/ab", 1, 0.5, "xyz", b"12345"),
                         b"/ab\0" b",ifsb\0\0\0" b"\0\0\0\1" b"\x3f\0\0\0" b"xyz\0"
                         b"\0\0\0\5" b"12345\0\0\0")

    def test_bundle_has_its_time_in_fractions_of_two_to_the_32(self):
        self.assertEqual(score.bundle(1.25, [b"abcd"]),
                         b"\0\0\0\x18" b"#bundle\0" b"\0\0\0\1" b"\x40\0\0\0" b"\0\0\0\4abcd")

    def test_score_has_all_messages_in_bundles_that_servers_read(self):
        messages = [score.message("/s_new", "voice", i) for i in range(1000)]
        data, at, seen, times = score.score(messages, 3), 0, 0, []
        while at < len(data):
            size = struct.unpack_from(">i", data, at)[0]
            self.assertLessEqual(size, 8192)
            whole = data[at + 4:at + 4 + size]
            seen += whole.count(b"/s_new\0")
            times.append(struct.unpack_from(">I", whole, 8)[0])
            at += 4 + size
        self.assertEqual((at, seen), (len(data), 1000))
        self.assertEqual(times, [0] * (len(times) - 1) + [3])

    def test_wav_of_floats_and_of_16_bits_is_read(self):
        wanted = [0.5, -0.25, 0.0]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "16.wav"
            with wave.open(str(path), "wb") as file:
                file.setnchannels(2)
                file.setsampwidth(2)
                file.setframerate(RATE)
                file.writeframes(b"".join(struct.pack("<hh", int(v * 32768), 99) for v in wanted))
            self.assertEqual(list(sound.read_wav(path)), wanted)
            body = struct.pack("<3f", *wanted)
            path.write_bytes(b"RIFF\0\0\0\0WAVE" b"fmt " + struct.pack("<IHHIIHH", 16, 3, 1, RATE, 0, 4, 32)
                             + b"odd \1\0\0\0x\0" b"data" + struct.pack("<I", len(body)) + body)
            self.assertEqual(list(sound.read_wav(path)), wanted)


class Patches(unittest.TestCase):
    def written(self, of, patch, suffix, seconds=2.0):
        with tempfile.TemporaryDirectory() as folder:
            of(Path(folder), patch, seconds, 1, None)
            return next(Path(folder).glob(f"*{suffix}")).read_bytes()

    def test_every_engine_is_given_as_many_saws_and_lfos_as_asked_for(self):
        for own, lfos in ((True, 5), (False, 1)):
            patch = Patch(5, own)
            text = self.written(pd.PLAYERS[0].command, patch, ".pd")
            self.assertEqual((text.count(b"phasor~"), text.count(b"vcf~"), text.count(b"osc~")),
                             (5, 5, lfos))
            text = self.written(chuck.PLAYERS[0].command, patch, ".ck")
            self.assertIn(b"SawOsc saw[5]; LPF low[5]; Gain gain[5]; SinOsc lfo[%d]" % lfos, text)
            for of in csound.PLAYERS:
                text = self.written(of.command, patch, ".csd")
                self.assertEqual(text.count(b"\ni 3 "), 5)
                self.assertEqual(text.count(b"\ni 2 "), 0 if own else 1)
            for of in supercollider.PLAYERS:
                text = self.written(of.command, patch, ".osc")
                synths = 15 if "three synths" in of.name else 5
                self.assertEqual(text.count(b"/s_new\0"), synths if own else synths + 1)
            text = "\n".join(synthd.lines(patch, 1))
            self.assertEqual((text.count("create vco"), text.count("create lfo")), (5, lfos))

    def test_blocks_are_as_the_name_says(self):
        with tempfile.TemporaryDirectory() as folder:
            for of in (*synthd.players("nowhere"), *supercollider.PLAYERS):
                command = of.command(Path(folder), Patch(16), 1.0, 1, None)
                blocks = [command[i + 1] for i, word in enumerate(command) if word in ("--block", "-z")]
                named = of.name.partition("blocks of ")[2]
                self.assertEqual(blocks, [named] if named else [] if of.is_ours else ["64"])
        for of in csound.PLAYERS:
            frames = of.name.partition("blocks of ")[2] or "64"
            self.assertIn(f"ksmps = {frames}\n".encode(), self.written(of.command, Patch(1), ".csd"))

    def test_synthd_patch_fits_and_says_how_many_voices_it_is(self):
        for own in (True, False):
            for poly, of in zip((1, 16, 1, 16), synthd.players("nowhere")):
                lines = list(synthd.lines(Patch(1024, own), poly))
                created = [line for line in lines if line.startswith("create ")]
                self.assertLessEqual(len(created), synthd.MODULES)
                saws = sum(line.startswith("create vco") for line in lines)
                self.assertEqual(of.voices_of(Patch(1024, own)), saws * poly)
        self.assertEqual(synthd.players("")[0].voices_of(Patch(1024)), 1023)
        with self.assertRaises(ValueError):
            synthd.instances(Patch(20), 16)

    def test_pitches_are_all_different_and_within_four_octaves(self):
        pitches = Patch(1024).pitches()
        self.assertEqual(len(set(pitches)), 1024)
        self.assertTrue(55 <= min(pitches) and max(pitches) < 880)


class Spectra(unittest.TestCase):
    def test_naive_saw_has_the_aliases_that_it_is_known_for(self):
        found = [aliases.analyse(aliases.naive_saw(hz), hz) for hz in aliases.PITCHES_HZ]
        aliases.check(found)
        with self.assertRaises(ValueError):
            aliases.check([(-40.0, 0.0), (-16.6, 0.0)])

    def test_clean_saw_is_clean_and_exact(self):
        for hz in aliases.PITCHES_HZ:
            alias, harmonic = aliases.analyse(band_limited_saw(hz), hz)
            self.assertLess(alias, -150)
            self.assertLess(abs(harmonic), 0.001)

    def test_planted_alias_and_wrong_harmonic_are_found(self):
        hz = 1046.5
        saw = band_limited_saw(hz, {5: 10 ** (-1.5 / 20)})
        saw += 10 ** (-90 / 20) * numpy.sin(2 * numpy.pi * 7777.0 / RATE * numpy.arange(len(saw)))
        level, at = spectrum.worst_alias(saw, RATE, hz, 20000)
        self.assertAlmostEqual(level, -90, delta=1.0)  # the window's top is flat within that
        self.assertAlmostEqual(at, 7777, delta=1)
        off, number = spectrum.worst_harmonic(saw, RATE, hz, 20000)
        self.assertEqual(number, 5)
        self.assertAlmostEqual(off, -1.5, places=3)

    def test_alias_above_the_limit_is_not_heard(self):
        saw = band_limited_saw(1046.5)
        saw += 0.1 * numpy.sin(2 * numpy.pi * 21000.0 / RATE * numpy.arange(len(saw)))
        self.assertLess(spectrum.worst_alias(saw, RATE, 1046.5, 20000)[0], -150)


class Costs(unittest.TestCase):
    def test_processes_that_outlive_their_parent_are_counted(self):
        measure.adopt_orphans()
        self.assertGreaterEqual(measure.run([sys.executable, "-c", BURN]).cpu_s, 0.2)

    def test_program_that_fails_is_an_error_with_what_it_said(self):
        with self.assertRaisesRegex(measure.Failed, "(?s)ended with 3.*no such luck"):
            measure.run(["sh", "-c", "echo no such luck; exit 3"])

    def test_start_end_and_a_disturbed_round_are_taken_off(self):
        made = rounds.Case(player("x"), Patch(16))
        for i, disturbed in enumerate((0, 0, 0, 0, 3)):
            short, long = 1 + 0.1 * i, 30 + 0.3 * i
            made.shorts.append(measure.Cost(short, 0.3 + 0.01 * short, 0.5 + 0.02 * short))
            made.longs.append(measure.Cost(long, 0.3 + 0.01 * long + disturbed, 0.5 + 0.02 * long))
        self.assertAlmostEqual(made.median("cpu_s"), 0.01)
        self.assertAlmostEqual(made.median("wall_s"), 0.02)
        self.assertAlmostEqual(made.spread("wall_s"), 0)

    def test_rounds_last_as_long_as_they_are_to(self):
        made = rounds.Case(player("x"), Patch(250 - rounds.HANDING_OVER))  # guessed: 0.1 s for a second
        self.assertEqual(rounds.lengths(made, 0.5, "cpu_s", 0), (1.0, 6.0))
        made.shorts, made.longs = [measure.Cost(0, 0.2, 0.2)], [measure.Cost(1, 0.22, 2.2)]
        self.assertEqual(rounds.lengths(made, 0.5, "cpu_s", 0), (5.0, 30.0))
        self.assertEqual(rounds.lengths(made, 0.1, "wall_s", 0), (0.05, 0.15))  # as long as the start
        made.longs = [measure.Cost(1, 0.0, 2.2)]  # nonsense is not believed
        self.assertEqual(rounds.lengths(made, 0.5, "cpu_s", 0), (8.0, 48.0))

    def test_no_two_rounds_have_the_same_lengths(self):
        made = rounds.Case(player("x"), Patch(250))
        found = [rounds.lengths(made, 0.5, "cpu_s", lap) for lap in range(15)]
        self.assertEqual([len(set(column)) for column in zip(*found)], [15, 15])


class Results(unittest.TestCase):
    def test_voices_a_core_are_voices_over_the_cpu_time_of_a_second(self):
        self.assertAlmostEqual(voices.voices_a_core(case(player("x"), 64, 0.02)), 3200)
        own = Player("x", PER_SAMPLE, lambda *_: [], voices_of=lambda patch: patch.voices - 1)
        self.assertAlmostEqual(voices.voices_a_core(case(own, 64, 0.02)), 3150)

    def test_best_peer_is_none_of_ours(self):
        cases = [case(player("a"), 16, 0.01), case(player("b", PER_SAMPLE), 16, 0.02),
                 case(player("ours", PER_SAMPLE, ours=True), 16, 0.001), case(player("c"), 64, 0.0001)]
        self.assertAlmostEqual(voices.best(cases, 16), 1600)
        self.assertAlmostEqual(voices.best(cases, 16, lambda player: player.cutoff == PER_SAMPLE), 800)
        self.assertIsNone(voices.best(cases, 16, lambda player: player.is_alike))

    def test_goal_is_met_only_when_every_size_meets_it(self):
        ours, peer = player("ours", PER_SAMPLE, ours=True), player("peer", PER_SAMPLE, alike=True)
        cases = [case(ours, 16, 0.01), case(peer, 16, 0.05), case(ours, 64, 0.01), case(peer, 64, 0.03)]
        found = report.Report("x", "0")
        voices.report_ratios(found, cases, (16, 64), "k")
        self.assertEqual([(goal["value"], goal["met"]) for goal in found.json["goals"]],
                         [(3.0, True), (3.0, False)])
        self.assertEqual(found.missed(), 1)
        self.assertEqual([row["cells"] for row in found.json["tables"][0]["rows"]], 3 * [[5.0, 3.0]])

    def test_goal_is_missed_where_there_is_nobody_to_compare_with(self):
        cases = [case(player("ours", ours=True), 16, 0.01), case(player("peer"), 16, 0.05)]
        found = report.Report("x", "0")
        voices.report_ratios(found, cases, (16,), "k")
        self.assertEqual([goal["met"] for goal in found.json["goals"]], [True, False])
        self.assertEqual([row["cells"] for row in found.json["tables"][0]["rows"]], [[5.0], [None], [None]])

    def test_speed_up_is_one_thread_over_all(self):
        of = player("x")
        cases = [case(of, 2, 1, 0.75e-3), case(of, 2, 1, 1.5e-3, threads=2)]
        found = report.Report("x", "0")
        found.table("t", (2, 4))
        times = cores.report_player(found, cases, of, 2, (2, 4))
        self.assertAlmostEqual(times[0], 2.0)
        self.assertIsNone(times[1])
        self.assertEqual([row["cells"] for row in found.json["tables"][0]["rows"]],
                         [[1.0, None], [2.0, None], [0.5, None]])

    def test_overhead_is_what_processes_cost_more(self):
        one, other = case(player("x"), 1, 0.11, 0.3), case(player("x"), 1, 0.1, 0.4)
        self.assertAlmostEqual(isolation.overhead(one, other, "cpu_s"), 10)
        self.assertAlmostEqual(isolation.overhead(one, other, "wall_s"), -25)

    def test_report_says_what_is_met_and_what_is_missed(self):
        found = report.Report("x", "0")
        found.goal("low", 1.0, "at most", 2.0, "dB")
        found.goal("high", 1.0, "at least", 2.0, "dB")
        found.goal("nothing", float("nan"), "at most", 2.0, "dB")
        text = found.as_text()
        self.assertRegex(text, r"met +low +1 dB \(at most 2\)")
        self.assertRegex(text, r"MISSED +high +1 dB \(at least 2\)")
        self.assertRegex(text, r"MISSED +nothing +- dB")
        self.assertEqual(found.missed(), 2)

    def test_percentiles_are_values_that_were_there(self):
        values = list(range(1, 101))
        self.assertEqual([report.percentile(values, p) for p in (50, 99, 99.9)], [50, 99, 100])
        self.assertEqual(report.percentile([7], 50), 7)
        self.assertEqual(report.median([3, 1, 2]), 2)
        self.assertEqual(report.median([4, 1, 2, 3]), 2.5)

    def test_stolen_time_is_a_share_of_all(self):
        # pylint: disable=import-outside-toplevel
        from noise import stolen_share
        before, after = "cpu 10 0 0 10 0 0 0 0 0 0\n", "cpu 60 0 0 50 0 0 0 10 0 0\n"
        self.assertAlmostEqual(stolen_share(before, after), 0.1)


if __name__ == "__main__":
    unittest.main()
