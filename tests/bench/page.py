#!/usr/bin/env python3
"""The page of a run that was made up: whole, well-formed, with everything in it that was found.

Usage: page.py SYNTHBENCH"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SYNTHBENCH = ""
HTML = "{http://www.w3.org/1999/xhtml}"
EVIL = "<script>alert('1')</script> & \"quotes\""


def row(name, p50):
    """A row of 1,000 times, with a curve."""
    return {"name": name, "per": 1, "n": 1000, "min_ns": 10, "mean_ns": p50, "p50_ns": p50,
            "p90_ns": 2 * p50, "p99_ns": 3 * p50, "p99.9_ns": 4 * p50, "max_ns": 5 * p50,
            "over": 0, "curve": [[0, 10], [50, p50], [90, 2 * p50], [100, 5 * p50]]}


def made_up(p50=1000):
    """A run with one of everything."""
    machine = {"cpu": EVIL, "cpus": 2, "kernel": "6.1"}
    sizes = [{"name": f"chain of {n}", "cells": [n, 2 * n, 1.5]} for n in (2, 16, 256)]
    bench = {
        "bench": "example", "about": EVIL, "version": "1", "machine": machine,
        "rows": [row("a <row>", p50), row("noise: a timer's wake-up, late by", 100),
                 {**row("no curve", 5), "curve": []}],
        "values": [{"name": "a 'value'", "value": 7.25, "unit": "things & more"}],
        "tables": [
            {"title": "sizes", "columns": ["block us", "p99 us", "ratio"], "rows": sizes},
            {"title": "kinds", "columns": ["cost"], "rows": [{"name": "vc'o", "cells": [3]},
                                                             {"name": "vcf", "cells": [None]}],
             "draw": {"kind": "bars", "title": "what <kinds> cost", "series": "", "x": "N",
                      "y": "", "unit": "N", "columns": ["cost"]}}],
        "goals": [{"name": "much", "value": 9, "goal": 8, "is": "at least", "unit": "x",
                   "met": True},
                  {"name": "too much & more", "value": 9, "goal": 8, "is": "at most", "unit": "x",
                   "met": False},
                  {"name": "unknown", "value": None, "goal": 8, "is": "at most", "unit": "x",
                   "met": False}],
        "pictures": [{"name": "there", "caption": "a picture"},
                     {"name": "not-there", "caption": "no picture"}],
        "notes": [EVIL], "took_s": 1.5}
    doctor = {"bench": "doctor", "about": "fit or not", "version": "1", "machine": machine,
              "rows": [], "values": [], "notes": ["this machine is fit"], "took_s": 1,
              "findings": [{"verdict": "unfit", "what": "host", "found": "takes > 2 %",
                            "advice": "move & play"}]}
    failed = {"bench": "other", "about": "fails", "version": "1", "machine": machine, "rows": [],
              "values": [], "notes": [], "took_s": 0.1, "failed": True}
    return {"date": "2026-01-02T03:04:05Z", "version": "1", "machine": machine,
            "benches": [bench, doctor, failed]}


class Page(unittest.TestCase):
    """One folder a test."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        (self.folder / "there.svg").write_text("<svg/>", encoding="utf-8")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_page(self, *arguments, path=None):
        """Runs `synthbench page`; what it ends with, what it prints."""
        env = dict(os.environ)
        if path is not None:
            env["PATH"] = path
        return subprocess.run([SYNTHBENCH, "page", str(self.folder), *arguments], env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def make(self, results, *arguments, path=None):
        """The page of these results as a tree."""
        (self.folder / "synthbench.json").write_text(json.dumps(results), encoding="utf-8")
        done = self.run_page(*arguments, path=path)
        self.assertEqual(done.returncode, 0, done.stderr)
        return ElementTree.parse(self.folder / "index.html").getroot(), done.stdout

    def write(self, name, text):
        """A file beside the page; its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    @staticmethod
    def text(tree):
        """All text that a reader sees, with single blanks."""
        return " ".join(" ".join(tree.find(HTML + "body").itertext()).split())

    def test_page_has_everything_that_was_found(self):
        tree, _ = self.make(made_up())
        text = self.text(tree)
        for part in (EVIL, "a <row>", "a 'value'", "things & more", "7.25", "much",
                     "too much & more", "unknown", "1 of 3", "sizes", "chain of 256", "takes > 2 %",
                     "move & play", "this machine is fit", "could not measure", "1.00 us",
                     "2026-01-02 03:04 UTC"):
            self.assertIn(part, text)
        self.assertFalse(list(tree.iter(HTML + "script")))

    def test_every_goal_is_met_or_missed_in_words(self):
        tree, _ = self.make(made_up())
        verdicts = {cells[1].text: cells[0].text for line in tree.iter(HTML + "tr")
                    if len(cells := list(line)) == 5 and cells[0].text in ("met", "missed")}
        self.assertEqual(verdicts, {"much": "met", "too much & more": "missed",
                                    "unknown": "missed"})

    def test_page_needs_nothing_but_itself(self):
        tree, _ = self.make(made_up())
        ids = [element.get("id") for element in tree.iter() if element.get("id")]
        self.assertEqual(len(ids), len(set(ids)))
        for element in tree.iter():
            for name, value in element.attrib.items():
                if name.split("}")[-1] in ("href", "src"):
                    self.assertTrue(value.startswith(("#", "data:")), value)
                    if value.startswith("#"):
                        self.assertIn(value[1:], ids)
        pictures = list(tree.iter(HTML + "img"))
        self.assertEqual([picture.get("alt") for picture in pictures], ["a picture"])

    @unittest.skipUnless(shutil.which("gnuplot"), "gnuplot is not installed")
    def test_plots_have_titles_axes_and_legends(self):
        tree, _ = self.make(made_up())
        plots = [figure for figure in tree.iter(HTML + "figure") if figure.get("class") == "plot"]
        self.assertEqual([plot.find(HTML + "figcaption").text for plot in plots],
                         ["How long it takes, by percentile", "sizes",
                          "what <kinds> cost"])
        texts = [" ".join(" ".join(plot.itertext()).split()) for plot in plots]
        for part in ("1 us", "90 %", "a <row> (n = 1000)", "noise: a timer's wake-up"):
            self.assertIn(part, texts[0])
        for part in ("256", "block, p99", "us"):
            self.assertIn(part, texts[1])
        self.assertIn("vc'o", texts[2])
        self.assertNotIn("no curve", texts[0])

    def test_without_gnuplot_the_page_says_how_to_get_plots(self):
        tree, _ = self.make(made_up(), path=str(self.folder))
        self.assertIn("gnuplot-nox", self.text(tree))
        self.assertIn("a <row>", self.text(tree))
        self.assertFalse([figure for figure in tree.iter(HTML + "figure")
                          if figure.get("class") == "plot"])

    def test_earlier_run_stands_beside(self):
        older = self.write("older.json", json.dumps(made_up(2000)))
        tree, printed = self.make(made_up(), "--compare", older)
        text = self.text(tree)
        for part in ("Since the earlier run", "2.00 us", "0.5", "better", "too few samples"):
            self.assertIn(part, text)
            if part[0] != "S":
                self.assertIn(part, printed)

    def test_earlier_run_that_is_broken_is_said_to_be(self):
        (self.folder / "synthbench.json").write_text(json.dumps(made_up()), encoding="utf-8")
        for name, content, reason in (("half.json", '{"date": "x", "ben', "unexpected end"),
                                      ("else.json", '{"hello": 1}', "no date and benches")):
            done = self.run_page("--compare", self.write(name, content))
            self.assertEqual(done.returncode, 2)
            self.assertIn(name, done.stderr)
            self.assertIn(reason, done.stderr)
        done = self.run_page("--compare", str(self.folder / "nowhere.json"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("No such file", done.stderr)

    def test_folder_without_a_run_is_said_to_be(self):
        done = self.run_page()
        self.assertEqual(done.returncode, 2)
        self.assertIn("synthbench.json", done.stderr)
        self.assertFalse((self.folder / "index.html").exists())
        done = subprocess.run([SYNTHBENCH, "page"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("takes the folder", done.stderr)


if __name__ == "__main__":
    SYNTHBENCH = os.path.abspath(sys.argv.pop(1))
    unittest.main()
