"""What was found, as a table for people or as JSON for programs: the same as synthbench prints, whose
bench/report.h has the JSON.  The report is the JSON object, and the table is a view of it."""
import json
import math
import os
import platform
from pathlib import Path


def percentile(values, percent):
    """The smallest of the values that so many per cent are not above."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def median(values):
    """The middle one, or between the middle two."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def figure(value):
    """Ten digits; JSON knows no NAN."""
    return None if value is None or math.isnan(value) else float(f"{value:.10g}")


def cell(value):
    """Three digits, or all there are before the point; a dash for what is not there."""
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def duration(ns):
    """Three digits and a unit that suits."""
    unit = 0
    while ns >= 999.5 and unit < 3:
        ns, unit = ns / 1000, unit + 1
    decimals = 2 if ns < 9.995 else 1 if ns < 99.95 else 0
    return f"{ns:.{decimals}f} {('ns', 'us', 'ms', 's')[unit]}"


def cpu():
    """What the kernel calls this machine's CPU."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(": ", 1)[1]
    return platform.machine()


class Report:
    """Rows of times, tables, values, goals and notes, in this order."""

    def __init__(self, bench, version):
        machine = {"cpu": cpu(), "cpus": os.cpu_count(), "kernel": platform.release()}
        self.json = {"bench": bench, "version": version, "machine": machine, "rows": [], "tables": [],
                     "values": [], "goals": [], "notes": []}

    def row(self, name, times_ns):
        """Adds percentiles of times."""
        found = {f"p{p:g}_ns": figure(percentile(times_ns, p)) for p in (50, 90, 99, 99.9)}
        self.json["rows"].append({"name": name, "per": 1, "n": len(times_ns), "min_ns": min(times_ns),
                                  "mean_ns": figure(sum(times_ns) / len(times_ns)), **found,
                                  "max_ns": max(times_ns), "over": 0})

    def table(self, title, columns):
        """Begins a table; cells() adds to the last one.  None is a dash."""
        self.json["tables"].append({"title": title, "columns": [str(column) for column in columns],
                                    "rows": []})

    def cells(self, name, values):
        """Adds a row to the table that was begun last."""
        self.json["tables"][-1]["rows"].append({"name": name, "cells": [figure(v) for v in values]})

    def value(self, name, value, unit):
        """Adds a single figure."""
        self.json["values"].append({"name": name, "value": figure(value), "unit": unit})

    def goal(self, name, value, at, limit, unit):
        """Adds a figure that has a goal; `at` is "at least" or "at most".  What is not there is missed."""
        value = figure(value)
        met = value is not None and (value >= limit if at == "at least" else value <= limit)
        self.json["goals"].append({"name": name, "value": value, "goal": figure(limit), "is": at,
                                   "unit": unit, "met": met})

    def note(self, text):
        """Adds a sentence that the reader should know."""
        self.json["notes"].append(text)

    def missed(self):
        """How many goals were."""
        return sum(not goal["met"] for goal in self.json["goals"])

    def as_json(self):
        """The whole of it."""
        return json.dumps(self.json, indent=2)

    def as_text(self):
        """The whole of it, for people."""
        machine = self.json["machine"]
        lines = [f"{self.json['bench']}: synthd {self.json['version']} on {machine['cpu']}, "
                 f"{machine['cpus']} CPUs, Linux {machine['kernel']}", ""]
        lines += rows_text(self.json["rows"])
        for table in self.json["tables"]:
            lines += table_text(table)
        lines += values_text(self.json["values"]) + goals_text(self.json["goals"])
        return "\n".join(lines + [""] * bool(self.json["notes"]) + [f"  {n}" for n in self.json["notes"]])


def widest(items):
    """Room for the names."""
    return max([24] + [len(item["name"]) for item in items])


def rows_text(rows):
    """The percentiles."""
    if not rows:
        return []
    width = widest(rows)
    heads = ("n", "p50", "p99", "p99.9", "max")
    lines = [f"  {'':{width}}" + "".join(f" {head:>9}" for head in heads)]
    for row in rows:
        times = [row[key] for key in ("p50_ns", "p99_ns", "p99.9_ns", "max_ns")]
        lines.append(f"  {row['name']:{width}} {row['n']:>9}" + "".join(f" {duration(t):>9}" for t in times))
    return lines


def table_text(table):
    """A table with its title."""
    width = widest(table["rows"])
    rooms = [max(8, len(column)) for column in table["columns"]]
    lines = ["", f"  {table['title']}", f"  {'':{width}}"
             + "".join(f"  {column:>{room}}" for column, room in zip(table["columns"], rooms))]
    for row in table["rows"]:
        lines.append(f"  {row['name']:{width}}"
                     + "".join(f"  {cell(value):>{room}}" for value, room in zip(row["cells"], rooms)))
    return lines


def values_text(values):
    """Single figures."""
    width = widest(values)
    return [""] * bool(values) + [f"  {v['name']:{width}} {cell(v['value']):>9} {v['unit']}".rstrip()
                                  for v in values]


def goals_text(goals):
    """Goals, with what became of them."""
    width = widest(goals)
    return [""] * bool(goals) + [
        f"  {'met' if goal['met'] else 'MISSED':6}  {goal['name']:{width}} {cell(goal['value']):>9} "
        f"{goal['unit']} ({goal['is']} {cell(goal['goal'])})" for goal in goals]
