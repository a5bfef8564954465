// SPDX-License-Identifier: MIT

//! hostinfo in Rust, by dlsym(3) in the vDSO that the loader has in its list.
//!
//!     rustc --edition 2021 -O show.rs && vdk run --vdso hostinfo -- ./show

use std::ffi::CStr;
use std::mem::{size_of, transmute, zeroed};
use std::os::raw::{c_char, c_int, c_void};

extern "C" {
    fn dlopen(name: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

const RTLD_NOW: c_int = 2;
const RTLD_NOLOAD: c_int = 4;

const MEMORY_TOTAL: u64 = 1 << 0;
const MEMORY_AVAILABLE: u64 = 1 << 2;
const IDENTITY_HOSTNAME: u64 = 1 << 1;

#[repr(C)]
struct Memory {
    known: u64,
    realtime_ns: i64,
    monotonic_ns: i64,
    total: u64,
    free: u64,
    available: u64,
    buffers: u64,
    cached: u64,
    swap_total: u64,
    swap_free: u64,
}

#[repr(C)]
struct Identity {
    known: u64,
    realtime_ns: i64,
    monotonic_ns: i64,
    boot_id: [u8; 40],
    hostname: [u8; 72],
}

/// The struct that function `name` gives, or why not.
///
/// # Safety
/// `name` must be a function of hostinfo that gives a `T`, which consists of integers.
unsafe fn get<T>(name: &CStr) -> Result<T, String> {
    let vdso = dlopen(b"linux-vdso.so.1\0".as_ptr().cast(), RTLD_NOW | RTLD_NOLOAD);
    if vdso.is_null() {
        return Err("no vDSO in this process".into());
    }
    let found = dlsym(vdso, name.as_ptr());
    if found.is_null() {
        return Err("not attached".into());
    }
    let function: extern "C" fn(*mut T, usize) -> c_int = transmute(found);
    let mut value: T = zeroed();
    match function(&mut value, size_of::<T>()) {
        0 => Ok(value),
        error => Err(std::io::Error::from_raw_os_error(-error).to_string()),
    }
}

fn show() -> Result<(), String> {
    let name = |bytes| CStr::from_bytes_with_nul(bytes).unwrap();
    let memory: Memory = unsafe { get(name(b"vdk_hostinfo_memory\0"))? };
    let identity: Identity = unsafe { get(name(b"vdk_hostinfo_identity\0"))? };

    if memory.known & MEMORY_TOTAL != 0 {
        println!("total {}", memory.total);
    }
    if memory.known & MEMORY_AVAILABLE != 0 {
        println!("available {}", memory.available);
    }
    if identity.known & IDENTITY_HOSTNAME != 0 {
        let text = identity.hostname.split(|&byte| byte == 0).next().unwrap();
        println!("hostname {}", String::from_utf8_lossy(text));
    }
    Ok(())
}

fn main() {
    if let Err(why) = show() {
        eprintln!("hostinfo: {why}");
        std::process::exit(1);
    }
}
