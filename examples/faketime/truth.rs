// SPDX-License-Identifier: MIT

//! What time is it, and what time is it really? In Rust, by dlsym(3) in the vDSO that the loader has
//! in its list.
//!
//!     rustc --edition 2021 -O truth.rs && vdk faketime +1y ./truth

use std::mem::transmute;
use std::os::raw::{c_char, c_int, c_long, c_void};
use std::time::{SystemTime, UNIX_EPOCH};

extern "C" {
    fn dlopen(name: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

const RTLD_NOW: c_int = 2;
const RTLD_NOLOAD: c_int = 4;
const CLOCK_REALTIME: i32 = 0;

#[repr(C)]
struct Timespec {
    seconds: c_long,
    nanoseconds: c_long,
}

fn true_time() -> Option<Timespec> {
    let mut now = Timespec { seconds: 0, nanoseconds: 0 };
    let function: extern "C" fn(i32, *mut Timespec) -> c_int = unsafe {
        let vdso = dlopen(b"linux-vdso.so.1\0".as_ptr().cast(), RTLD_NOW | RTLD_NOLOAD);
        if vdso.is_null() {
            return None;
        }
        let found = dlsym(vdso, b"vdk_faketime_true\0".as_ptr().cast());
        if found.is_null() {
            return None;
        }
        transmute(found)
    };
    (function(CLOCK_REALTIME, &mut now) == 0 && now.nanoseconds >= 0).then_some(now)
}

fn main() {
    let shown = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    println!("shown {}", shown.as_secs());
    match true_time() {
        Some(now) => println!("true {}", now.seconds),
        None => {
            eprintln!("no faketime in this process");
            std::process::exit(1);
        }
    }
}
