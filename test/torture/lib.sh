# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What the torture tests share, over test/lib.sh: how long, figures, random moments, and the programs
# that look at values all the time. PROGRAMS comes from meson or from test/torture/run.
. "$VDK_SOURCE_ROOT/test/lib.sh"

PROGRAMS=${PROGRAMS:-$VDK_BUILD_ROOT/test/torture}

# A seed that is told, so that a run's choices can be made again: TORTURE_SEED=N.
RANDOM=${TORTURE_SEED:=$((RANDOM + 1))}
echo "seed $TORTURE_SEED"

# by_length SHORT FULL: the one that is asked for by TORTURE; short is what `make check` runs.
by_length() { if [ "${TORTURE:-short}" = full ]; then echo "$2"; else echo "$1"; fi; }

# until_over SECONDS: true until so much time has gone by since the first call.
until_over() {
	torture_end=${torture_end:-$((SECONDS + $1))}
	[ "$SECONDS" -lt "$torture_end" ]
}

# nap MS: a rest of up to so many milliseconds, at random.
nap() {
	local ms=$((RANDOM % ($1 + 1)))

	read -r -t "$((ms / 1000)).$(printf %03d $((ms % 1000)))" <> <(:) || :
}

# await PID: until our child has ended, however that came. Not `wait`: bash forgets or confuses some of the
# thousands of children of a long run, on a machine whose process numbers come round within a minute, and
# then waits for ever.
await() {
	local tries

	for ((tries = 0; tries < 6000; tries++)); do
		kill -0 "$1" 2> /dev/null || return 0
		nap 10
	done
	not_ok "process $1 ends"
}

# ---- Programs with an image attached that look at `sample` until they are told to end ----

lookers=()
looks=0 looks_bad=0 lookers_started=0

look_start() { # look_start [ARGUMENT OF vdk run...]: one more of them; waits until it looks
	local file=$T/look.$lookers_started

	: > "$file"
	"$VDK" run "$@" --vdso sample -- "$PROGRAMS/look" > "$file" 2>> "$T/look.err" &
	lookers+=("$!:$file")
	lookers_started=$((lookers_started + 1))
	wait_for 20 test -s "$file" || { not_ok "a program starts to look" "$(cat "$T/look.err")"; finish; }
}

look_end() { # look_end INDEX: tell that one to end, and judge what it saw
	local pid=${lookers[$1]%%:*} file=${lookers[$1]#*:} found

	kill -TERM "$pid" 2> /dev/null || :
	await "$pid"
	found=$(sed -n 's/^looked \([0-9]*\) .*/\1/p' "$file")
	looks=$((looks + ${found:-0}))
	if [ "${found:-0}" = 0 ] || grep -q ^torn "$file"; then
		looks_bad=$((looks_bad + 1))
		not_ok "a program that looks saw whole values, in order, to its end" "$(cat "$file")"
	fi
	unset "lookers[$1]"
	lookers=("${lookers[@]}")
}

look_end_all() {
	while [ ${#lookers[@]} -gt 0 ]; do
		look_end 0
	done
	is "programs that looked all the time saw whole values, in order" 0 "$looks_bad"
	figure programs_that_looked "$lookers_started"
	figure looks "$looks"
}
at_end 'for l in "${lookers[@]}"; do kill -KILL "${l%%:*}" 2> /dev/null; done'

# ---- Rounds of storm, as it runs natively and in a followed tree ----

# storm_prepare: other builds of it, and what a round prints natively, in $T/native.
storm_prepare() {
	local lookup=$VDK_SOURCE_ROOT/src/lookup/vdk_lookup.c flags="-O1 -pthread -D_GNU_SOURCE"

	storm=("$PROGRAMS/storm")
	# shellcheck disable=SC2086
	if gcc $flags -static -I"$VDK_SOURCE_ROOT/include" "$VDK_SOURCE_ROOT/test/torture/storm.c" "$lookup" \
		-o "$T/storm-static" 2> "$T/compile"; then
		storm+=("$T/storm-static")
	fi
	# shellcheck disable=SC2086
	if gcc $flags -m32 "$VDK_SOURCE_ROOT/test/torture/storm.c" -o "$T/storm-32" 2>> "$T/compile"; then
		storm+=("$T/storm-32")
	fi
	export STORM_UNATTACHED=
	unset STORM_UNATTACHED
	"${storm[@]}" > "$T/native"
	# shellcheck disable=SC2034 # for who sources this
	storm_programs=$(sed -n 's/^started \([0-9]*\) .*/\1/p' "$T/native")
	# shellcheck disable=SC2034 # so is this
	storm_forks=$(sed -n 's/^started .* and \([0-9]*\) forks/\1/p' "$T/native")
}

# What a tree runs: LANES loops side by side, each round held against the native one. A line for each
# round into $T/rounds, and what was different into $T/different. Ends when $T/quiet is there.
cat > "$T/rounds.sh" << 'ROUNDS'
T=$1 lanes=$2
shift 2
lane() {
	while [ ! -e "$T/quiet" ]; do
		status=0
		"$@" > "$T/lane.$number" 2> "$T/lane.$number.err" || status=$?
		if [ "$status" != 0 ] || ! cmp -s "$T/lane.$number" "$T/native"; then
			{ echo "status $status"; diff "$T/native" "$T/lane.$number"; cat "$T/lane.$number.err"; } \
				>> "$T/different"
			echo different >> "$T/rounds"
		else
			echo same >> "$T/rounds"
		fi
	done
}
for ((number = 0; number < lanes; number++)); do
	lane "$@" &
done
wait
ROUNDS

rounds() { wc -l < "$T/rounds"; }
rounds_grew() { [ "$(rounds)" -gt "$1" ]; }
