// SPDX-License-Identifier: MIT

//! The ns and the bounds of UTC in Rust, by dlsym(3) in the vDSO that the loader has in its list.
//!
//!     rustc --edition 2021 -O trace.rs && vdk run --vdso fastclock -- ./trace

use std::mem::transmute;
use std::os::raw::{c_char, c_int, c_void};

extern "C" {
    fn dlopen(name: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

const RTLD_NOW: c_int = 2;
const RTLD_NOLOAD: c_int = 4;

/// A function of the vDSO; the name ends in NUL.
fn find(name: &[u8]) -> Option<*mut c_void> {
    assert_eq!(name.last(), Some(&0));
    // SAFETY: both strings end in NUL, and the vDSO is never unmapped.
    let found = unsafe {
        let vdso = dlopen(b"linux-vdso.so.1\0".as_ptr().cast(), RTLD_NOW | RTLD_NOLOAD);
        if vdso.is_null() {
            return None;
        }
        dlsym(vdso, name.as_ptr().cast())
    };
    (!found.is_null()).then_some(found)
}

fn main() {
    let (now, bounds) = match (
        find(b"vdk_now_monotonic_unordered\0"),
        find(b"vdk_now_bounds\0"),
    ) {
        (Some(now), Some(bounds)) => (now, bounds),
        _ => {
            eprintln!("no fastclock in this process");
            std::process::exit(1);
        }
    };
    // SAFETY: the types are those of fastclock.h.
    let (now, bounds) = unsafe {
        (
            transmute::<*mut c_void, extern "C" fn() -> i64>(now),
            transmute::<*mut c_void, extern "C" fn(&mut i64, &mut i64) -> c_int>(bounds),
        )
    };
    let (mut earliest, mut latest) = (0, 0);
    let (begin, end) = (now(), now());

    println!("monotonic {end}");
    println!("apart {} ns", end - begin);
    let known = ["unknown", "synchronised", "free running"];
    println!("utc {}", known[bounds(&mut earliest, &mut latest) as usize]);
}
