// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the tests of fexec run: says what it got, or does what its first argument asks for.
//
//	child show          arguments and variables, one per line
//	child exit STATUS
//	child auxiliary     checks the auxiliary vector and the registers' and memory's start

use std::{env, process};

fn show() {
    for argument in env::args() {
        println!("arg {}", argument);
    }
    for variable in env::vars() {
        println!("var {}", variable);
    }
}

fn auxiliary_value(key: usize) -> usize {
    let found: Vec<_> = env::auxiliary().into_iter().filter(|entry| entry.0 == key).collect();

    assert_eq!(found.len(), 1, "entries of kind {}", key);
    found[0].1
}

extern "C" {
    fn _start();
}

/// AT_PHDR's table must be the program's own: with its text at the entry, marked executable.
fn check_auxiliary() {
    const LOAD: u32 = 1;
    const EXECUTABLE: u32 = 1;
    const HEADER_SIZE: usize = 56;

    let entry = auxiliary_value(syscall::AT_ENTRY);
    let headers = auxiliary_value(syscall::AT_PHDR);
    let count = auxiliary_value(syscall::AT_PHNUM);
    let mut holds_entry = false;

    assert_eq!(entry, _start as usize);
    assert_eq!(auxiliary_value(syscall::AT_PHENT), HEADER_SIZE);
    assert!((3..20).contains(&count), "{} program headers", count);
    for index in 0..count {
        let header = headers + index * HEADER_SIZE;
        let kind = unsafe { *(header as *const u32) };
        let flags = unsafe { *((header + 4) as *const u32) };
        let start = unsafe { *((header + 16) as *const usize) };
        let size = unsafe { *((header + 40) as *const usize) };

        holds_entry |= kind == LOAD
            && flags & EXECUTABLE != 0
            && (start..start + size).contains(&entry);
    }
    assert!(holds_entry);
    assert_eq!(env::stack() as usize % 8, 0);
}

fn main() -> i32 {
    let arguments = env::args();

    match arguments.get(1).copied().unwrap_or("show") {
        "show" => show(),
        "exit" => process::exit(arguments[2].parse().expect("a number")),
        "auxiliary" => check_auxiliary(),
        other => panic!("what is {}?", other),
    }
    0
}
