// SPDX-License-Identifier: MIT

// What time is it, and what time is it really? In Go, by cgo and the look-up's one source file.
package main

// #include <stdint.h>
// #include <time.h>
// #include <vdk/lookup.h>
//
// static int true_time(struct timespec *now)
// {
//	int (*f)(int32_t, struct timespec *) = (int (*)(int32_t, struct timespec *))
//		vdk_lookup("__vdso_vdk_faketime_true", "LINUX_2.6");
//	return f ? f(CLOCK_REALTIME, now) : -38;
// }
import "C"

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

func main() {
	var now C.struct_timespec

	fmt.Println("shown", time.Now().Unix())
	if result := C.true_time(&now); result != 0 {
		fmt.Fprintln(os.Stderr, "no faketime in this process:", syscall.Errno(-result))
		os.Exit(1)
	}
	fmt.Println("true", int64(now.tv_sec))
}
