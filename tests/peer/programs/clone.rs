// SPDX-License-Identifier: GPL-3.0-or-later
//
// clone with each of its flags, and what becomes of processes: waitpid, parents, VFORK.

use std::arch::asm;
use std::string::String;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use support::{
    exited, exit, expect_error, let_block, map_anonymous, monotonic, pipe, signalled, sleep, spawn,
    spawn_with, Child, File, MILLISECOND,
};
use syscall::*;

static WORD: AtomicUsize = AtomicUsize::new(0);

fn read_write() -> MapFlags {
    PROT_READ | PROT_WRITE | MAP_PRIVATE
}

fn cwd() -> String {
    let mut buffer = [0; 256];
    let count = getcwd(&mut buffer).unwrap();

    String::from_utf8(buffer[..count].to_vec()).unwrap()
}

#[test]
fn copies() {
    let mut local = 1;
    let file = File::create(&std::format!("file:/tmp/clone-{}", getpid().unwrap()));
    let parent = getpid().unwrap();

    assert_eq!(file.write(b"0123456789"), Ok(10));
    file.seek(2);
    WORD.store(1, SeqCst);
    let child = spawn(|| {
        assert_eq!(getppid(), Ok(parent));
        assert_ne!(getpid(), Ok(parent));
        assert_eq!(getpgid(0), getpgid(parent));
        local = 2;
        WORD.store(2, SeqCst);
        assert_eq!(chdir("file:/tmp"), Ok(0));
        assert_eq!(file.read(&mut [0; 3]), Ok(3)); // the offset is the description's
        let _ = close(file.0); // but the table is a copy
        assert_eq!(umask(0o077), Ok(0o022));
    });

    assert_ne!(child.pid, parent);
    child.succeeds();
    assert_eq!((local, WORD.load(SeqCst)), (1, 1));
    assert_ne!(cwd(), "file:/tmp");
    assert_eq!(lseek(file.0, 0, SEEK_CUR), Ok(5));
    assert_eq!(umask(0o022), Ok(0o022));
}

#[test]
fn many_pages() {
    const PAGES: usize = 500;
    let block = map_anonymous(PAGES * 4096, read_write());
    let page = |index: usize| unsafe { &mut *((block + index * 4096) as *mut usize) };

    for index in 0..PAGES {
        *page(index) = index;
    }
    let children: Vec<_> = (1..4)
        .map(|number| {
            spawn(|| {
                for index in (0..PAGES).step_by(number) {
                    *page(index) += number * 1000;
                }
                for index in 0..PAGES {
                    let added = if index % number == 0 { number * 1000 } else { 0 };
                    assert_eq!(*page(index), index + added);
                }
            })
        })
        .collect();

    for child in children {
        child.succeeds();
    }
    assert!((0..PAGES).all(|index| *page(index) == index));
}

/// The two sides of clone(VM) go on running on "the same" stack, and must not meet on it.
#[test]
fn shared_memory_and_a_private_stack() {
    #[inline(never)]
    fn fill(level: usize, value: usize) -> usize {
        let mut block = [value; 64];

        if level > 0 {
            block[level % 64] = fill(level - 1, value);
        }
        block.iter().map(|&word| (word != value) as usize).sum::<usize>() + value
    }
    let mut local = 5;
    let address = &local as *const i32 as usize;

    WORD.store(0, SeqCst);
    let child = spawn_with(CLONE_VM, || {
        assert_eq!(&local as *const i32 as usize, address);
        local = 6;
        while WORD.load(SeqCst) == 0 {
            assert_eq!(fill(40, 6), 6);
        }
        assert_eq!(local, 6);
        WORD.store(2, SeqCst);
    });
    let end = monotonic() + 30 * MILLISECOND;
    while monotonic() < end {
        assert_eq!(fill(60, 9), 9);
    }
    WORD.store(1, SeqCst);
    child.succeeds();
    assert_eq!((local, WORD.load(SeqCst)), (5, 2));
}

#[test]
fn shared_directory() {
    spawn_with(CLONE_FS, || assert_eq!(chdir("file:/bin"), Ok(0))).succeeds();
    assert_eq!(cwd(), "file:/bin");
    spawn(|| assert_eq!(chdir("file:/tmp"), Ok(0))).succeeds();
    assert_eq!(cwd(), "file:/bin");
}

#[test]
fn shared_descriptors() {
    let (output, input) = pipe(0);

    WORD.store(0, SeqCst);
    let child = spawn_with(CLONE_VM | CLONE_FILES, || {
        let made = dup(input.0, b"").unwrap();

        assert_eq!(close(input.0), Ok(0));
        WORD.store(made, SeqCst);
    });
    child.succeeds();
    expect_error!(write(input.into_number(), b"x"), EBADF);
    let made = File(WORD.load(SeqCst));
    assert_eq!(made.write(b"x"), Ok(1));
    drop(made);
    assert_eq!(output.read(&mut [0; 4]), Ok(1));
    assert_eq!(output.read(&mut [0; 4]), Ok(0));
}

