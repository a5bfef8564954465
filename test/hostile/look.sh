#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Processes that change under the eyes of who looks at them, and that are made to be looked at: each
# command ends, by itself and in time, and what it prints is text. LOOK_ROUNDS of the changing ones.
set -eu
. "$(dirname "$0")/lib.sh"
need python3

image notb
tool tracee
tracee=$tool
rounds=${LOOK_ROUNDS:-1}

start() { # start MODE [ARGUMENT]: in $pid, and what it printed before "ready" in $number
	"$tracee" "$@" > "$T/ready" 2> "$T/said" &
	pid=$!
	at_end "kill -9 $pid 2> /dev/null"
	wait_for 60 grep -q ready "$T/ready" || { not_ok "the tracee is ready: $*" "$(cat "$T/said")"; finish; }
	number=$(sed -n '/^[0-9]/p' "$T/ready")
}
end() { kill -9 "$pid"; wait "$pid" 2> /dev/null || true; }

# Text in UTF-8, without anything that a terminal obeys; JSON that a strict reader takes.
cat > "$T/text.py" << 'END'
import json, sys, unicodedata
for name in sys.argv[2:]:
    text = open(name, "rb").read().decode("utf-8")
    bad = {c for c in text if c not in "\n\t" and (unicodedata.category(c) == "Cc" or c in "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")}
    if bad: sys.exit("%s: %r" % (name, bad))
if sys.argv[1] == "json":
    data = open(sys.argv[2], "rb").read()
    if data: json.loads(data.decode("utf-8"))
END

looks=("maps" "maps --json" "auxv" "auxv --json" "symbols" "symbols --json" "dump -o $T/dumped" "vsyscall"
	"doctor --count none" "doctor --count none --json" "doctor --count ptrace --seconds 0.05" "perf-map -o $T/map")

# look_once LOOK OBJECT: it ends by itself and prints text; what went wrong is in $bad, how it ended in $code
look_once() {
	local look=$1 kind=text

	code=0
	# shellcheck disable=SC2086
	timeout -s KILL 60 "$VDK" $look "$2" > "$T/out" 2> "$T/err" < /dev/null || code=$?
	[ "$code" -lt 128 ] || bad="$bad [$look: exit $code]"
	case $look in *json*) kind=json ;; esac
	python3 "$T/text.py" $kind "$T/out" "$T/err" 2> "$T/why" || bad="$bad [$look: $(tail -n 1 "$T/why")]"
	looked=$((looked + 1))
}

look_at() { # look_at WHAT PID: everything; what went wrong is in $bad
	local look code

	for look in "${looks[@]}"; do
		look_once "$look" "$2"
		[ -z "${LOOK_VERBOSE-}" ] || echo "# $1: $look: exit $code after $SECONDS s"
	done
}
looked=0

bad=""
start storm "$image"
for ((i = 0; i < rounds; i++)); do look_at storm "$pid"; done
capture timeout -s KILL 60 "$VDK" diff "$pid" "$pid"
[ "$status" -lt 128 ] || bad="$bad [diff: $status]"
end
is "memory, headers and vector change meanwhile" "" "$bad"

bad=""
start execs
for ((i = 0; i < rounds; i++)); do look_at execs "$pid"; done
end
is "it executes itself meanwhile" "" "$bad"

bad=""
mkdir "$T/names"
start names "$T/names"
look_at names "$pid"
end
is "files have names of every kind" "" "$bad"

bad=""
for ((i = 0; i < rounds; i++)); do
	for look in "${looks[@]}"; do
		"$tracee" thread > /dev/null &
		pid=$!
		# shellcheck disable=SC2086
		{ sleep "0.0$((i * 3))"; kill -9 $pid; } 2> /dev/null &
		code=0
		# shellcheck disable=SC2086
		timeout -s KILL 60 "$VDK" $look $pid > "$T/out" 2> "$T/err" || code=$?
		[ "$code" -lt 128 ] || bad="$bad [$look: exit $code]"
		wait 2> /dev/null
	done
done 2> /dev/null
is "it is killed meanwhile" "" "$bad"

bad=""
start thread
look_at thread "$pid"
look_at "a thread that is not the first" "$number"
end
start leaderless
look_at "the first thread has ended" "$pid"
look_at "another thread of it" "$number"
end
start zombie
look_at "a zombie" "$number"
end
[ ! -e /proc/2/exe ] || look_at "a kernel thread" 2
is "threads, zombies, the kernel's own" "" "$bad"

