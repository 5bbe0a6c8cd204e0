// SPDX-License-Identifier: GPL-3.0-or-later
//
// The few system calls that the stand-in and the test runner make themselves, by number. A
// result is a value or an errno, as Redox encodes them.

use core::arch::asm;

const EXIT: usize = 1;
const WAITPID: usize = 7;
const GETPID: usize = 20;
const KILL: usize = 37;
const SETPGID: usize = 57;
const CLONE: usize = 120;
const NANOSLEEP: usize = 162;
const CLOCK_GETTIME: usize = 265;
const WRITE: usize = 0x2100_0004;

const CLOCK_MONOTONIC: usize = 4;
const WAIT_NO_HANG: usize = 1;

/// One past the largest errno.
const ERRNO_END: i32 = 132;

#[repr(C)]
struct TimeSpec {
    seconds: i64,
    nanoseconds: i32,
}

unsafe fn call(number: usize, a: usize, b: usize, c: usize) -> Result<usize, i32> {
    let result: usize;

    asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c,
         lateout("rcx") _, lateout("r11") _, options(nostack));
    match (result as i32).wrapping_neg() {
        errno if (1..ERRNO_END).contains(&errno) => Err(errno),
        _ => Ok(result),
    }
}

pub fn exit(status: usize) -> ! {
    loop {
        let _ = unsafe { call(EXIT, status, 0, 0) };
    }
}

pub fn write(descriptor: usize, bytes: &[u8]) -> Result<usize, i32> {
    unsafe { call(WRITE, descriptor, bytes.as_ptr() as usize, bytes.len()) }
}

pub fn process_id() -> usize {
    unsafe { call(GETPID, 0, 0, 0) }.unwrap_or(0)
}

/// A copy of the whole process; 0 in the copy.
pub fn fork() -> Result<usize, i32> {
    unsafe { call(CLONE, 0, 0, 0) }
}

/// The status of `process` (0: any child's) and its number, or (0, _) if it still runs.
pub fn wait_if_ended(process: usize) -> Result<(usize, usize), i32> {
    let mut status = 0usize;
    let place = &mut status as *mut usize as usize;
    let ended = unsafe { call(WAITPID, process, place, WAIT_NO_HANG) }?;

    Ok((ended, status))
}

/// Sends a signal to a process, or to a group by its negative number.
pub fn kill(process: isize, signal: usize) -> Result<usize, i32> {
    unsafe { call(KILL, process as usize, signal, 0) }
}

/// Gives the calling process a group of its own.
pub fn set_own_group() -> Result<usize, i32> {
    unsafe { call(SETPGID, 0, 0, 0) }
}

pub fn sleep_milliseconds(milliseconds: u32) {
    let request = TimeSpec {
        seconds: (milliseconds / 1000) as i64,
        nanoseconds: (milliseconds % 1000 * 1_000_000) as i32,
    };
    let _ = unsafe { call(NANOSLEEP, &request as *const TimeSpec as usize, 0, 0) };
}

/// Milliseconds of a clock that only goes forward.
pub fn milliseconds() -> u64 {
    let mut now = TimeSpec { seconds: 0, nanoseconds: 0 };
    let place = &mut now as *mut TimeSpec as usize;
    let _ = unsafe { call(CLOCK_GETTIME, CLOCK_MONOTONIC, place, 0) };

    now.seconds as u64 * 1000 + now.nanoseconds as u64 / 1_000_000
}
