#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
The one plot of the figures that the README shows.

  bench/overview.py pick BENCH.json FIGURES.json   what the plot needs of a run of `make bench`
  bench/overview.py draw FIGURES.json FIGURES.svg

Drawn here, not by gnuplot: it has to be readable on light and on dark ground, inside of a page, and
the same figures must give the same bytes, so that a test can hold picture and figures together.
"""

import json
import re
import sys
from xml.sax.saxutils import escape

# What is shown: label, whose it is, section and row of bench.json, the bar that it is held against.
THAN = {0: "the constant's", 2: "the kernel's"}
BARS = (
    ("a function that returns a constant", "floor", "Calls through a pointer", "constant", None),
    ("a function that reads a record", "vdk", "Calls through a pointer",
     "record 64 B, one value", 0),
    ("clock_gettime, the kernel's vDSO", "kernel", "Calls through a pointer", "kernel clock", None),
    ("the same, left to the kernel by an attached image", "vdk", "Calls through a pointer",
     "chained clock", 2),
    ("the same a day ahead, by vdk faketime", "vdk", "faketime: a day ahead", "REALTIME by libc",
     2),
    ("the same a day ahead, by libfaketime", "other", "faketime: a day ahead",
     "REALTIME by libc, libfaketime's", 2),
    ("load, memory, limits of the host, by hostinfo", "vdk",
     "hostinfo: all of it, and the same fields from files", "vdk_hostinfo_all()", None),
    ("the cheapest system call", "syscall", "Calls through a pointer", "system call", None),
)
FILES = ("hostinfo: all of it, and the same fields from files", "files kept open")

WIDTH, LEFT, RIGHT, TOP, STEP, BAR = 960, 360, 640, 84, 34, 20

STYLE = """text{font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;font-size:13px}
.z{font-size:19px;font-weight:600}.s,.e{font-size:11px}.e{text-anchor:end}.l{text-anchor:end}
.h{font-weight:600}
.y{fill:#fff;stroke:#d8dde3}text{fill:#1c1f24}.s{fill:#66707c}.g{stroke:#e4e7eb}
.floor,.other{fill:#9aa3ae}.vdk{fill:#8e3ccf}.kernel{fill:#2466d1}.syscall{fill:#d1402f}
@media (prefers-color-scheme:dark){.y{fill:#15181d;stroke:#30363f}text{fill:#e6e9ee}
.s{fill:#97a1ae}.g{stroke:#2b3038}.floor,.other{fill:#6d7682}.vdk{fill:#b06ff0}
.kernel{fill:#4f8bf0}.syscall{fill:#e0604f}}"""


def value(document, section, name):
    for row in document["rows"].get(section, ()):
        if row["name"] == name and row["value"] is not None:
            return row["value"]
    raise SystemExit(f"bench/overview.py: this run has no figure {name!r} of {section!r}: "
                     "it takes a whole `make bench`, with libfaketime installed")


def pick(document):
    bars = []
    for label, kind, section, name, base in BARS:
        ns = value(document, section, name)
        bars.append({"label": label, "of": kind, "ns": round(ns, 2),
                     "times": None if base is None else round(ns / bars[base]["ns"], 2),
                     "than": THAN.get(base)})
    bars[6]["note"] = f"from files kept open: {value(document, *FILES) / bars[6]['ns']:.0f} times"
    bars[7]["note"] = f"{bars[7]['ns'] / bars[1]['ns']:.0f} times a read of a record"
    machine = document["machine"]
    return {"bars": bars, "date": machine["date"][:10],
            "machine": f"{re.sub(r'[(](R|TM)[)]', '', machine['cpu'])}, {machine['cpus']} CPUs, "
                       + ("virtual, " if machine["virtual"] else "")
                       + "Linux " + re.match(r"\d+\.\d+", machine["kernel"]).group()}


def note(bar):
    if bar.get("note"):
        return bar["note"]
    return "" if bar["times"] is None else f"{bar['times']:.2f} times {bar['than']}"


def draw(figures):
    bars = figures["bars"]
    bottom = TOP + STEP * len(bars)
    height = bottom + 52
    most = max(bar["ns"] for bar in bars)
    grid = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if most / step <= 8)
    scale = (RIGHT - LEFT) / most

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
           f'width="{WIDTH}" height="{height}">', f"<style>{STYLE}</style>",
           f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="8" class="y"/>',
           '<text x="24" y="36" class="z">What one call costs</text>',
           '<text x="24" y="57" class="s">Nanoseconds, median; each held against its neighbour '
           "in one run of make bench.</text>"]
    for i in range(int(most / grid) + 1):
        x = LEFT + i * grid * scale
        out.append(f'<path d="M{x:.1f} {TOP - 6}V{bottom}" class="g"/><text x="{x:.1f}" '
                   f'y="{bottom + 16}" text-anchor="middle" class="s">{i * grid}'
                   f'{" ns" if i == 0 else ""}</text>')
    for i, bar in enumerate(bars):
        y = TOP + i * STEP
        x = LEFT + max(bar["ns"] * scale, 1.5)
        out.append(
            f'<text x="{LEFT - 12}" y="{y + 15}" class="l">{escape(bar["label"])}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{x - LEFT:.1f}" height="{BAR}" rx="2" '
            f'class="{bar["of"]}"/><text x="{x + 8:.1f}" y="{y + 15}">'
            f'<tspan class="h">{bar["ns"]:.3g} ns</tspan>'
            f'<tspan dx="10" class="s">{escape(note(bar))}</tspan></text>')
    out.append(f'<text x="{WIDTH - 24}" y="{height - 12}" class="s e">'
               f'{escape(figures["machine"])}, {figures["date"]}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("pick", "draw"):
        raise SystemExit(__doc__)
    with open(sys.argv[2], encoding="utf-8") as file:
        document = json.load(file)
    with open(sys.argv[3], "w", encoding="utf-8") as file:
        if sys.argv[1] == "draw":
            file.write(draw(document))
        else:
            json.dump(pick(document), file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