/// clone(flags, stack) by number, as programs make threads; `run` gets `argument` on the new
/// stack, and never returns.
unsafe fn thread(flags: CloneFlags, stack: usize, run: extern "C" fn(usize) -> !, argument: usize)
    -> usize {
    let result: usize;

    asm!(
        "syscall",
        "test rax, rax",
        "jnz 2f",
        "mov rdi, r12",
        "xor ebp, ebp",
        "call r13",
        "ud2",
        "2:",
        inout("rax") SYS_CLONE => result, in("rdi") flags.bits(), in("rsi") stack,
        in("r12") argument, in("r13") run, out("rcx") _, out("r11") _,
    );
    result
}

const STACK_SIZE: usize = 64 << 10;

fn thread_flags() -> CloneFlags {
    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_STACK
}

#[test]
fn threads() {
    static SUM: AtomicUsize = AtomicUsize::new(0);

    extern "C" fn add(number: usize) -> ! {
        let here = 0u8;

        for _ in 0..1000 {
            SUM.fetch_add(number, SeqCst);
        }
        WORD.store(&here as *const u8 as usize, SeqCst);
        exit(number)
    }
    let stacks: Vec<_> = (0..4).map(|_| map_anonymous(STACK_SIZE, read_write())).collect();
    let threads: Vec<_> = stacks
        .iter()
        .enumerate()
        .map(|(index, stack)| unsafe {
            Child::from_pid(thread(thread_flags(), stack + STACK_SIZE, add, index + 1))
        })
        .collect();

    for (index, thread) in threads.iter().enumerate() {
        assert_eq!(thread.wait(), exited(index + 1));
    }
    assert_eq!(SUM.load(SeqCst), 1000 * (1 + 2 + 3 + 4));
    let last = WORD.load(SeqCst);
    assert!(stacks.iter().any(|stack| (*stack..stack + STACK_SIZE).contains(&last)));
}

#[test]
fn threads_share_the_main_stack() {
    extern "C" fn change(place: usize) -> ! {
        unsafe { std::ptr::write_volatile(place as *mut usize, 77) };
        exit(0)
    }
    let mut local = 1usize;
    let place = &mut local as *mut usize;
    let stack = map_anonymous(STACK_SIZE, read_write());

    let pid = unsafe { thread(thread_flags(), stack + STACK_SIZE, change, place as usize) };
    Child::from_pid(pid).succeeds();
    assert_eq!(unsafe { std::ptr::read_volatile(place) }, 77);
}

#[test]
fn threads_outlive_each_other() {
    extern "C" fn end(_argument: usize) -> ! {
        sleep(40);
        WORD.store(9, SeqCst);
        exit(0)
    }
    WORD.store(0, SeqCst);
    // The process that starts the thread exits alone; this one inherits the thread.
    let (output, input) = pipe(0);
    let starter = spawn_with(CLONE_VM, || unsafe {
        let stack = map_anonymous(STACK_SIZE, read_write());
        let pid = thread(thread_flags(), stack + STACK_SIZE, end, 0);

        assert_eq!(input.write(&pid.to_ne_bytes()), Ok(8));
    });
    let mut pid = [0; 8];

    assert_eq!(output.read(&mut pid), Ok(8));
    starter.succeeds();
    Child::from_pid(usize::from_ne_bytes(pid)).succeeds();
    assert_eq!(WORD.load(SeqCst), 9);
}

#[test]
fn vfork_waits() {
    WORD.store(0, SeqCst);
    let child = spawn_with(CLONE_VFORK | CLONE_VM, || {
        sleep(50);
        WORD.store(1, SeqCst);
    });
    assert_eq!(WORD.load(SeqCst), 1);
    child.succeeds();

    let start = monotonic();
    let child = spawn_with(CLONE_VFORK, || {
        sleep(50);
        exit(7);
    });
    assert!(monotonic() - start >= 50 * MILLISECOND);
    assert_eq!(child.wait(), exited(7));

    // One that is killed counts too.
    let child = spawn_with(CLONE_VFORK, || {
        let _ = kill(getpid().unwrap(), SIGKILL);
    });
    assert_eq!(child.wait(), signalled(SIGKILL));
}

// --- waiting --------------------------------------------------------------------------------

fn wait_raw(pid: usize, flags: WaitFlags) -> Result<(usize, usize)> {
    let mut status = 0x5555;
    let got = waitpid(pid, &mut status, flags)?;

    Ok((got, status))
}

