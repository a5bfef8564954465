#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# gdb inside of a function of an attached image, in a live process: its name, its caller, and with
# the debug file its arguments and source; told of the image by what `vdk perf-map --gdb` prints,
# and found by gdb itself as vdk-perf-map(1) says.
set -eu
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/lib.sh"

need gdb readelf
cell_build
calls "$T/cell.so"

# in_gdb PROCESS COMMAND...: from its output, in $out, what gdb says of the loading is left out
in_gdb() {
	local process=$1

	shift
	printf '%s\n' 'set pagination off' 'set confirm off' "$@" > "$T/commands"
	capture timeout 120 gdb -q -nx -batch -p "$process" -x "$T/commands"
}

at_break() { # at_break PROCESS COMMAND...: and then stop in the function twice, and look around
	local process=$1

	shift
	in_gdb "$process" "$@" 'break __vdso_cell_sum' 'continue' 'echo AT ENTRY\n' 'bt' 'info args' \
		'info symbol $pc' 'echo END\n' 'stepi 4' 'echo INSIDE\n' 'bt' 'info registers rip' 'detach'
	if grep -q 'ptrace: Operation not permitted' <<< "$err$out"; then
		skip "gdb may not attach to a process here"
	fi
}

# The functions of the backtrace behind a mark in $out, innermost first, on one line.
functions() {
	sed -n "/^$1\$/,/^\\(END\\|rip\\)/p" <<< "$out" |
		sed -n 's/^#[0-9]* *\(0x[0-9a-f]* in \)\{0,1\}\([a-z_?]*\) .*/\2/p' | tr '\n' ' '
}

stack() { # stack WHAT [INNERMOST]: the function, its caller and main; and from inside of what it calls
	is "$1: at its first instruction" 'cell_sum caller_of_sum main ' \
		"$(functions 'AT ENTRY' | sed 's/__vdso_//')"
	is "$1: some instructions later" "${2:-??} cell_sum caller_of_sum main " \
		"$(functions INSIDE | sed 's/__vdso_//')"
}

arguments='\(left=(left@entry=)?11, right=(right@entry=)?22\)'

# --- the image's file alone ---
told=$("$VDK" perf-map --gdb "$pid")
like "the command names the image" "^add-symbol-file \"$T/cell.so\" -o 0x[0-9a-f]+\$" "$told"
at_break "$pid" "$told"
stack "image"
like "image: info symbol" 'cell_sum in section .text of .*/cell.so' "$out"

# --- its debug file ---
told=$("$VDK" perf-map --gdb --symbols "$T/cell.debug" "$pid")
like "the command names the debug file" "^add-symbol-file \"$T/cell.debug\" -o 0x[0-9a-f]+\$" "$told"
at_break "$pid" "$told"
stack "debug file" cell_inner
like "debug file: the function with its arguments" "^#0 +__vdso_cell_sum $arguments at" "$out"
like "debug file: arguments" '^left = 11$' "$out"
like "debug file: source" 'at cell/cell.vdso.c:[0-9]+' "$out"
in_gdb "$pid" "$told" 'break cell_inner' 'continue' 'bt' 'detach'
like "debug file: a function that is not exported" '^#0 .*cell_inner \(left=(left@entry=)?11\)' "$out"
like "debug file: called by one that is" '^#1 .*__vdso_cell_sum \(left=' "$out"
like "debug file: called by the program" '^#2 .* in caller_of_sum ' "$out"

# --- gdb finds the debug file by its build-id ---
id=$(readelf -n "$T/cell.so" | sed -n 's/.*Build ID: //p')
mkdir -p "$T/debug/.build-id/${id:0:2}"
cp "$T/cell.debug" "$T/debug/.build-id/${id:0:2}/${id:2}.debug"
at_break "$pid" "set debug-file-directory $T/debug" "$("$VDK" perf-map --gdb "$pid")"
stack "debug file by build-id" cell_inner
like "debug file by build-id: arguments" "^#0 +__vdso_cell_sum $arguments at" "$out"

# --- gdb finds the image itself, by the name that the loader knows it under ---
mkdir "$T/solib"
ln -s "$T/cell.debug" "$T/solib/linux-vdso.so.1"
at_break "$pid" "set solib-search-path $T/solib"
stack "solib-search-path" cell_inner
like "solib-search-path: arguments" "^#0 +__vdso_cell_sum $arguments at" "$out"

# --- no file at all ---
if noexec_dir; then
	export VDK_RUNTIME_DIR=$noexec/runtime
	"$VDK" publish --no-update cell "$T/cell.so" > "$T/publish"
	calls cell
	told=$("$VDK" perf-map --gdb "$pid")
	like "an image in memory: the command" '^add-symbol-file-from-memory 0x[0-9a-f]+$' "$told"
	at_break "$pid" "$told"
	stack "an image in memory"
else
	echo "# no file system without programs can be mounted here: an image in memory is not tried"
fi
finish
