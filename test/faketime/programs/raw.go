// SPDX-License-Identifier: LGPL-2.1-or-later

// raw N - N system calls for the time, beside Go's own questions for it
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

func main() {
	var now syscall.Timespec

	count, _ := strconv.Atoi(os.Args[1])
	for i := 0; i < count; i++ {
		syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 0, uintptr(unsafe.Pointer(&now)), 0)
	}
	for i := 0; i < 100; i++ {
		time.Now()
	}
	time.Sleep(time.Millisecond)
	fmt.Println(time.Now().Unix())
}
