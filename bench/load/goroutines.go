// SPDX-License-Identifier: LGPL-2.1-or-later

// goroutines - many of them: messages along a chain, clocks, the garbage collector, and loops long
// enough that the Go runtime interrupts them by SIGURG.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

const links = 2000

func chain() int {
	first := make(chan int)
	left := first
	for i := 0; i < links; i++ {
		right := make(chan int)
		go func(from, to chan int) { to <- 1 + <-from }(left, right)
		left = right
	}
	go func() { first <- 0 }()
	return <-left
}

func work(group *sync.WaitGroup, sums []uint64, index int) {
	defer group.Done()
	var sum uint64
	for i := uint64(0); i < 20_000_000; i++ {
		sum = sum*6364136223846793005 + i
	}
	sums[index] = sum
}

func main() {
	begin := time.Now()
	for i := 0; i < 10; i++ {
		if got := chain(); got != links {
			fmt.Println("chain:", got)
			os.Exit(1)
		}
		runtime.GC()
	}
	var group sync.WaitGroup
	sums := make([]uint64, 4)
	for i := range sums {
		group.Add(1)
		go work(&group, sums, i)
	}
	group.Wait()
	for i := 0; i < 100_000; i++ {
		if time.Since(begin) < 0 {
			os.Exit(1)
		}
	}
}
