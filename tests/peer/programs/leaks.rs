// SPDX-License-Identifier: GPL-3.0-or-later
//
// What is done many times must leave no memory behind: each test does something many times and
// counts the free frames before and after, until they are as many as before. What leaks is fewer
// after each batch; caches fill only at first.

use std::arch::asm;

use support::ramdisk::RamDisk;
use support::server::{answer, next_packet, Server};
use support::{exit, map_anonymous, monotonic, pipe, sleep, spawn, spawn_with, Child, File, MILLISECOND};
use syscall::*;

const ROUNDS: u64 = 40;
const BATCHES: usize = 5;
/// Of a batch that leaks nothing: caches may still grow.
const TOLERATED: u64 = ROUNDS / 4;

fn free_frames() -> u64 {
    let memory = File::open("memory:", O_RDONLY | O_CLOEXEC).unwrap();
    let mut stat = StatVfs::default();

    assert_eq!(fstatvfs(memory.0, &mut stat), Ok(0));
    stat.f_bfree
}

/// Frames that a batch has not given back; some come a little later.
fn lost_in_batch(round: &impl Fn()) -> u64 {
    let before = free_frames();

    for _ in 0..ROUNDS {
        round();
    }
    let end = monotonic() + 2000 * MILLISECOND;
    loop {
        let lost = before.saturating_sub(free_frames());
        if lost <= TOLERATED || monotonic() > end {
            return lost;
        }
        sleep(20);
    }
}

fn leaves_nothing(round: impl Fn()) {
    let mut lost = Vec::new();

    round();
    sleep(50);
    for _ in 0..BATCHES {
        lost.push(lost_in_batch(&round));
        if lost[lost.len() - 1] <= TOLERATED {
            return;
        }
    }
    panic!("{} rounds lose frames every time: {:?}", ROUNDS, lost);
}

#[test]
fn processes() {
    leaves_nothing(|| spawn(|| ()).succeeds());
}

#[test]
fn processes_that_share_memory() {
    leaves_nothing(|| {
        spawn_with(CLONE_VM | CLONE_FILES, || {
            let page = map_anonymous(16 << 10, PROT_READ | PROT_WRITE);

            unsafe { *(page as *mut u8) = 1 };
            assert_eq!(unsafe { funmap(page, 16 << 10) }, Ok(0));
        })
        .succeeds()
    });
}

#[test]
fn threads() {
    const STACK: usize = 32 << 10;

    leaves_nothing(|| {
        let stack = map_anonymous(STACK, PROT_READ | PROT_WRITE);
        let flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_STACK;
        let pid: usize;

        unsafe {
            asm!("syscall", "test rax, rax", "jnz 2f", "xor edi, edi", "mov eax, 1", "syscall", "2:",
                 inout("rax") SYS_CLONE => pid, inout("rdi") flags.bits() => _,
                 in("rsi") stack + STACK, out("rcx") _, out("r11") _);
        }
        Child::from_pid(pid).succeeds();
        assert_eq!(unsafe { funmap(stack, STACK) }, Ok(0));
    });
}

#[test]
fn programs() {
    leaves_nothing(|| {
        spawn(|| {
            let program = open("file:/bin/peer-child", O_RDONLY | O_CLOEXEC).unwrap();
            let words = ["x", "exit", "0"].map(|word| [word.as_ptr() as usize, word.len()]);

            panic!("{:?}", fexec(program, &words, &[]))
        })
        .succeeds()
    });
}

#[test]
fn killed_processes() {
    leaves_nothing(|| {
        let (output, input) = pipe(O_CLOEXEC);
        let child = spawn(|| {
            let _ = output.read(&mut [0; 4]);
        });

        child.kill(SIGKILL);
        assert_eq!(child.wait(), SIGKILL);
        drop(input);
    });
}

