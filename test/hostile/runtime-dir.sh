#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A runtime directory in which something else lies in the place of each file: no command hangs, and
# nothing outside is changed, deleted, opened for writing or attached.
set -eu
. "$(dirname "$0")/lib.sh"
need python3

image sample
sample=$image
image notb
notb=$image
cp "$sample" "$T/sample.so"
cp "${sample%.so}.update.so" "$T/sample.update.so"
rt=$VDK_RUNTIME_DIR

# --- what lies outside ---
mkdir -p "$T/outside/letters" "$T/other"
echo precious > "$T/outside/victim"
chmod 600 "$T/outside/victim"
echo 'dear friend' > "$T/outside/letters/one"
VDK_RUNTIME_DIR=$T/other "$VDK" publish --no-update notb "$notb" > /dev/null
VDK_RUNTIME_DIR=$T/other "$VDK" set notb notb.vnotb=999
VDK_RUNTIME_DIR=$T/other "$VDK" publish --no-update sample "$T/sample.so" > /dev/null
VDK_RUNTIME_DIR=$T/other "$VDK" set sample pair.count=999
mv "$T/other" "$T/outside/publications"
ln "$T/outside/victim" "$T/second-name"

# Who opens one of them for writing is seen when it closes it (IN_MODIFY, IN_CLOSE_WRITE, IN_CREATE,
# IN_DELETE, IN_MOVED_*), whatever name it has used.
cat > "$T/watch.py" << 'END'
import ctypes, os, select, signal, struct, sys
libc = ctypes.CDLL(None)
fd = libc.inotify_init1(os.O_NONBLOCK)
names = {}
for top in sys.argv[1:]:
    for folder, _, files in os.walk(top):
        for path in [folder] + [os.path.join(folder, f) for f in files]:
            names[libc.inotify_add_watch(fd, path.encode(), 0x2 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200)] = path
signal.signal(signal.SIGTERM, lambda *_: None)
print("ready", flush=True)
poll = select.poll()
poll.register(fd, select.POLLIN)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while poll.poll():
    data = os.read(fd, 65536)
    while data:
        wd, mask, _, length = struct.unpack("iIII", data[:16])
        if wd in names:
            print(hex(mask), names[wd], data[16:16 + length].rstrip(b"\0").decode(), flush=True)
        data = data[16 + length:]
END
before=$(state "$T/outside")
python3 "$T/watch.py" "$T/outside" > "$T/seen" 2>&1 &
watcher=$!
at_end 'kill $watcher 2> /dev/null'
wait_for 60 grep -q ready "$T/seen"

fresh() { # the runtime directory as it is meant to be
	rm -rf "$rt"
	mkdir -m 755 "$rt"
	"$VDK" publish --no-update sample "$T/sample.so" > /dev/null
	"$VDK" set sample pair.count=5
}
fresh
cp -a "$rt" "$T/good"

put() { # put KIND PATH: in its place
	rm -rf "$2"
	case $1 in
	link) ln -s "$T/outside/victim" "$2" ;;
	hard) ln "$T/second-name" "$2" ;;
	folder-link) ln -s "$T/outside/publications/sample" "$2" ;;
	page-link) ln -s "$T/outside/publications/sample/$(basename "$2")" "$2" ;;
	fifo) mkfifo "$2" ;;
	folder) cp -a "$T/outside/letters" "$2" ;;
	empty-folder) mkdir "$2" ;;
	huge) truncate -s 1T "$2" 2> /dev/null || truncate -s 8G "$2" ;;
	device) mknod "$2" c 1 5 2> /dev/null || rm -f "$2" ;;
	nothing) ;;
	esac
}

