// SPDX-License-Identifier: LGPL-2.1-or-later

// probe in Go: the run-time's own look-up and its own stacks, in many goroutines; see probe.c.
package main

import (
	"bufio"
	"fmt"
	"os"
	"sync"
	"time"
)

func main() {
	for _, argument := range os.Args[1:] {
		fmt.Println("argument", argument)
	}
	variable, found := os.LookupEnv("VDK_PROBE")
	if !found {
		variable = "(unset)"
	}
	fmt.Println("environment", variable)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		line = "(nothing)\n"
	}
	fmt.Print("input ", line)

	var wait sync.WaitGroup
	backward := make(chan bool, 1)
	for i := 0; i < 200; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			last := time.Now()
			for j := 0; j < 1000; j++ {
				now := time.Now()
				if now.Sub(last) < 0 {
					select {
					case backward <- true:
					default:
					}
				}
				last = now
			}
		}()
	}
	wait.Wait()
	fmt.Println("time now", time.Now().Unix())
	if len(backward) == 0 {
		fmt.Println("monotonic forward")
	} else {
		fmt.Println("monotonic backward")
	}
	extra()
	fmt.Fprintln(os.Stderr, "a word on standard error")
	os.Exit(7)
}
