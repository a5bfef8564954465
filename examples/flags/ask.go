// SPDX-License-Identifier: MIT

// Flags in Go: for how many of 10000 users is one on?
package main

// #include <stdint.h>
// #include <stdlib.h>
// #include <vdk/lookup.h>
//
// static int (*find)(const char *);
// static int (*on)(int, uint64_t);
//
// static int look(void)
// {
//	find = (int (*)(const char *))vdk_lookup("__vdso_flag_find", "LINUX_2.6");
//	on = (int (*)(int, uint64_t))vdk_lookup("__vdso_flag_on", "LINUX_2.6");
//	return find && on;
// }
//
// static int call_find(const char *name) { return find(name); }
// static int call_on(int number, uint64_t user) { return on(number, user); }
import "C"

import (
	"fmt"
	"os"
	"unsafe"
)

// Flag is the number of a flag: asked for once, by its name.
type Flag C.int

func find(name string) Flag {
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	return Flag(C.call_find(text))
}

func (flag Flag) on(user uint64) bool {
	return C.call_on(C.int(flag), C.uint64_t(user)) > 0
}

func main() {
	if C.look() == 0 || len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "no flags here: start me with vdk run --vdso flags")
		os.Exit(1)
	}
	flag, count := find(os.Args[1]), 0
	for user := uint64(0); user < 10000; user++ {
		if flag.on(user) {
			count++
		}
	}
	fmt.Printf("%s: %d of 10000\n", os.Args[1], count)
}
