// SPDX-License-Identifier: GPL-3.0-or-later
//
// From the kernel's entry to `main`. The stack holds argc, the arguments, 0, the variables, 0
// and the auxiliary vector; it is only aligned to 8, and Rust wants 16.

use core::arch::global_asm;

use crate::env;
use crate::process::{self, Termination};

global_asm!(
    ".globl _start",
    "_start:",
    "mov rdi, rsp",
    "and rsp, -16",
    "xor ebp, ebp",
    "call {start}",
    "ud2",
    start = sym start,
);

extern "C" {
    /// What the compiler makes of the program's entry; it calls lang_start.
    fn main(count: i32, arguments: *const *const u8) -> i32;
}

unsafe extern "C" fn start(stack: *const usize) -> ! {
    env::take_stack(stack);
    process::exit(main(*stack as i32, stack.add(1) as *const *const u8))
}

#[lang = "start"]
fn lang_start<T: Termination + 'static>(
    main: fn() -> T,
    _count: isize,
    _arguments: *const *const u8,
) -> isize {
    main().report() as isize
}
