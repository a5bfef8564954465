#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What protects a program natively protects it with an image attached.
set -eu
. "$(dirname "$0")/../lib.sh"

image notb
need python3 readelf

# --- addresses are as random as before, and the image's are as those of any library ---
measure() { "$VDK" entropy -n 400 --seconds 20 --json "$@" |
	python3 -c 'import json, sys
for p in json.load(sys.stdin)["places"]: print(p["place"], round(p["bits"], 1))'; }
native=$(measure)
attached=$(measure --vdso "$image")
if [ "$(cat /proc/sys/kernel/randomize_va_space)" = 2 ]; then
	weaker=$(join <(sort <<< "$native") <(sort <<< "$attached") | awk '$3 < $2 - 1 { print $1 " " $2 " " $3 }')
	is "no part of an attached program is easier to guess" "" "$weaker"
	for place in image page; do
		bits=$(awk -v place=$place '$1 ~ place { print int($2) }' <<< "$attached" | head -n 1)
		library=$(awk '$1 == "libraries" { print int($2) }' <<< "$attached")
		figure "${place}_bits" "${bits:-0}"
		near "vdk's $place is as hard to guess as a library: bits" "${library:-0}" "${bits:-none}" 1
		# What the kernel is set to: 28 unless somebody changed it.
		[ ! -r /proc/sys/vm/mmap_rnd_bits ] ||
			near "... and as the kernel makes any mapping" "$(cat /proc/sys/vm/mmap_rnd_bits)" "${bits:-none}" 1
	done
	printf '%s\n' "$attached" | sed 's/^/# /'
else
	echo "# kernel.randomize_va_space is not 2: nothing to compare"
fi

# --- permissions: nothing that can be written can be run, nothing of vdk can be written ---
maps=$("$VDK" run --vdso "$image" -- cat /proc/self/maps)
is "nothing is both written and run" "" "$(awk '$2 ~ /w.?x|wx/' <<< "$maps")"
ours=$("$VDK" run --vdso "$image" -- sh -c '"$0" maps --json $$' "$VDK" | python3 -c 'import json, sys
for m in json.load(sys.stdin)["mappings"]:
    if "vdk" in m["kind"]: print(m["kind"], m["permissions"], end=" ")')
is "vdk's own mappings can be read, and the code run" \
	"vdk-process-page r--p vdk-page r--s vdk-image r-xp " "$ours"

# --- what the loader makes read-only (RELRO) still is ---
relro() { awk '$6 ~ /libc\.so/ { print $2 }' <<< "$1" | tr '\n' ' '; }
is "libc's parts have the permissions that they have natively" "$(relro "$(cat /proc/self/maps)")" "$(relro "$maps")"

# --- the process's own protections: attached once, nothing changes; followed, only what the manual says ---
state() { grep -E '^(NoNewPrivs|Seccomp|Seccomp_filters|Cap[A-Z][a-z]+|Groups|Uid|Gid|Speculation|SpeculationIndirectBranch|CoreDumping|THP_enabled|x86_Thread_features|x86_Thread_features_locked)' ; }
native=$(sh -c 'cat /proc/self/status' | state)
is "--once: seccomp, privileges, speculation, shadow stack" "$native" \
	"$("$VDK" run --once --vdso "$image" -- sh -c 'cat /proc/self/status' | state)"
differs=$(diff <(echo "$native") <("$VDK" run --vdso "$image" -- sh -c 'cat /proc/self/status' | state) |
	sed -n 's/^> \([A-Za-z_]*\):.*/\1/p' | tr '\n' ' ')
if [ "$(id -u)" = 0 ]; then
	is "followed: a seccomp filter more, and that is all" "Seccomp Seccomp_filters " "$differs"
else
	is "followed: a seccomp filter, and no new privileges" "NoNewPrivs Seccomp Seccomp_filters " "$differs"
fi

# --- a user's tree: no new privileges, a filter that only notifies of execs, a supervisor that is the user's ---
if [ "$(id -u)" = 0 ]; then
	need setpriv
	user=20011
	as_user() { setpriv --reuid=$user --regid=$user --clear-groups --inh-caps=-all -- "$@"; }
	cp "$image" "$T/image.so"
	chmod 644 "$T/image.so"
	privileges() { as_user "$VDK" run "$@" --vdso "$T/image.so" grep NoNewPrivs /proc/self/status | cut -f2; }
	if as_user test -x "$VDK" -a -r "$T/image.so"; then
		is "a user's tree has no new privileges" 1 "$(privileges)"
		is "... with --once it has those that it could have" 0 "$(privileges --once)"
		# Names of vdk's two processes that are this user's alone: real, effective, saved and of files.
		ours() { grep -l "^Uid:\s$user\s$user\s$user\s$user\$" /proc/[0-9]*/status 2> /dev/null |
			xargs -r grep -h '^Name:' 2> /dev/null | grep -o 'vdk-.*' | sort | xargs || :; }
		setpriv --reuid=$user --regid=$user --clear-groups -- "$VDK" run --vdso "$T/image.so" -- sleep 300 &
		tree=$!
		at_end "kill $tree 2> /dev/null"
		wait_for 20 grep -q sleep "/proc/$tree/comm"
		# Those of the trees before may be about to end.
		both() { [ "$(ours)" = "vdk-follow vdk-keeper" ]; }
		wait_for 20 both && ok "the supervisor is the user's" || not_ok "the supervisor is the user's" "$(ours)"
		kill "$tree"
		gone() { [ -z "$(ours)" ]; }
		wait_for 20 gone && ok "... and ends with the tree" || not_ok "... and ends with the tree" "$(ours)"
	else
		echo "# other users cannot reach the build folder: not tried"
	fi
fi
"$VDK" run --vdso "$image" -- sleep 300 &
tree=$!
at_end "kill $tree 2> /dev/null"
wait_for 20 grep -q sleep "/proc/$tree/comm"
capture python3 "$(dirname "$0")/filter.py" "$tree"
if [ "$status" = 77 ]; then
	echo "# the filter cannot be read here: $out"
else
	is "the filter notifies of execve and execveat, by any ABI, and lets all else pass" \
		"x86-64: 59 322 x32: 520 545 i386: 11 358 other:" "$out"
fi
kill "$tree"

# --- the kernel's own vDSO is there as ever ---
bytes() { "$@" python3 -c 'import hashlib, re
line = next(l for l in open("/proc/self/maps") if l.endswith("[vdso]\n"))
start, end = (int(x, 16) for x in line.split()[0].split("-"))
memory = open("/proc/self/mem", "rb")
memory.seek(start)
print(line.split()[1], end - start, hashlib.sha256(memory.read(end - start)).hexdigest())'; }
if grep -q '\[vdso\]$' /proc/self/maps; then
	is "the kernel's vDSO is unchanged" "$(bytes env)" "$(bytes "$VDK" run --vdso "$image" --)"
fi

# --- nothing else comes into the program ---
listing() { ls -l /proc/self/fd | awk '{ print $9 }' | tr '\n' ' '; }
is "no descriptor" "$(sh -c 'ls /proc/self/fd' | tr '\n' ' ')" \
	"$("$VDK" run --vdso "$image" -- sh -c 'ls /proc/self/fd' | tr '\n' ' ')"
is "no environment variable" "$(env -i A=1 /usr/bin/env)" "$(env -i A=1 "$VDK" run --vdso "$image" -- /usr/bin/env)"

# --- CET: an image with indirect entries without endbr must not promise what it does not keep ---
promises=$(readelf -nW "$image" 2> /dev/null | grep -c 'IBT' || true)
entries=$(objdump -d "$image" | grep -c endbr64 || true)
is "the image promises no branch tracking that its entries do not have" yes \
	"$([ "$promises" = 0 ] || [ "$entries" -gt 0 ] && echo yes)"

# --- who is privileged is not led by the environment ---
if [ "$(id -u)" = 0 ]; then
	mkdir "$T/foreign"
	chmod 755 "$T/foreign"
	chown 65534 "$T/foreign"
	chmod 711 "$T"
	setpriv --reuid 65534 --regid 65534 --clear-groups env VDK_RUNTIME_DIR="$T/foreign" \
		"$VDK" publish --no-update notb /nonexistent > /dev/null 2>&1 || true
	cp "$image" "$T/foreign/evil.so"
	chown 65534 "$T/foreign/evil.so"
	capture env VDK_RUNTIME_DIR="$T/foreign" "$VDK" run --vdso evil true
	is "root led to a user's folder by the environment: refused" 77 "$status"
	like "... and says why" 'foreign' "$err"
	capture env VDK_RUNTIME_DIR="$T/foreign" "$VDK" publish --no-update notb "$image"
	is "root does not publish there either" 77 "$status"
	capture "$VDK" run --vdso "$T/foreign/evil.so" true
	is "root does not attach a user's image" 77 "$status"
	mkdir -p "$T/session/vdk"
	chown -R 65534 "$T/session"
	capture env -u VDK_RUNTIME_DIR XDG_RUNTIME_DIR="$T/session" "$VDK" get no-such-publication-here
	unlike "XDG_RUNTIME_DIR leads root nowhere" "$T/session" "$err"
fi
finish