# Files on the command line have such names, too.
bad=""
name=$T/$(printf 'x\033[31m\302\233\342\200\256\377.so')
cp "$image" "$name"
for look in "check" "check --json" "symbols" "symbols --json" "vsyscall" "vsyscall --json" "get --page" "maps" "auxv" \
	"run --vdso" "entropy -n 2 --vdso" "dump -o $T/dumped" "publish --no-update x" "diff vdso" \
	"verify --json --seconds 0.1 --property stack --vdso"; do
	for path in "$name" "$name-none"; do
		look_once "$look" "$path"
	done
done
is "a file's own name is shown as text" "" "$bad"

# As many mappings as there can be, each of which could be an image of 16 MiB: a TiB to look through.
bad=""
start many "$image"
before=$(date +%s)
looks=("maps" "auxv" "dump -o $T/dumped" "symbols" "doctor --count none" "perf-map -o $T/map" "vsyscall")
look_at many "$pid"
took=$(($(date +%s) - before))
end
is "more to look through than anybody waits for: $(cat "$T/said")" "" "$bad"
[ "$took" -lt 120 ] && ok "all of it in $took s" || not_ok "all of it in $took s"
figure looks "$looked"


# --- what is put in the place of a file that is mapped is not opened ---
# Who has no right to the kernel's own links (map_files) goes by the path, and there something else
# can lie: here a FIFO, of which inotify tells who opens it.
cat > "$T/opened.py" << 'END'
import ctypes, os, select, sys
libc = ctypes.CDLL(None)
fd = libc.inotify_init1(0)
libc.inotify_add_watch(fd, sys.argv[1].encode(), 0x20)
print("ready", flush=True)
os.read(fd, 4096)
print("opened", flush=True)
END
user=(setpriv --reuid=20001 --regid=20001 --clear-groups --)
rt=$T/user/rt
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null && unshare -m true 2> /dev/null &&
	"${user[@]}" test -x "$VDK"; then
	mkdir -m 755 "$T/user" "$rt"
	cp "$image" "$T/user/notb.so"
	chown -R 20001:20001 "$T/user"
	"${user[@]}" env VDK_RUNTIME_DIR="$rt" "$VDK" publish --no-update notb "$T/user/notb.so" > /dev/null
	"${user[@]}" env VDK_RUNTIME_DIR="$rt" "$VDK" run --once --vdso notb -- sleep 300 &
	pid=$!
	at_end "kill -9 $pid 2> /dev/null"
	wait_for 60 grep -q "$rt/notb/page" "/proc/$pid/maps"
	mkfifo -m 666 "$T/fifo"
	python3 "$T/opened.py" "$T/fifo" > "$T/opened" &
	at_end "kill $! 2> /dev/null"
	wait_for 60 grep -q ready "$T/opened"
	for look in "maps $pid" "vsyscall $pid" "vsyscall --running" "doctor --count none $pid"; do
		# shellcheck disable=SC2086
		unshare -m sh -c 'mount --bind "$1" "$2" && mount --bind "$1" "$3" && shift 3 && exec "$@"' - \
			"$T/fifo" "$rt/notb/page" "$rt/notb/image.so" timeout 60 "${user[@]}" "$VDK" $look > "$T/out" 2>&1 || true
	done
	sleep 0.1
	is "a FIFO in the place of a page is not opened" ready "$(xargs < "$T/opened")"
	exec 8<> "$T/fifo"
	wait_for 60 grep -q opened "$T/opened" && ok "... which would have been seen" || not_ok "... which would have been seen"
fi

# Whoever counts calls names the function that makes them, by the file that is mapped: here it is
# gone, and a FIFO lies in its place.
gcc -O1 -w -pthread "$VDK_SOURCE_ROOT/test/doctor/ill.c" -o "$T/ill"
"$T/ill" instruction 1000000000000 > /dev/null &
pid=$!
at_end "kill -9 $pid 2> /dev/null"
wait_for 60 grep -q "$T/ill" "/proc/$pid/maps"
rm "$T/ill"
mkfifo "$T/ill"
python3 "$T/opened.py" "$T/ill" > "$T/opened" &
at_end "kill $! 2> /dev/null"
wait_for 60 grep -q ready "$T/opened"
capture timeout 60 "$VDK" doctor --count ptrace --seconds 0.2 "$pid"
if grep -q 'times clock_gettime' <<< "$out"; then
	like "the file that makes calls is named" 'times clock_gettime from ill' "$out"
	sleep 0.1
	is "a FIFO in the place of a caller's file is not opened" ready "$(xargs < "$T/opened")"
else
	echo "# its calls cannot be counted here: $err"
fi
finish
