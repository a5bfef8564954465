// SPDX-License-Identifier: LGPL-2.1-or-later
// probe in Rust; see probe.c.
use std::io::BufRead;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

fn main() {
    for argument in std::env::args().skip(1) {
        println!("argument {}", argument);
    }
    let variable = std::env::var("VDK_PROBE").unwrap_or("(unset)".to_string());
    println!("environment {}", variable);
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).unwrap();
    print!("input {}", if line.is_empty() { "(nothing)\n" } else { &line });
    let before = Instant::now();
    let seconds = std::thread::spawn(|| {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
    });
    println!("time system {}", seconds.join().unwrap());
    println!("monotonic {}", if Instant::now() >= before { "forward" } else { "backward" });
    eprintln!("a word on standard error");
    std::process::exit(7);
}
