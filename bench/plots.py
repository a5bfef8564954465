# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures of a run, drawn by gnuplot: bars of call costs, histograms, readers beside writers."""

import shutil
import subprocess

HEAD = """set terminal svg size 900,520 dynamic background rgb 'white' font 'sans,13'
set grid ytics lc rgb '#dddddd'
set border 3
set tics nomirror
set rmargin 7
set format '%g'
set key noenhanced
"""


def draw(out, name, script):
    done = subprocess.run(["gnuplot"], input=f"{HEAD}set output '{out / name}'\n{script}",
                          text=True, stderr=subprocess.PIPE, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(f"gnuplot: {name}: {done.stderr.strip()}")
    return name


def block(name, rows):
    return f"${name} << EOD\n" + "\n".join(
        " ".join(f'"{w}"' if isinstance(w, str) else f"{w:.9g}" for w in r) for r in rows) + \
        "\nEOD\n"


def groups(calls):
    found = {}
    for subject in calls["subjects"]:
        found.setdefault(subject["group"], []).append(subject)
    return found


def bars(out, calls):
    found = groups(calls)
    rows = [(s["name"], s["ns"]["median"], s["ns"]["p999"])
            for s in found["floor"] + found["call"] if s["name"] not in ("loop", "nothing")]
    return draw(out, "calls.svg", block("data", rows) + """
set title 'What a call costs (median; whisker: p99.9 of batches)'
set style fill solid 0.8
set logscale y
set ylabel 'ns'
set yrange [0.1:*]
set xtics rotate by -40 noenhanced font ',11'
set boxwidth 0.6
set key off
plot $data using 0:2:xtic(1) with boxes lc rgb '#3465a4', \\
     '' using 0:2:2:3 with yerrorbars lc rgb '#cc0000' pt 0, \\
     '' using 0:2:(sprintf('%.1f', $2)) with labels offset -2.2,0.6 font ',10'
""")


def histogram(out, calls):
    wanted = ("nothing", "constant", "record packed", "kernel coarse", "kernel clock",
              "chained clock", "system call")
    subjects = [s for s in groups(calls)["single"] if s["name"] in wanted]
    data, plots = "", []
    for i, subject in enumerate(subjects):
        count = subject["ns"]["count"]
        data += block(f"d{i}", [(value, 100 * share / count)
                                for value, share in subject["ns"]["shape"]])
        plots.append(f"$d{i} using 1:2 with linespoints pt 7 ps 0.4 lw 1.5 "
                     f"title '{subject['name']}'")
    return draw(out, "histogram.svg", data + """
set title 'Single calls, with the timing in them'
set logscale xy
set xlabel 'ns'
set ylabel '% of the calls'
set key outside right
plot """ + ", ".join(plots) + "\n")


def rates(out, readers):
    data = plots = ""
    for key, label in (("rate24", "24 B, one cache line"), ("rate64", "64 B and its sequence")):
        points = sorted((r["updates_per_s"], r["ratio"]["median"], r["name"])
                        for r in readers[key] if r["updates_per_s"] >= 500)
        data += block(key, points)
        plots += f"${key} using 1:2 with linespoints pt 7 lw 2 title '{label}', "
    return draw(out, "readers.svg", data + """
set title 'A read beside a writer on another CPU, against the same writer elsewhere'
set logscale xy
set xlabel 'updates per second'
set ylabel 'cost of a read, times'
set key left top
plot """ + plots + "1.25 with lines dt 2 lc rgb '#888888' title 'target at 1 M/s'\n")


def retries(out, updates, readers):
    curve = [(p["updates_per_second"], p["tries_per_read"]) for p in updates["curve"]]
    sizes = [(s["size"], s["tries"]["mean"], s["tries"]["p999"], s["tries"]["max"])
             for s in readers["unthrottled"] if "mean" in s["tries"]]
    return draw(out, "retries.svg", block("curve", sorted(curve)) + block("sizes", sizes) + """
set multiplot layout 1,2 title 'Tries that a read takes'
set logscale xy
set xlabel 'updates per second (24 B)'
set ylabel 'tries per read'
set yrange [0.9:*]
plot $curve using 1:2 with linespoints pt 7 lw 2 title 'mean'
set xlabel 'bytes of the record, writer never pauses'
plot $sizes using 1:2 with linespoints pt 7 lw 2 title 'mean', \\
     '' using 1:3 with linespoints pt 7 lw 2 title 'p99.9', \\
     '' using 1:4 with linespoints pt 7 lw 2 title 'most'
unset multiplot
""")


def sizes(out, calls):
    rows = [(float(s["name"].split()[0]), s["ns"]["median"], s["ns"]["p999"])
            for s in groups(calls)["size"]]
    return draw(out, "sizes.svg", block("data", rows) + """
set title 'Reading a whole record into memory'
set logscale xy
set xlabel 'bytes of the record'
set ylabel 'ns'
set key left top
plot $data using 1:2 with linespoints pt 7 lw 2 title 'median', \\
     '' using 1:3 with linespoints pt 7 lw 1 title 'p99.9'
""")


def draw_all(out, data):
    """The names of the pictures that this run has data for."""
    if not shutil.which("gnuplot"):
        return []
    names = []
    if "calls" in data:
        names += [bars(out, data["calls"]), histogram(out, data["calls"]),
                  sizes(out, data["calls"])]
    if "readers" in data:
        names.append(rates(out, data["readers"]))
    if "readers" in data and "updates" in data:
        names.append(retries(out, data["updates"], data["readers"]))
    return names
