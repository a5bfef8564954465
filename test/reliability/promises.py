# SPDX-License-Identifier: LGPL-2.1-or-later
"""The promises of doc/RELIABILITY.md as data: tables with the columns `kept by` and `last measured`."""

import dataclasses
import json
import pathlib
import re

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
DOCUMENT = SOURCE / "doc" / "RELIABILITY.md"
KEPT_BY, MEASURED = "kept by", "last measured"
# What run counts itself in what a test printed: lines of TAP or cmocka; tests that held.
COUNTED = ("checks", "tests")
NUMBER = r"-?[0-9]+(?:[,.][0-9]+)*"
FIGURE = re.compile(rf"`([a-z_0-9]+)` ({NUMBER})")


@dataclasses.dataclass
class Row:
    line: int  # in the document, from 0 on
    section: str
    promise: str
    names: list  # of tests, with a word in capitals for any word, or `make TARGET`
    measured: str  # the cell; None where the table has no such column

    def figures(self):
        return FIGURE.findall(self.measured or "")

    def makes(self):
        return [name.split()[1] for name in self.names if name.startswith("make ")]

    def patterns(self):
        return [name for name in self.names if not name.startswith("make ")]


def cells(line):
    """Of a table's row, without the outer bars. No cell of ours has a bar in it."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def rows(lines):
    """All promises, in order. A row without one of its own belongs to the promise above it."""
    found, section, columns, promise = [], "", None, ""
    for number, line in enumerate(lines):
        if line.startswith("## "):
            section = line[3:].strip()
        if not line.startswith("|"):
            columns = None
        elif columns is None:
            columns = cells(line)
        elif KEPT_BY in columns and not set(line) <= set("|- :"):
            row = dict(zip(columns, cells(line)))
            promise = row["promise"] or promise
            found.append(Row(number, section, promise, re.findall(r"`([^`]+)`", row[KEPT_BY]),
                             row.get(MEASURED)))
    return found


def matches(pattern, name):
    """`run NAME` stands for each `run X` with one word X."""
    words = [r"[^ ]+" if word.isupper() else re.escape(word) for word in re.split(r"\b", pattern)]
    return re.fullmatch("".join(words), name) is not None


def tests(build):
    """The build's tests: {name: what meson tells of it}."""
    with open(pathlib.Path(build) / "meson-info" / "intro-tests.json", encoding="utf-8") as file:
        return {test["name"]: test for test in json.load(file)}


def read():
    return rows(DOCUMENT.read_text(encoding="utf-8").splitlines())
