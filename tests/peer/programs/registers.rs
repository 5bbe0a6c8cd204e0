// SPDX-License-Identifier: GPL-3.0-or-later
//
// `thisproc:` and `proc:`: thread-local storage as programs set it up, and what one process may
// see of another.

#![feature(asm_const, thread_local)]

use std::arch::asm;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::{env, mem};

use support::{
    error, expect_error, let_block, map_anonymous, read_text, sleep, spawn, spawn_with, File,
};
use syscall::*;

const ENV: &str = "thisproc:current/regs/env";

fn bases() -> (u64, u64) {
    let mut registers = EnvRegisters::default();
    let file = File::open(ENV, O_RDWR | O_CLOEXEC).unwrap();

    assert_eq!(file.read(&mut registers), Ok(mem::size_of::<EnvRegisters>()));
    (registers.fsbase, registers.gsbase)
}

fn set_bases(fsbase: u64, gsbase: u64) -> Result<usize> {
    let registers = EnvRegisters { fsbase, gsbase };

    File::open(ENV, O_RDWR | O_CLOEXEC).unwrap().write(&registers)
}

fn at_fs(offset: usize) -> usize {
    let value;

    unsafe { asm!("mov {}, fs:[{}]", out(reg) value, in(reg) offset) };
    value
}

fn at_gs(offset: usize) -> usize {
    let value;

    unsafe { asm!("mov {}, gs:[{}]", out(reg) value, in(reg) offset) };
    value
}

// --- thread-local storage -------------------------------------------------------------------

#[thread_local]
static NUMBER: Cell<usize> = Cell::new(1234);
#[thread_local]
static ZERO: Cell<[usize; 40]> = Cell::new([0; 40]);

/// A block for the thread-local variables of one thread, from the program's PT_TLS segment, as
/// x86-64 lays it out: they end where fs base points, and there lies that address itself.
fn make_thread_block() -> u64 {
    const TLS: u32 = 7;
    let value = |key| env::auxiliary().iter().find(|entry| entry.0 == key).unwrap().1;
    let headers = value(AT_PHDR);
    let field = |index: usize, offset: usize| unsafe {
        *((headers + index * value(AT_PHENT) + offset) as *const usize)
    };
    let index = (0..value(AT_PHNUM)).find(|&index| field(index, 0) as u32 == TLS).expect("PT_TLS");
    let (start, file_size) = (field(index, 16), field(index, 32));
    let (size, alignment) = (field(index, 40), field(index, 48));
    let rounded = (size + alignment - 1) / alignment * alignment;
    let block = map_anonymous(8192, PROT_READ | PROT_WRITE);
    let base = block + 4096;

    assert!(rounded <= 4096);
    unsafe {
        std::ptr::copy_nonoverlapping(start as *const u8, (base - rounded) as *mut u8, file_size);
        *(base as *mut usize) = base;
    }
    base as u64
}

#[test]
fn thread_local_variables() {
    assert_eq!(bases(), (0, 0));
    let base = make_thread_block();
    assert_eq!(set_bases(base, 0), Ok(16));
    assert_eq!(bases(), (base, 0));
    assert_eq!(at_fs(0) as u64, base);

    assert_eq!(NUMBER.get(), 1234);
    assert!(ZERO.get() == [0; 40]);
    NUMBER.set(5);

    // A clone has the same base, until it sets another.
    spawn_with(CLONE_VM, || {
        assert_eq!(NUMBER.get(), 5);
        assert_eq!(set_bases(make_thread_block(), 0), Ok(16));
        assert_eq!(NUMBER.get(), 1234);
        NUMBER.set(6);
        for _ in 0..50 {
            let _ = sched_yield();
            assert_eq!(NUMBER.get(), 6);
        }
    })
    .succeeds();
    assert_eq!(NUMBER.get(), 5);
}

#[test]
fn both_bases() {
    let words = [11usize, 22, 33];
    let base = words.as_ptr() as u64;

    assert_eq!(set_bases(base, base + 8), Ok(16));
    assert_eq!((at_fs(0), at_gs(0)), (11, 22));
    sleep(5);
    assert_eq!((at_fs(16), at_gs(8)), (33, 33));
    spawn(|| assert_eq!((at_fs(0), at_gs(0)), (11, 22))).succeeds();

    for bad in [0x8000_0000_0000_0000u64, 0x0000_8000_0000_0000, 0xfffe_0000_0000_0000] {
        assert_eq!(set_bases(bad, 0), Err(error(EINVAL)));
        assert_eq!(set_bases(base, bad), Err(error(EINVAL)));
    }
    assert_eq!((at_fs(0), at_gs(0)), (11, 22));
}

#[test]
fn handlers_keep_the_base() {
    static SEEN: AtomicUsize = AtomicUsize::new(0);

    extern "C" fn look(_signal: usize) {
        SEEN.store(at_fs(0), SeqCst);
    }
    let words = [77usize; 2];
    let action = SigAction { sa_handler: Some(look), ..Default::default() };

    assert_eq!(set_bases(words.as_ptr() as u64, 0), Ok(16));
    assert_eq!(sigaction(SIGUSR1, Some(&action), None), Ok(0));
    assert_eq!(kill(getpid().unwrap(), SIGUSR1), Ok(0));
    assert_eq!(SEEN.load(SeqCst), 77);
    assert_eq!(at_fs(0), 77);
}

// --- registers across calls -----------------------------------------------------------------

