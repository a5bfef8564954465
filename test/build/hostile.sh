#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Objects with damaged headers, tables and contents: an image, or a message and an exit status of
# vdk's own; never a crash and never something half-written. Argument: how many (the seed is fixed).
set -eu
. "$(dirname "$0")/../lib.sh"

need python3
alltypes=$VDK_SOURCE_ROOT/test/build/alltypes
"$VDK" build "$alltypes" -o "$T/good.so" --keep "$T/kept"
mkdir "$T/made" "$T/tmp"
cat > "$T/damage.py" << 'END'
import collections, os, random, subprocess, sys

vdk, kept, page, made, count = sys.argv[1:]
base = open(kept + "/source-0.o", "rb").read()
sections = int.from_bytes(base[40:48], "little")
random.seed(666)
ends = collections.Counter()
for number in range(int(count)):
    data = bytearray(base)
    for _ in range(random.randint(1, 6)):
        place = random.choice([
            random.randrange(64),                             # the ELF header
            random.randrange(sections, len(data)),            # the section headers
            random.randrange(len(data))])
        data[place] = random.choice([0, 255, data[place] ^ 1 << random.randrange(8)])
    if random.random() < 0.1:
        del data[random.randrange(len(data)):]
    with open(made + "/damaged.o", "wb") as file:
        file.write(data)
    run = subprocess.run([vdk, "build", made + "/damaged.o", kept + "/source-1.o", "--page", page,
                          "-o", made + "/x.so"], capture_output=True, timeout=60)
    ends[run.returncode] += 1
    left = sorted(os.listdir(made))
    whole = ["damaged.o"] + (["libx.so", "x.h", "x.so"] if run.returncode == 0 else [])
    if (run.returncode not in (0, 1, 2, 3) or left != whole or
            run.returncode and b"vdk build: " not in run.stderr):
        sys.exit(f"number {number}: {run.returncode}, {left}, {run.stderr.decode()}")
    for name in left:
        os.unlink(made + "/" + name)
print(dict(ends))
END
status=0
TMPDIR=$T/tmp python3 "$T/damage.py" "$VDK" "$T/kept" "$alltypes/alltypes.page.h" "$T/made" "${1:-60}" \
	> "$T/log" 2>&1 || status=$?
is "damaged objects: $(cat "$T/log")" 0 "$status"
is "nothing left" "" "$(ls -A "$T/tmp")"
figure damaged_objects "$(grep -oE ': [0-9]+' "$T/log" | awk '{ n += $2 } END { print n + 0 }')"
finish
