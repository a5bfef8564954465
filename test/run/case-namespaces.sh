#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Namespaces and changed roots: every program of the tree is attached, also where neither the
# image's path nor the runtime directory nor vdk itself can be seen.
set -eu
. "$(dirname "$0")/../lib.sh"

image marker
program glibc
probe=$program
program musl-static
static=$program
printf 'input\n' > "$T/stdin"
seconds() { sed -n 's/^time clock_gettime //p' "$T/out"; }
attached() { # attached WHAT
	is "$1: exit status" 7 "$status"
	is_shifted "$1: attached" "$(seconds)"
}

uptime() { awk '{ print int($1) }' /proc/uptime; }
tell='import time; print(int(time.clock_gettime(time.CLOCK_MONOTONIC)), int(time.clock_gettime(time.CLOCK_BOOTTIME)), int(time.time()))'

if [ "$(id -u)" = 0 ]; then
	user=()
else
	user=(-Ur)
fi

checked=0
if unshare "${user[@]}" -T true 2> /dev/null; then
	checked=$((checked + 1))
	capture "$VDK" run --vdso "$image" -- unshare "${user[@]}" -T --monotonic 100000 --boottime 200000 --fork "$probe"
	attached "a time namespace made inside the tree"
	capture "$VDK" run --vdso "$image" -- unshare "${user[@]}" -T --monotonic 100000 --boottime 200000 --fork \
		/usr/bin/python3 -c "$tell"
	near "its monotonic clock" "$(($(uptime) + 100000))" "$(cut -d' ' -f1 <<< "$out")" 30
	near "its boot clock" "$(($(uptime) + 200000))" "$(cut -d' ' -f2 <<< "$out")" 30
	capture unshare "${user[@]}" -T --monotonic 100000 --fork "$VDK" run --vdso "$image" -- "$probe"
	attached "vdk run inside a time namespace"
	capture unshare "${user[@]}" -T --monotonic 100000 --fork "$VDK" run --once --vdso "$image" -- /usr/bin/python3 -c "$tell"
	near "its monotonic clock, once" "$(($(uptime) + 100000))" "$(cut -d' ' -f1 <<< "$out")" 30
else
	echo "not checked: time namespaces cannot be made here"
fi

if unshare -Ur true 2> /dev/null; then
	checked=$((checked + 1))
	capture "$VDK" run --vdso "$image" -- unshare -Ur "$probe"
	attached "a user namespace made inside the tree"
	capture unshare -Ur "$VDK" run --vdso "$image" -- "$probe"
	attached "vdk run inside a user namespace"
else
	echo "not checked: user namespaces cannot be made here"
fi

if unshare "${user[@]}" -mpf --mount-proc true 2> /dev/null; then
	checked=$((checked + 1))
	capture "$VDK" run --vdso "$image" -- unshare "${user[@]}" -mpf --mount-proc "$probe"
	attached "mount and process namespaces"
	capture "$VDK" run --vdso "$image" -- unshare "${user[@]}" -mpf --mount-proc sh -c '"$1" > /dev/null; exec "$1"' sh "$probe"
	attached "mount and process namespaces, an exec later"
	# The image's folder is hidden under an empty one; the program lies elsewhere.
	cp "$static" "$T/static"
	capture "$VDK" run --vdso "$image" -- unshare "${user[@]}" -m sh -c \
		'mount -t tmpfs none "$2" && ! [ -e "$3" ] && exec "$1"' sh "$T/static" "$(dirname "$image")" "$image"
	attached "a mount namespace where the image is hidden"
else
	echo "not checked: mount namespaces cannot be made here"
fi

if unshare "${user[@]}" chroot / true 2> /dev/null; then
	checked=$((checked + 1))
	mkdir -p "$T/root/bin"
	cp "$static" "$T/root/bin/probe"
	capture "$VDK" run --vdso "$image" -- unshare "${user[@]}" chroot "$T/root" /bin/probe
	attached "a changed root with nothing but the program in it"
	if [ -x /bin/busybox ]; then
		cp /bin/busybox "$T/root/bin/busybox"
		ln -sf busybox "$T/root/bin/sh"
		capture "$VDK" run --vdso "$image" -- unshare "${user[@]}" chroot "$T/root" /bin/sh -c \
			'/bin/probe > /dev/null; /bin/busybox env /bin/probe'
		attached "a changed root, execs inside"
		publish notb
		"$VDK" set notb notb.vnotb=666
		capture "$VDK" run --vdso notb -- unshare "${user[@]}" chroot "$T/root" /bin/sh -c '/bin/probe'
		like "a changed root with a page" '^beast 666$' "$out"
	fi
else
	echo "not checked: the root cannot be changed here"
fi

[ "$checked" -gt 0 ] || skip "no namespace of any kind can be made here"
finish
