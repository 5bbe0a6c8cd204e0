// SPDX-License-Identifier: GPL-3.0-or-later
//
// A panic ends the process with status 101, after a word about it: on descriptor 2, or what a
// hook makes of it.

use core::mem;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::process;

pub type Hook = fn(&PanicInfo<'_>);

const STATUS: i32 = 101;

/// A Hook, or 0.
static HOOK: AtomicUsize = AtomicUsize::new(0);

/// In place of the message on descriptor 2.
pub fn set_hook(hook: Hook) {
    HOOK.store(hook as usize, Ordering::Relaxed);
}

#[panic_handler]
fn panicked(information: &PanicInfo<'_>) -> ! {
    match HOOK.load(Ordering::Relaxed) {
        0 => crate::eprintln!("{}", information),
        hook => {
            let hook = unsafe { mem::transmute::<usize, Hook>(hook) };

            hook(information)
        }
    }
    process::exit(STATUS)
}

#[alloc_error_handler]
fn out_of_memory(layout: core::alloc::Layout) -> ! {
    panic!("no memory for {} bytes", layout.size())
}