#[test]
fn descriptors_and_queues() {
    leaves_nothing(|| {
        let queue = File::open("event:", O_CREAT | O_RDWR | O_CLOEXEC).unwrap();
        let timer = File::open("time:4", O_RDWR | O_CLOEXEC).unwrap();
        let (output, input) = pipe(O_CLOEXEC);

        for (data, file) in [&timer, &output, &input].iter().enumerate() {
            assert_eq!(queue.write(&Event { id: file.0, flags: EVENT_READ, data }), Ok(24));
        }
        assert_eq!(timer.write(&TimeSpec { tv_sec: i64::MAX / 2, tv_nsec: 0 }), Ok(16));
        assert_eq!(input.write(&[1; 1000]), Ok(1000));
        assert_eq!(queue.read(&mut [0; 24]), Ok(24));
    });
}

#[test]
fn files() {
    leaves_nothing(|| {
        let file = File::create("file:/tmp/leaks");
        let map = Map {
            offset: 0,
            size: 20_000,
            flags: PROT_READ | PROT_WRITE | MAP_SHARED,
            address: 0,
        };

        assert_eq!(file.write(&[5; 20_000]), Ok(20_000));
        let address = unsafe { fmap(file.0, &map) }.unwrap();
        unsafe { *(address as *mut u8) = 1 };
        assert_eq!(unlink("file:/tmp/leaks"), Ok(0));
        drop(file);
        assert_eq!(unsafe { funmap(address, 20_000) }, Ok(0));
    });
}

#[test]
fn physical_memory() {
    leaves_nothing(|| {
        spawn(|| unsafe {
            // Not given back by itself, but with the process.
            let frame = physalloc(16 << 10).unwrap();
            assert!(physmap(frame, 16 << 10, PHYSMAP_WRITE).is_ok());
        })
        .succeeds()
    });
}

fn serve(socket: &File) {
    let disk = RamDisk::new("leaky");

    while let Some(mut packet) = next_packet(socket) {
        disk.handle(&mut packet);
        answer(socket, &packet);
    }
}

fn use_it() -> (File, usize) {
    let file = File::create("leaky:/f");
    let map = Map {
        offset: 0,
        size: 8192,
        flags: PROT_READ | PROT_WRITE | MAP_SHARED,
        address: 0,
    };

    assert_eq!(file.write(&[5; 9000]), Ok(9000));
    let address = unsafe { fmap(file.0, &map) }.unwrap();
    unsafe { *(address as *mut u8) = 1 };
    (file, address)
}

#[test]
fn schemes() {
    leaves_nothing(|| {
        let server = Server::start("leaky", 0, serve);
        let (file, address) = use_it();

        drop(file);
        assert_eq!(unsafe { funmap(address, 8192) }, Ok(0));
        server.stop();
    });
}

#[test]
fn schemes_that_are_killed() {
    leaves_nothing(|| {
        let server = Server::start("leaky", 0, serve);
        let (file, address) = use_it();

        server.kill();
        drop(file);
        let _ = unsafe { funmap(address, 8192) };
    });
}

#[test]
fn clients_that_are_killed() {
    let server = Server::start("leaky", 0, serve);

    leaves_nothing(|| {
        let (ready, told) = pipe(O_CLOEXEC);
        let client = spawn(|| {
            let _used = use_it();

            assert_eq!(told.write(b"x"), Ok(1));
            loop {
                let _ = File::create("leaky:/g").write(b"x");
            }
        });

        assert_eq!(ready.read(&mut [0; 4]), Ok(1));
        client.kill(SIGKILL);
        assert_eq!(client.wait(), SIGKILL);
    });
    server.stop();
}

#[test]
fn exits_with_all_open() {
    leaves_nothing(|| {
        spawn(|| {
            for _ in 0..20 {
                let (output, input) = pipe(0);

                assert_eq!(input.write(&[1; 5000]).is_ok(), true);
                std::mem::forget((output, input));
            }
            exit(0)
        })
        .succeeds()
    });
}
