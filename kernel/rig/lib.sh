# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=dash
#
# What guest tests share (as /rig/lib.sh): the same words as test/lib.sh has, for busybox' sh.

set -u
lib_checks=0
lib_failures=0

ok() { # ok WHAT: this check held
	lib_checks=$((lib_checks + 1))
	echo "ok $lib_checks - $1"
}

not_ok() { # not_ok WHAT [EVIDENCE...]: it did not, and the test goes on
	lib_checks=$((lib_checks + 1))
	lib_failures=$((lib_failures + 1))
	echo "not ok $lib_checks - $1"
	shift
	for lib_evidence; do
		printf '%s\n' "$lib_evidence" | sed 's/^/#   /'
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
	if printf '%s\n' "$3" | grep -Eq -e "$2"; then
		ok "$1"
	else
		not_ok "$1" "expected a match of: $2" "found: $3"
	fi
}

unlike() {
	if printf '%s\n' "$3" | grep -Eq -e "$2"; then
		not_ok "$1" "expected no match of: $2" "found: $3"
	else
		ok "$1"
	fi
}

# near WHAT EXPECTED FOUND TOLERANCE: two whole numbers differ by at most so much.
near() {
	case $3 in
	'' | - | *[!0-9-]*) not_ok "$1" "expected about: $2" "found no number: $3" ;;
	*)
		if [ $(($3 - $2)) -le "$4" ] && [ $(($2 - $3)) -le "$4" ]; then
			ok "$1"
		else
			not_ok "$1" "expected about: $2 (within $4)" "found: $3"
		fi
		;;
	esac
}

# figure NAME VALUE: as in test/lib.sh.
figure() { echo "figure $1 $2"; }

# capture COMMAND...: run it; its output is then in $out, its messages in $err, its exit status in
# $status.
# shellcheck disable=SC2034 # for who sources this
capture() {
	status=0
	"$@" < /dev/null > "$TMPDIR/out" 2> "$TMPDIR/err" || status=$?
	out=$(cat "$TMPDIR/out")
	err=$(cat "$TMPDIR/err")
}

# skip REASON: this cannot be tested here, and why.
skip() {
	echo "skipped: $*"
	exit 77
}

finish() {
	if [ "$lib_checks" = 0 ]; then
		echo "not ok 1 - the test checked nothing"
		lib_checks=1
		lib_failures=1
	fi
	echo "1..$lib_checks"
	[ "$lib_failures" = 0 ] || exit 1
	exit 0
}
