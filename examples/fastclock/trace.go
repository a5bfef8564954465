// SPDX-License-Identifier: MIT

// The bounds of UTC and the ordered ns in Go, by cgo and the look-up's one source file. A call
// through cgo costs more than the clock: for time.Now() alone nothing has to be changed.
package main

// #include <stdint.h>
// #include <vdk/lookup.h>
//
// static int64_t now(void)
// {
//	int64_t (*f)(void) = (int64_t (*)(void))vdk_lookup("__vdso_vdk_now_monotonic", "LINUX_2.6");
//	return f ? f() : -1;
// }
//
// static int bounds(int64_t *earliest, int64_t *latest)
// {
//	int (*f)(int64_t *, int64_t *) = (int (*)(int64_t *, int64_t *))
//		vdk_lookup("__vdso_vdk_now_bounds", "LINUX_2.6");
//	return f ? f(earliest, latest) : -1;
// }
import "C"

import (
	"fmt"
	"os"
)

func main() {
	var earliest, latest C.int64_t

	begin, end := C.now(), C.now()
	if begin < 0 {
		fmt.Fprintln(os.Stderr, "no fastclock in this process")
		os.Exit(1)
	}
	fmt.Println("monotonic", int64(end))
	fmt.Println("apart", int64(end-begin), "ns")
	fmt.Println("utc", [...]string{"unknown", "synchronised", "free running"}[C.bounds(&earliest, &latest)])
}
