# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the end-to-end tests share. A test is a bash script that begins with
#
#     set -eu
#     . "$(dirname "$0")/../lib.sh"
#
# checks things with is, like and ok, and ends with `finish`. It prints one line per check, in the
# manner of TAP, and exits 0 (all held), 1 (one did not) or 77 (`skip REASON`). It writes into $T
# only, which is removed afterwards, and into the build tree's cache of test programs.
#
# VDK, VDK_SOURCE_ROOT and VDK_BUILD_ROOT come from meson; by hand the tree's build/ is taken.

VDK_SOURCE_ROOT=${VDK_SOURCE_ROOT:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
VDK_BUILD_ROOT=${VDK_BUILD_ROOT:-$VDK_SOURCE_ROOT/build}
VDK=${VDK:-$VDK_BUILD_ROOT/tool/vdk}
export VDK VDK_SOURCE_ROOT VDK_BUILD_ROOT

T=$(mktemp -d "${TMPDIR:-/tmp}/vdk-test.XXXXXX")
chmod 755 "$T"
export VDK_RUNTIME_DIR=$T/runtime
mkdir -m 755 "$VDK_RUNTIME_DIR"

lib_checks=0
lib_failures=0
lib_at_end=()

# What to do at the end, however that comes: at_end 'COMMAND'
at_end() { lib_at_end+=("$1"); }

lib_cleanup() {
	local status=$? i

	set +e
	for ((i = ${#lib_at_end[@]} - 1; i >= 0; i--)); do
		eval "${lib_at_end[i]}"
	done
	# It is also what vdk says of what is not possible here: no test ends by that unasked.
	if [ "$status" = 77 ] && [ ! -e "$T/skipped" ]; then
		echo "not ok - a command ended with 77, and the test with it"
		status=1
	fi
	rm -rf "$T"
	exit "$status"
}
trap lib_cleanup EXIT
trap 'exit 1' HUP INT TERM

# skip REASON: this cannot be tested here, and why.
skip() {
	echo "skipped: $*"
	: > "$T/skipped"
	exit 77
}

# need COMMAND...: skip unless all of these are here.
need() {
	local command

	for command; do
		command -v "$command" > /dev/null || skip "no $command here (scripts/install-deps test)"
	done
}

need_root() { [ "$(id -u)" = 0 ] || skip "needs root"; }

ok() { # ok WHAT: this check held
	lib_checks=$((lib_checks + 1))
	echo "ok $lib_checks - $1"
}

not_ok() { # not_ok WHAT [EVIDENCE...]: it did not, and the test goes on
	lib_checks=$((lib_checks + 1))
	lib_failures=$((lib_failures + 1))
	echo "not ok $lib_checks - $1"
	shift
	for evidence; do
		printf '%s\n' "$evidence" | sed 's/^/#   /'
	done
}

# is WHAT EXPECTED FOUND: the two strings are the same.
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "expected: $2" "found:    $3"
	fi
}

# like WHAT REGEX FOUND: some line of the text matches the extended regular expression.
like() {
	if grep -Eq -e "$2" <<< "$3"; then
		ok "$1"
	else
		not_ok "$1" "expected a match of: $2" "found: $3"
	fi
}

unlike() {
	if grep -Eq -e "$2" <<< "$3"; then
		not_ok "$1" "expected no match of: $2" "found: $3"
	else
		ok "$1"
	fi
}

# near WHAT EXPECTED FOUND TOLERANCE: two whole numbers differ by at most so much.
near() {
	local difference

	if ! [[ $3 =~ ^-?[0-9]+$ && $2 =~ ^-?[0-9]+$ ]]; then
		not_ok "$1" "expected about: $2" "found no number: $3"
		return
	fi
	difference=$(($3 - $2))
	if [ "${difference#-}" -le "$4" ]; then
		ok "$1"
	else
		not_ok "$1" "expected about: $2 (within $4)" "found: $3"
	fi
}

# figure NAME VALUE: how much was tried, for the promises of doc/RELIABILITY.md; the same name again
# is a sum.
figure() { echo "figure $1 $2"; }

# capture COMMAND...: run it; its output is then in $out, its messages in $err, its exit status (as
# the shell knows it) in $status. Standard input is $T/stdin where that exists, else empty.
# shellcheck disable=SC2034 # for who sources this
capture() {
	local input=/dev/null

	if [ -e "$T/stdin" ]; then
		input=$T/stdin
	fi
	status=0
	"$@" < "$input" > "$T/out" 2> "$T/err" || status=$?
	out=$(cat "$T/out")
	err=$(cat "$T/err")
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails when it never does.
wait_for() {
	local end=$((SECONDS + $1))

	shift
	until "$@" > /dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

finish() {
	if [ "$lib_checks" = 0 ]; then
		echo "not ok - the test checked nothing"
		exit 1
	fi
	echo "1..$lib_checks"
	if [ "$lib_failures" != 0 ]; then
		echo "$lib_failures of $lib_checks checks failed"
		exit 1
	fi
	exit 0
}

# cached FILE SOURCE... -- COMMAND...: make FILE by a command that is given its name as last
# argument, unless it is newer than its sources. Tests run side by side: one makes it, by a lock.
cached() {
	local file=$1 source fresh=true sources=() status=0

	shift
	while [ "$1" != -- ]; do
		sources+=("$1")
		shift
	done
	shift
	mkdir -p "$(dirname "$file")"
	exec {lib_lock}> "$file.lock"
	flock "$lib_lock"
	[ -e "$file" ] || fresh=false
	for source in "${sources[@]}"; do
		[ "$file" -nt "$source" ] || fresh=false
	done
	if ! $fresh; then
		rm -rf "$file" "$file.new"
		{ "$@" "$file.new" && touch "$file.new" && mv -T "$file.new" "$file"; } || status=$?
	fi
	exec {lib_lock}>&-
	return "$status"
}

# install_kit ROOT: what `make install` installs, below that folder. By turns, since meson keeps one
# list of what it installed last; it is in $T/installed/meson-logs then, where uninstalling looks.
install_kit() {
	mkdir -p "$T/installed/meson-logs"
	exec {lib_lock}> "$VDK_BUILD_ROOT/test/install.lock"
	flock "$lib_lock"
	meson install -C "$VDK_BUILD_ROOT" --no-rebuild --destdir "$1" > "$T/install.log" 2>&1 || {
		cat "$T/install.log"
		exit 1
	}
	cp "$VDK_BUILD_ROOT/meson-logs/install-log.txt" "$T/installed/meson-logs/"
	exec {lib_lock}>&-
}

# image NAME: build vdsos/NAME, test/run/NAME or test/page/NAME by the tree's own `vdk build`; its path is in
# $image afterwards.
image() {
	local dir=$VDK_SOURCE_ROOT/vdsos/$1

	[ -d "$dir" ] || dir=$VDK_SOURCE_ROOT/test/run/$1
	[ -d "$dir" ] || dir=$VDK_SOURCE_ROOT/test/page/$1
	image=$VDK_BUILD_ROOT/test/images/$1/$1.so
	mkdir -p "${image%/*}"
	exec {lib_lock}> "$image.lock"
	flock "$lib_lock"
	if ! [ "$image" -nt "$VDK" ] ||
		[ -n "$(find "$dir" "$VDK_SOURCE_ROOT/sdk" "$VDK_SOURCE_ROOT/include/vdk" -newer "$image")" ]; then
		"$VDK" build "$dir" -o "$image" || {
			echo "not ok - vdk build $dir"
			exit 1
		}
	fi
	exec {lib_lock}>&-
}

# publish NAME: build it and publish it in this test's own runtime directory, with no publisher
# left behind.
publish() {
	image "$1"
	"$VDK" publish --no-update "$1" "$image" > "$T/publish.log" 2>&1 || {
		echo "not ok - vdk publish $1: $(cat "$T/publish.log")"
		exit 1
	}
}

# program NAME: compile a program of test/run/programs (see build-program.sh); $program is its path.
program() {
	local status=0 run=$VDK_SOURCE_ROOT/test/run

	program=$VDK_BUILD_ROOT/test/programs/$1
	cached "$program" "$run"/programs/* "$run/build-program.sh" \
		"$VDK_SOURCE_ROOT"/src/lookup/vdk_lookup.c -- \
		"$run/build-program.sh" "$1" > "$T/compile" 2>&1 || status=$?
	[ "$status" != 77 ] || skip "$(cat "$T/compile")"
	[ "$status" = 0 ] || { echo "not ok - cannot compile $1"; cat "$T/compile"; exit 1; }
}

# Every date that the marker image tells is so many seconds ahead.
MARKER_SHIFT=1000000000

# is_shifted WHAT SECONDS: told by a program with the marker attached; is_real: by one without.
is_shifted() { near "$1" "$(($(date +%s) + MARKER_SHIFT))" "$2" 60; }
is_real() { near "$1" "$(date +%s)" "$2" 60; }