/// All general registers but rax, rcx and r11 must come back from a call as they were.
#[test]
fn calls_change_three_registers() {
    for number in [SYS_GETPID, SYS_YIELD, SYS_NANOSLEEP, SYS_CLOSE, 0x7777] {
        let time = TimeSpec { tv_sec: 0, tv_nsec: 2_000_000 };
        let mut got = [0usize; 12];
        let first = if number == SYS_NANOSLEEP { &time as *const TimeSpec as usize } else { !0 };

        unsafe {
            asm!(
                "push rbx", "push rbp", "push r12",
                "mov rbx, 1", "mov rbp, 2", "mov rsi, 0", "mov rdx, 4", "mov r8, 5", "mov r9, 6",
                "mov r10, 7", "mov r13, 9", "mov r14, 10", "mov r15, 11",
                "syscall",
                "mov [r12], rbx", "mov [r12 + 8], rbp", "mov [r12 + 16], rsi",
                "mov [r12 + 24], rdx", "mov [r12 + 32], r8", "mov [r12 + 40], r9",
                "mov [r12 + 48], r10", "mov [r12 + 56], rdi", "mov [r12 + 64], r13",
                "mov [r12 + 72], r14", "mov [r12 + 80], r15",
                "pop rbx", "mov [rbx + 88], r12",
                "pop rbp", "pop rbx",
                in("r12") got.as_mut_ptr(), inout("rax") number => _, inout("rdi") first => _,
                out("rcx") _, out("r11") _, out("rsi") _, out("rdx") _, out("r8") _,
                out("r9") _, out("r10") _, out("r13") _, out("r14") _, out("r15") _,
            );
        }
        let place = got.as_ptr() as usize;
        assert_eq!(got, [1, 2, 0, 4, 5, 6, 7, first, 9, 10, 11, place], "call {:#x}", number);
    }
}

#[test]
fn errors_are_negative_in_64_bits() {
    let result: isize;

    unsafe {
        asm!("syscall", inout("rax") SYS_CLOSE as isize => result, in("rdi") 9999,
             out("rcx") _, out("r11") _);
    }
    assert_eq!(result, -(EBADF as isize));
}

#[test]
fn unknown_calls() {
    let file = File::open("file:/tmp", O_RDONLY | O_CLOEXEC).unwrap();

    for number in [0, 2, 3, 4, 11, 60000, 0x1000_0099, !0] {
        expect_error!(unsafe { syscall3(number, 0, 0, 0) }, ENOSYS);
    }
    // Of the class of files: the descriptor is looked at first.
    expect_error!(unsafe { syscall3(0x2000_0fff, 9999, 0, 0) }, EBADF);
    expect_error!(unsafe { syscall3(0x2000_0fff, file.0, 0, 0) }, ENOSYS);
    expect_error!(unsafe { link(b"a".as_ptr(), b"b".as_ptr()) }, ENOSYS);
}

/// The floating-point state is the process's own, across sleeps and beside others.
#[test]
fn floating_point_is_kept() {
    let children: Vec<_> = (1..4)
        .map(|number| {
            spawn(|| {
                let mut sum = 0.0f64;
                let step = number as f64 * 0.5;

                for round in 0..2000 {
                    sum += step;
                    if round % 50 == 0 {
                        let _ = sched_yield();
                    }
                }
                assert_eq!(sum, step * 2000.0);
            })
        })
        .collect();

    for child in children {
        child.succeeds();
    }
}

// --- other processes ------------------------------------------------------------------------

#[test]
fn names_of_thisproc() {
    let mut buffer = [0; 256];

    assert_eq!(File::open(ENV, O_RDONLY).unwrap().read(&mut buffer), Ok(16));
    expect_error!(open("thisproc:current/nothing", O_RDONLY), EINVAL);
    expect_error!(open("thisproc:1/regs/env", O_RDONLY), EACCES);
    let own = File::open("thisproc:current/exe", O_RDONLY).unwrap();
    assert_eq!(own.rest_as_text().trim_end(), read_text("sys:exe").unwrap().trim_end());
}

#[test]
fn a_stopped_process_shows_its_registers() {
    let child = spawn(|| unsafe {
        asm!("mov r14, {magic}", "2:", "pause", "jmp 2b", magic = const 0x1234_5678,
             options(noreturn))
    });
    let mut registers = IntRegisters::default();
    let mut bases = EnvRegisters { fsbase: 1, gsbase: 1 };
    let mut floats = FloatRegisters::default();
    let path = |what: &str| std::format!("proc:{}/{}", child.pid, what);

    // Until it has reached its loop.
    while registers.r14 != 0x1234_5678 {
        child.kill(SIGCONT);
        let_block();
        child.kill(SIGSTOP);
        assert_eq!(waitpid(child.pid, &mut 0, WUNTRACED), Ok(child.pid));
        let file = File::open(&path("regs/int"), O_RDWR).unwrap();
        assert_eq!(file.read(&mut registers), Ok(mem::size_of::<IntRegisters>()));
    }
    assert!(registers.rip >= 0x20_0000 && registers.rip < 0x4000_0000, "{:#x}", registers.rip);
    let file = File::open(&path("regs/env"), O_RDONLY).unwrap();
    assert_eq!(file.read(&mut bases), Ok(16));
    assert_eq!(({ bases.fsbase }, { bases.gsbase }), (0, 0));
    let file = File::open(&path("regs/float"), O_RDONLY).unwrap();
    assert_eq!(file.read(&mut floats), Ok(mem::size_of::<FloatRegisters>()));
    assert_eq!({ floats.fcw }, 0x37f);
    drop(child);
}

#[test]
fn who_may_look() {
    let child = spawn(|| sleep(20_000));
    let path = std::format!("proc:{}/regs/int", child.pid);

    spawn(|| {
        assert_eq!(setreuid(1000, 1000), Ok(0));
        let errno = open(&path, O_RDONLY).expect_err("not ours").errno;
        assert!(errno == EPERM || errno == EACCES, "errno {}", errno);
    })
    .succeeds();
    assert!(open("proc:1073741000/regs/int", O_RDONLY).is_err());
}
