// SPDX-License-Identifier: GPL-3.0-or-later
//
// Arguments, variables and the auxiliary vector, as the kernel left them on the stack.

use core::ptr;
use core::slice;
use core::str;
use core::sync::atomic::{AtomicPtr, Ordering};

use crate::vec::Vec;

static STACK: AtomicPtr<usize> = AtomicPtr::new(ptr::null_mut());

/// For start.rs: where the kernel put argc.
pub(crate) fn take_stack(stack: *const usize) {
    STACK.store(stack as *mut usize, Ordering::Relaxed);
}

/// The words at argc and behind it.
pub fn stack() -> *const usize {
    STACK.load(Ordering::Relaxed)
}

unsafe fn string(start: *const u8) -> &'static str {
    let mut length = 0;

    while *start.add(length) != 0 {
        length += 1;
    }
    str::from_utf8(slice::from_raw_parts(start, length)).unwrap_or("(not UTF-8)")
}

unsafe fn strings(mut place: *const usize) -> (Vec<&'static str>, *const usize) {
    let mut found = Vec::new();

    while *place != 0 {
        found.push(string(*place as *const u8));
        place = place.add(1);
    }
    (found, place.add(1))
}

pub fn args() -> Vec<&'static str> {
    unsafe { strings(stack().add(1)).0 }
}

/// The variables, each as "NAME=value".
pub fn vars() -> Vec<&'static str> {
    unsafe { strings(strings(stack().add(1)).1).0 }
}

/// The auxiliary vector without its last, empty entry.
pub fn auxiliary() -> Vec<(usize, usize)> {
    let mut entries = Vec::new();

    unsafe {
        let mut place = strings(strings(stack().add(1)).1).1;

        while *place != 0 {
            entries.push((*place, *place.add(1)));
            place = place.add(2);
        }
    }
    entries
}
