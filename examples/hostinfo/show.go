// SPDX-License-Identifier: MIT

// hostinfo in Go, by cgo and the look-up's one source file.
package main

// #include <stddef.h>
// #include <vdk/lookup.h>
// #include "hostinfo-known.h"
// #include "hostinfo.h"
//
// static int get_memory(struct hostinfo_memory *out)
// {
//	int (*f)(struct hostinfo_memory *, size_t) = (int (*)(struct hostinfo_memory *, size_t))
//		vdk_lookup("__vdso_vdk_hostinfo_memory", "LINUX_2.6");
//	return f ? f(out, sizeof(*out)) : -38;
// }
//
// static int get_identity(struct hostinfo_identity *out)
// {
//	int (*f)(struct hostinfo_identity *, size_t) = (int (*)(struct hostinfo_identity *, size_t))
//		vdk_lookup("__vdso_vdk_hostinfo_identity", "LINUX_2.6");
//	return f ? f(out, sizeof(*out)) : -38;
// }
import "C"

import (
	"fmt"
	"os"
	"syscall"
)

func check(result C.int) {
	if result != 0 {
		fmt.Fprintln(os.Stderr, "hostinfo:", syscall.Errno(-result))
		os.Exit(1)
	}
}

func main() {
	var memory C.struct_hostinfo_memory
	var identity C.struct_hostinfo_identity

	check(C.get_memory(&memory))
	check(C.get_identity(&identity))
	if memory.known&C.HOSTINFO_MEMORY_TOTAL != 0 {
		fmt.Println("total", uint64(memory.total))
	}
	if memory.known&C.HOSTINFO_MEMORY_AVAILABLE != 0 {
		fmt.Println("available", uint64(memory.available))
	}
	if identity.known&C.HOSTINFO_IDENTITY_HOSTNAME != 0 {
		fmt.Println("hostname", C.GoString(&identity.hostname[0]))
	}
}
