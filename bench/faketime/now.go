// SPDX-License-Identifier: LGPL-2.1-or-later

// now - what Go's time.Now() takes: ns per call, the median of batches.
package main

import (
	"fmt"
	"sort"
	"syscall"
	"time"
	"unsafe"
)

const calls, rounds = 1000, 1000

// The true time, by a raw system call.
func raw() int64 {
	var now syscall.Timespec

	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 4, uintptr(unsafe.Pointer(&now)), 0)
	return now.Sec*1000000000 + now.Nsec
}

func main() {
	var all []int64

	for round := 0; round < rounds; round++ {
		start := raw()
		for call := 0; call < calls; call++ {
			time.Now()
		}
		all = append(all, raw()-start)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	fmt.Printf("time.Now() %.2f\n", float64(all[rounds/2])/calls)
}