#[test]
fn waiting() {
    let none = WaitFlags::empty();

    assert_eq!(wait_raw(0, none), Err(Error::new(ECHILD)));
    assert_eq!(wait_raw(getpid().unwrap(), none), Err(Error::new(ECHILD)));
    let slow = spawn(|| {
        sleep(600);
        exit(300); // its low eight bits
    });
    assert_eq!(wait_raw(slow.pid, WNOHANG), Ok((0, 0x5555)));
    assert_eq!(wait_raw(0, WNOHANG), Ok((0, 0x5555)));
    let fast = spawn(|| exit(1));
    assert_eq!(wait_raw(0, none), Ok((fast.pid, exited(1))));
    assert_eq!(slow.wait(), exited(300 & 0xff));
    assert_eq!(wait_raw(slow.pid, none), Err(Error::new(ECHILD)));

    // No place for the status.
    let child = spawn(|| exit(1));
    assert_eq!(unsafe { syscall3(SYS_WAITPID, child.pid, 0, 0) }, Ok(child.pid));
    std::mem::forget(child);

    // By group.
    let grouped = spawn(|| sleep(200));
    let other = spawn(|| exit(4));
    assert_eq!(setpgid(grouped.pid, grouped.pid), Ok(0));
    let group = -(grouped.pid as isize) as usize;
    assert_eq!(wait_raw(group, none), Ok((grouped.pid, 0)));
    assert_eq!(other.wait(), exited(4));
    assert_eq!(wait_raw(group, none), Err(Error::new(ECHILD)));
}

#[test]
fn a_bad_status_address_reaps_nothing() {
    let child = spawn(|| exit(2));

    let_block();
    expect_error!(unsafe { syscall3(SYS_WAITPID, child.pid, 0x1000, 0) }, EFAULT);
    assert_eq!(child.wait(), exited(2));
}

#[test]
fn orphans_go_to_the_grandparent() {
    let (output, input) = pipe(0);
    let middle = spawn(|| {
        let living = spawn(|| {
            sleep(60);
            exit(5);
        });
        let ended = spawn(|| exit(6));

        let_block();
        assert_eq!(input.write(&living.pid.to_ne_bytes()), Ok(8));
        assert_eq!(input.write(&ended.pid.to_ne_bytes()), Ok(8));
        exit(0);
    });
    let mut pids = [0; 8];

    middle.succeeds();
    assert_eq!(output.read(&mut pids), Ok(8));
    let living = Child::from_pid(usize::from_ne_bytes(pids));
    assert_eq!(output.read(&mut pids), Ok(8));
    let ended = Child::from_pid(usize::from_ne_bytes(pids));
    assert_eq!(living.wait(), exited(5));
    assert_eq!(ended.wait(), exited(6));
}

#[test]
fn process_numbers() {
    let own = getpid().unwrap();

    assert_eq!(getpgid(0), getpgid(own));
    assert_eq!(getpgid(0), Ok(own)); // the harness saw to it
    expect_error!(getpgid(0x3fff_fff0), ESRCH);
    expect_error!(setpgid(0x3fff_fff0, 0), ESRCH);
    expect_error!(setpgid(getppid().unwrap(), 0), ESRCH);
    let child = spawn(|| sleep(20_000));
    assert_eq!(setpgid(child.pid, 0), Ok(0));
    assert_eq!(getpgid(child.pid), Ok(child.pid));
    assert_eq!(setpgid(child.pid, own), Ok(0));
    assert_eq!(getpgid(child.pid), Ok(own));
}

#[test]
fn many_processes() {
    for _ in 0..4 {
        let children: Vec<_> = (0..50).map(|number| (number, spawn(|| exit(number)))).collect();

        for (number, child) in children {
            assert_eq!(child.wait(), exited(number));
        }
    }
}

// --- identity -------------------------------------------------------------------------------

fn ids() -> [usize; 4] {
    [getuid(), geteuid(), getgid(), getegid()].map(|id| id.unwrap())
}

#[test]
fn users_and_groups() {
    const KEEP: usize = u32::MAX as usize;

    assert_eq!(ids(), [0; 4]);
    spawn(|| {
        assert_eq!(setregid(20, 21), Ok(0));
        assert_eq!(setreuid(10, 11), Ok(0));
        assert_eq!(ids(), [10, 11, 20, 21]);
        expect_error!(setreuid(0, KEEP), EPERM);
        expect_error!(setreuid(KEEP, 12), EPERM);
        expect_error!(setregid(22, 20), EPERM);
        assert_eq!(ids(), [10, 11, 20, 21]);
        assert_eq!(setreuid(11, 10), Ok(0));
        assert_eq!(setregid(KEEP, 20), Ok(0));
        assert_eq!(ids(), [11, 10, 20, 20]);
        assert_eq!(setreuid(KEEP, 11), Ok(0));
        assert_eq!(setreuid(usize::MAX, usize::MAX), Ok(0));
        assert_eq!(ids(), [11, 11, 20, 20]);
        expect_error!(setreuid(10, 10), EPERM);
        spawn(|| assert_eq!(ids(), [11, 11, 20, 20])).succeeds();
    })
    .succeeds();
    // An effective user of 0 may do anything, and come back.
    spawn(|| {
        assert_eq!(setreuid(5, 0), Ok(0));
        assert_eq!(setreuid(6, 7), Ok(0));
        assert_eq!(ids()[..2], [6, 7]);
    })
    .succeeds();
}
