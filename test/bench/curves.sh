#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vdk bench --curves: all four, of what they should be, and nothing left behind.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

mkdir "$T/tmp"
export TMPDIR=$T/tmp
capture "$VDK" bench --quick --curves --json time
is "exit status" 0 "$status"
is "nothing on stderr" "" "$err"
cp "$T/out" "$T/c.json"
is "all curves" "records processes updates image-size" \
	"$(value "$T/c.json" '" ".join(c["name"] for c in d["curves"])')"
is "members" "log_x name note points title x y" "$(value "$T/c.json" '" ".join(sorted(d["curves"][0]))')"
is "points ascend" True "$(value "$T/c.json" 'all(
	[p["x"] for p in c["points"]] == sorted(p["x"] for p in c["points"]) for c in d["curves"]
	if c["name"] != "updates")')"
is "low, median, high" True "$(value "$T/c.json" 'all(
	p["low"] <= p["median"] <= p["high"] for c in d["curves"] for p in c["points"])')"
is "numbers of records" "1 4 16 64 256 512 1024" \
	"$(value "$T/c.json" '" ".join(str(round(p["x"])) for p in d["curves"][0]["points"])')"
is "a read costs something" True \
	"$(value "$T/c.json" 'all(0 < p["median"] < 1000 for p in d["curves"][0]["points"])')"
is "numbers of processes" "1 10 50 100 200" \
	"$(value "$T/c.json" '" ".join(str(round(p["x"])) for p in d["curves"][1]["points"])')"
if [ "$(nproc)" -gt 1 ]; then
	is "rates of updates" True "$(value "$T/c.json" 'len(d["curves"][2]["points"]) >= 3')"
fi
is "sizes of images" True \
	"$(value "$T/c.json" '[round(p["x"]) for p in d["curves"][3]["points"]][::3] == [4, 1024]')"
is "the folder is gone" "" "$(ls "$T/tmp")"

capture "$VDK" bench --quick --curves time
like "in the table" '^A read, against the number of records' "$out"

# Without a compiler the rest is measured, and it is said what is not.
capture env CC=/nonexistent "$VDK" bench --quick --curves --json time
is "without a compiler: exit status" 0 "$status"
like "without a compiler: why" 'Not measured: its images cannot be built' \
	"$(value "$T/out" '"\n".join(c["note"] for c in d["curves"])')"
is "without a compiler: the folder is gone" "" "$(ls "$T/tmp")"
finish
