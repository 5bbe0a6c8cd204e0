// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the tests of fexec run: says what it got, or does what its first argument asks for.
//
//	show               arguments and variables, one per line (also without arguments)
//	exit STATUS
//	auxiliary          checks the auxiliary vector
//	state              what a process keeps when it runs another program
//	descriptors N...   the paths of these descriptors
//	raise SIGNAL       sends it to itself
//	exe                the program's name, as the kernel knows it
//	wait               until descriptor 0 ends

use std::{env, process, str};

use syscall::{EnvRegisters, O_RDONLY};

fn show(arguments: &[&str]) {
    for argument in arguments {
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

/// AT_PHDR's table must be the program's own: its text, marked executable, holds the entry.
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

fn state() {
    let mut buffer = [0; 256];
    let mut mask = [0; 2];
    let mut bases = EnvRegisters::default();
    let old = syscall::umask(0).unwrap();
    let length = syscall::getcwd(&mut buffer).unwrap();
    let registers = syscall::open("thisproc:current/regs/env", O_RDONLY).unwrap();

    assert_eq!(syscall::sigprocmask(0, None, Some(&mut mask)), Ok(0));
    assert_eq!(syscall::read(registers, &mut bases), Ok(16));
    println!("pid {}", syscall::getpid().unwrap());
    println!("ppid {}", syscall::getppid().unwrap());
    println!("pgid {}", syscall::getpgid(0).unwrap());
    println!("uid {} {}", syscall::getuid().unwrap(), syscall::geteuid().unwrap());
    println!("gid {} {}", syscall::getgid().unwrap(), syscall::getegid().unwrap());
    println!("umask {:o}", old);
    println!("cwd {}", str::from_utf8(&buffer[..length]).unwrap());
    println!("mask {:x} {:x}", mask[0], mask[1]);
    println!("base {:x} {:x}", { bases.fsbase }, { bases.gsbase });
}

fn descriptors(numbers: &[&str]) {
    let mut buffer = [0; 256];

    for number in numbers {
        match syscall::fpath(number.parse().expect("a number"), &mut buffer) {
            Ok(length) => println!("{}", str::from_utf8(&buffer[..length]).unwrap()),
            Err(_) => println!("closed"),
        }
    }
}

fn executable() {
    let mut buffer = [0; 256];
    let file = syscall::open("sys:exe", O_RDONLY).unwrap();
    let length = syscall::read(file, &mut buffer).unwrap();

    println!("{}", str::from_utf8(&buffer[..length]).unwrap());
}

fn wait() {
    while syscall::read(0, &mut [0; 16]).unwrap() > 0 {}
}

fn main() {
    let arguments = env::args();
    let number = || arguments[2].parse().expect("a number");

    match arguments.get(1).copied().unwrap_or("show") {
        "show" => show(&arguments),
        "exit" => process::exit(number()),
        "auxiliary" => check_auxiliary(),
        "state" => state(),
        "descriptors" => descriptors(&arguments[2..]),
        "raise" => {
            let _ = syscall::kill(process::id(), number() as usize);
        }
        "exe" => executable(),
        "wait" => wait(),
        other => panic!("what is {}?", other),
    }
}
