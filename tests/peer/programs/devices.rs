// SPDX-License-Identifier: GPL-3.0-or-later
//
// The kernel's schemes that stand for devices, and those of a line: debug:, irq:, serio:, null:,
// zero:, rand:, initfs:.

use std::string::String;

use support::{error, expect_error, read_text, spawn, File};
use syscall::*;

#[test]
fn the_console() {
    let console = File::open("debug:", O_RDWR | O_NONBLOCK | O_CLOEXEC).unwrap();

    assert_eq!(console.write(b""), Ok(0));
    assert_eq!(console.read(&mut [0; 4]), Err(error(EAGAIN)));
    assert!(console.path().starts_with("debug:"));
    expect_error!(open("debug:anything", O_RDWR), ENOENT);
}

#[test]
fn for_root_only() {
    spawn(|| {
        assert_eq!(setreuid(1000, 1000), Ok(0));
        expect_error!(open("debug:", O_RDWR), EPERM);
        expect_error!(open("irq:1", O_RDWR), EACCES);
        expect_error!(open("serio:0", O_RDONLY), EPERM);
    })
    .succeeds();
}

#[test]
fn interrupts() {
    let irq = File::open("irq:1", O_RDWR | O_NONBLOCK | O_CLOEXEC).unwrap();
    let mut count = [0; 8];

    // New ones are told, and may be acknowledged; nobody types here.
    if let Ok(8) = irq.read(&mut count) {
        assert_eq!(irq.write(&count), Ok(8));
    }
    assert!(open("irq:no-number", O_RDWR).is_err());
}

#[test]
fn nothing_and_zeros() {
    let mut buffer = [7; 64];

    let null = File::open("null:", O_RDWR | O_CLOEXEC).unwrap();
    assert_eq!(null.write(&buffer), Ok(64));
    assert_eq!(null.read(&mut buffer), Ok(0));
    let zero = File::open("zero:", O_RDWR | O_CLOEXEC).unwrap();
    assert_eq!(zero.read(&mut buffer), Ok(64));
    assert_eq!(buffer, [0; 64]);
    assert_eq!(zero.write(&buffer), Ok(64));
}

#[test]
fn random_numbers() {
    let rand = File::open("rand:", O_RDONLY | O_CLOEXEC).unwrap();
    let mut first = [0; 32];
    let mut second = [0; 32];

    assert_eq!(rand.read(&mut first), Ok(32));
    assert_eq!(rand.read(&mut second), Ok(32));
    assert_ne!(first, second);
    assert_ne!(first, [0; 32]);
}

#[test]
fn files_of_the_boot() {
    let names = read_text("initfs:").unwrap();
    let some: Vec<&str> = names.lines().collect();

    assert!(!some.is_empty());
    let first = File::open(&std::format!("initfs:/{}", some[0]), O_RDONLY | O_CLOEXEC).unwrap();
    assert_eq!(first.path(), String::from("initfs:/") + some[0]);
    assert!(open("initfs:/new", O_RDWR | O_CREAT | 0o644).is_err());
    assert!(open("initfs:/no-such-file", O_RDONLY).is_err());
}
