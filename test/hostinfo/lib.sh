# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What hostinfo's tests share; read after ../lib.sh.

here=$VDK_SOURCE_ROOT/test/hostinfo
image hostinfo
hostinfo_include=(-I "$VDK_SOURCE_ROOT/include" -I "${image%/*}" -I "$VDK_SOURCE_ROOT/vdsos/hostinfo")

# compile NAME: $here/NAME.c with the look-up, to $T/NAME
compile() {
	cc -O2 -g -Wall -D_GNU_SOURCE "${hostinfo_include[@]}" "$here/$1.c" \
		"$VDK_SOURCE_ROOT/src/lookup/vdk_lookup.c" -o "$T/$1"
}

publisher=
# start [VARIABLE=VALUE]...: a publisher every 20 ms, with these in its environment; its first
# sample is there when this returns
start() {
	env "$@" "$VDK" publish --every 20ms --void-after 400ms hostinfo "$image" \
		> "$T/publisher.out" 2> "$T/publisher.err" &
	publisher=$!
	wait_for 10 has_sample || not_ok "the first sample comes" "$(cat "$T/publisher.err")"
}
has_sample() {
	"$VDK" ls | grep -q "^hostinfo .* $publisher .* live " &&
		"$VDK" get hostinfo hostinfo_identity.realtime_ns
}
stop() {
	[ -n "$publisher" ] || return 0
	kill "-${1:-TERM}" "$publisher" 2> /dev/null || true
	kill -CONT "$publisher" 2> /dev/null || true
	wait "$publisher" 2> /dev/null || true
	publisher=
}
at_end 'stop KILL'

# dump: what the functions say now, to $T/dump
dump() { "$VDK" run --once --vdso hostinfo -- "$T/dump" > "$T/dump.txt"; }
# value KEY: of the last dump
value() { awk -v key="$1=" 'index($0, key) == 1 { print substr($0, length(key) + 1) }' "$T/dump.txt"; }
# known RECORD BIT: 1 or 0
known() { echo $(($(value "$1.known") >> $2 & 1)); }
