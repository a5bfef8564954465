#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The README's pictures are what the kit draws: the plot to the byte, and the address space in its
# kinds of lines and boxes, since addresses are others at each run.
set -eu
. "$(dirname "$0")/../lib.sh"
need cc python3

kept=$VDK_SOURCE_ROOT/doc/pictures
mkdir "$T/pictures"
cp "$kept/figures.json" "$T/pictures/"
capture "$VDK_SOURCE_ROOT/scripts/pictures" "$T/pictures"
is "scripts/pictures: exit status" "0 " "$status $err"
ok_same() { if cmp -s "$2" "$3"; then ok "$1"; else not_ok "$1" "make pictures draws another $2"; fi; }
ok_same "figures.svg is drawn from figures.json" "$kept/figures.svg" "$T/pictures/figures.svg"

# Element with its attributes' names, and the colours; each mapping's box says what it is.
structure() {
	python3 - "$1" <<- 'END'
		import re, sys, xml.dom.minidom as dom
		top = dom.parse(sys.argv[1]).documentElement
		found = set()
		def walk(node):
		    if node.nodeType != node.ELEMENT_NODE:
		        return
		    found.add(node.tagName + " " + " ".join(sorted(dict(node.attributes.items()))))
		    if node.tagName == "style":
		        found.add(node.firstChild.data)
		    if node.tagName == "text" and re.match("vdk-|vdso$", node.firstChild.nodeValue or ""):
		        found.add("mapping " + node.firstChild.data)
		    for child in node.childNodes:
		        walk(child)
		walk(top)
		print("\n".join(sorted(found)))
	END
}
found=$(structure "$T/pictures/address-space.svg")
is "address-space.svg is what vdk maps --svg draws" "$found" "$(structure "$kept/address-space.svg")"
for part in vdk-image vdk-page vdk-process-page vdso; do
	like "it shows $part" "^mapping $part\$" "$found"
done
is "with the line to the image and the one to the kernel's functions" 2 "$(grep -c 'class="l ' "$T/pictures/address-space.svg")"
finish
