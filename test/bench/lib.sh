# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What the tests of vdk bench share; after ../lib.sh.

need python3

# work FOLDER [LAPS]: build test/bench/work into a folder of $T; its path is in $image.
work() {
	mkdir -p "$T/$1"
	image=$T/$1/work.so
	"$VDK" build --cflag "-DLAPS=${2:-4}" "$VDK_SOURCE_ROOT/test/bench/work" -o "$image" || {
		echo "not ok - vdk build test/bench/work"
		exit 1
	}
}

# value FILE EXPRESSION: a Python expression over the object `d` of a JSON file.
value() {
	python3 - "$1" "$2" <<- 'END'
		import json, sys
		d = json.load(open(sys.argv[1]))
		def row(call, way):
		    return next((r for r in d["results"] if r["call"] == call and r["way"] == way), None)
		def ns(call, way):
		    return row(call, way)["ns"]["median"]
		print(eval("(" + sys.argv[2] + ")"))
	END
}

# some_time TRIES COMMAND...: it succeeds once in so many tries: figures on a machine that others
# use may be off once, not always.
some_time() {
	local tries=$1

	shift
	for ((; tries > 0; tries--)); do
		"$@" && return 0
	done
	return 1
}