commands=(
	"publish --no-update sample $T/sample.so" "publish --once sample $T/sample.so" "set sample pair.count=7"
	"get sample" "ls" "run --vdso sample -- true" "run --once --vdso sample -- true" "watch --count 1 sample"
	"faketime --list" "unpublish sample" "unpublish --force sample"
)
hung="" crashed="" tried=0
for place in . sample .sample.lock sample/image.so sample/page sample/writers sample/update.so .sample.abc123; do
	for kind in link hard folder-link page-link fifo folder empty-folder huge device nothing; do
		[ "$place$kind" != .hard ] || continue
		for command in "${commands[@]}"; do
			rm -rf "$rt"
			cp -a "$T/good" "$rt"
			[ -e "$rt/${place%/*}" ] || mkdir -p "$rt/${place%/*}"
			put "$kind" "${rt}${place:+/$place}" 2> "$T/put" || true
			[ "$place" = . ] && { put "$kind" "$rt"; }
			code=0
			# shellcheck disable=SC2086
			timeout -s KILL 20 "$VDK" $command < /dev/null > "$T/out" 2> "$T/err" || code=$?
			tried=$((tried + 1))
			[ "$code" != 137 ] || hung="$hung [$kind for $place: $command]"
			[ "$code" = 137 ] || [ "$code" -lt 128 ] || crashed="$crashed [$kind for $place: $command: $code]"
			if grep -qw 999 "$T/out"; then crashed="$crashed [$kind for $place: $command: took the other one]"; fi
		done
	done
done
is "no command hangs" "" "$hung"
is "none crashes, or takes what lies outside" "" "$crashed"
figure commands "$tried"
is "what lies outside is as it was" "$before" "$(state "$T/outside")"
sleep 0.1
kill "$watcher"
wait "$watcher" || true
is "none of it was opened for writing, changed or deleted" "ready" "$(head -n 5 "$T/seen")"

# --- a lease (fcntl(2), F_SETLEASE): who opens the file waits for whoever holds it, 45 s by default ---
cat > "$T/lease.py" << 'END'
import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
fd = os.open(sys.argv[1], os.O_RDWR)
try:
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
except OSError as error:
    sys.exit(str(error))
print("held", flush=True)
signal.pause()
END
hung="" leases=0
for place in sample/page sample/image.so sample/writers .sample.lock; do
	for command in "publish --no-update sample $T/sample.so" "set sample pair.count=7" "get sample" \
		"run --vdso sample -- true" "unpublish sample"; do
		fresh
		python3 "$T/lease.py" "$rt/$place" > "$T/lease" 2> "$T/put" &
		holder=$!
		held() { grep -q held "$T/lease" || ! kill -0 "$holder" 2> /dev/null; }
		wait_for 20 held || :
		grep -q held "$T/lease" || continue
		code=0
		[ "$leases" != 0 ] || timeout -s KILL 0.5 cat "$rt/$place" > "$T/out" 2>&1 || code=$?
		[ "$leases" != 0 ] || is "who opens what has a lease waits" 137 "$code"
		code=0
		# shellcheck disable=SC2086
		timeout -s KILL 20 "$VDK" $command < /dev/null > "$T/out" 2> "$T/err" || code=$?
		kill $holder
		wait $holder 2> /dev/null || true
		leases=$((leases + 1))
		[ "$code" -lt 128 ] || hung="$hung [a lease on $place: $command: $code]"
	done
done
if [ "$leases" = 0 ]; then
	echo "# no leases here: $(cat "$T/put")"
else
	is "no command waits for a lease" "" "$hung"
	figure leases "$leases"
fi

# --- a folder of the user's own that has a publication's name ---
fresh
cp -a "$T/outside/letters" "$rt/letters"
for command in "unpublish letters" "unpublish --force letters" "publish --no-update letters $T/sample.so"; do
	# shellcheck disable=SC2086
	capture "$VDK" $command
	is "${command%% "$T"*}: refused" 3 "$status"
	like "... says why" 'letters: is no publication alone: the folder holds one, too' "$err"
	is "... and all is there" "dear friend" "$(cat "$rt/letters/one")"
done
is "nothing is left behind" "letters sample" "$(ls "$rt" | xargs)"
cp "$T/outside/victim" "$rt/file"
capture "$VDK" publish --no-update file "$T/sample.so"
like "a file of that name is left as it is" 'file: is no publication' "$err"
is "... it is" precious "$(cat "$rt/file")"
capture "$VDK" get sample pair.count
is "what is published stays" 5 "$out"
finish
