// SPDX-License-Identifier: GPL-3.0-or-later
//
// Mapped memory: anonymous, of files, shared between processes, physical.

use std::ptr::{read_volatile as get, write_volatile as put};
use std::slice;
use std::sync::atomic::{AtomicI32, AtomicU64, AtomicUsize, Ordering};

use support::{
    exited, expect_error, exit, let_block, map_anonymous, monotonic, signalled, sleep, spawn, spawn_with,
    time_spec, File, MILLISECOND,
};
use syscall::*;

const PAGE: usize = 4096;
const READ_WRITE: MapFlags = MapFlags::from_bits_truncate(0x6_0000);

fn shared() -> MapFlags {
    READ_WRITE | MAP_SHARED
}

fn anonymous_at(address: usize, size: usize, flags: MapFlags) -> Result<usize> {
    unsafe { fmap(!0, &Map { offset: 0, size, flags, address }) }
}

fn map_file(file: &File, offset: usize, size: usize, flags: MapFlags) -> Result<usize> {
    unsafe { fmap(file.0, &Map { offset, size, flags, address: 0 }) }
}

fn unmap(address: usize, size: usize) {
    assert_eq!(unsafe { funmap(address, size) }, Ok(0));
}

fn bytes(address: usize, size: usize) -> &'static mut [u8] {
    unsafe { slice::from_raw_parts_mut(address as *mut u8, size) }
}

fn file(name: &str, content: &[u8]) -> File {
    let made = File::create(&std::format!("file:/tmp/memory-{}-{}", name, getpid().unwrap()));

    assert_eq!(made.write(content), Ok(content.len()));
    made
}

/// How a process ends that does this.
fn ends(work: impl FnOnce()) -> usize {
    spawn(work).wait()
}

fn touch(address: usize) {
    unsafe {
        get(address as *const u8);
    }
}

fn change(address: usize) {
    unsafe { put(address as *mut u8, 1) }
}

// --- anonymous ------------------------------------------------------------------------------

#[test]
fn anonymous_memory_is_zeros() {
    let address = map_anonymous(3 * PAGE + 1, READ_WRITE | MAP_PRIVATE);

    assert_eq!(address % PAGE, 0);
    assert!(bytes(address, 4 * PAGE).iter().all(|&byte| byte == 0));
    bytes(address, 4 * PAGE).fill(0xaa);
    let other = map_anonymous(PAGE, READ_WRITE);
    assert!(other + PAGE <= address || other >= address + 4 * PAGE);
    unmap(address, 3 * PAGE + 1);
    for page in 0..4 {
        assert_eq!(ends(|| touch(address + page * PAGE)), signalled(SIGSEGV));
    }
    assert_eq!(anonymous_at(0, 0, READ_WRITE), Ok(0));
}

#[test]
fn addresses_can_be_asked_for() {
    let hole = map_anonymous(8 * PAGE, READ_WRITE);

    unmap(hole, 8 * PAGE);
    let place = hole + 2 * PAGE;
    assert_eq!(anonymous_at(place, 2 * PAGE, READ_WRITE | MAP_FIXED_NOREPLACE), Ok(place));
    change(place);
    expect_error!(anonymous_at(place, PAGE, READ_WRITE | MAP_FIXED_NOREPLACE), EEXIST);
    expect_error!(
        anonymous_at(place - PAGE, 2 * PAGE, READ_WRITE | MAP_FIXED_NOREPLACE),
        EEXIST
    );
    // A mere wish: elsewhere.
    let elsewhere = anonymous_at(place, PAGE, READ_WRITE).unwrap();
    assert!(elsewhere + PAGE <= place || elsewhere >= place + 2 * PAGE);
    assert_eq!(bytes(place, 1), [1]);
    assert_eq!(anonymous_at(place + 2 * PAGE, PAGE, READ_WRITE), Ok(place + 2 * PAGE));

    assert!(anonymous_at(0, usize::MAX - PAGE, READ_WRITE).is_err());
    assert!(anonymous_at(0, 1 << 47, READ_WRITE).is_err());
    let top = 0xffff_8000_0000_0000;
    assert!(anonymous_at(top, PAGE, READ_WRITE | MAP_FIXED_NOREPLACE).is_err());
}

#[test]
fn parts_can_be_unmapped() {
    let address = map_anonymous(6 * PAGE, READ_WRITE);

    bytes(address, 6 * PAGE).fill(3);
    unmap(address + PAGE, PAGE);
    unmap(address + 3 * PAGE, PAGE + 1); // two
    for (page, &there) in [true, false, true, false, false, true].iter().enumerate() {
        let status = ends(|| assert_eq!(bytes(address + page * PAGE, 1), [3]));
        assert_eq!(status, if there { exited(0) } else { signalled(SIGSEGV) }, "page {}", page);
    }
    // Over holes and all.
    unmap(address, 6 * PAGE);
    unmap(address, 6 * PAGE);
    unmap(0, PAGE);
    unmap(address, 0);
    expect_error!(unsafe { funmap(address + 1, PAGE) }, EINVAL);
}

#[test]
fn protection() {
    let address = map_anonymous(3 * PAGE, READ_WRITE);

    bytes(address, 3 * PAGE).fill(0xc3); // ret
    assert_eq!(unsafe { mprotect(address + PAGE, PAGE, PROT_READ) }, Ok(0));
    assert_eq!(ends(|| touch(address + PAGE)), exited(0));
    assert_eq!(ends(|| change(address + PAGE)), signalled(SIGSEGV));
    assert_eq!(ends(|| change(address)), exited(0));
    assert_eq!(ends(|| change(address + 2 * PAGE)), exited(0));

    let run = |at: usize| ends(|| unsafe { std::mem::transmute::<usize, extern "C" fn()>(at)() });
    assert_eq!(run(address + PAGE), signalled(SIGSEGV));
    assert_eq!(unsafe { mprotect(address + PAGE, PAGE, PROT_READ | PROT_EXEC) }, Ok(0));
    assert_eq!(run(address + PAGE), exited(0));
    assert_eq!(unsafe { mprotect(address + PAGE, PAGE, PROT_READ) }, Ok(0));
    assert_eq!(run(address + PAGE), signalled(SIGSEGV));

    expect_error!(unsafe { mprotect(0x1000, PAGE, PROT_READ) }, EFAULT);
    unmap(address + 2 * PAGE, PAGE);
    expect_error!(unsafe { mprotect(address + PAGE, 2 * PAGE, PROT_READ) }, EFAULT);
    expect_error!(unsafe { mprotect(0xffff_8000_0000_0000, PAGE, PROT_READ) }, EFAULT);
}

#[test]
fn a_copy_has_its_own() {
    let address = map_anonymous(2 * PAGE, READ_WRITE);

    bytes(address, 2 * PAGE).fill(1);
    let child = spawn(|| {
        assert_eq!(bytes(address, 1), [1]);
        bytes(address, 2 * PAGE).fill(2);
        unmap(address + PAGE, PAGE);
    });
    child.succeeds();
    assert!(bytes(address, 2 * PAGE).iter().all(|&byte| byte == 1));
    // Nor is a change of protection anybody else's.
    spawn(|| assert_eq!(unsafe { mprotect(address, PAGE, PROT_READ) }, Ok(0))).succeeds();
    change(address);
}

#[test]
fn text_cannot_be_written() {
    let code = text_cannot_be_written as usize;

    assert_eq!(ends(|| change(code)), signalled(SIGSEGV));
    let data = [0xc3u8; 16];
    let run = || unsafe { std::mem::transmute::<_, extern "C" fn()>(data.as_ptr())() };
    assert_eq!(ends(run), signalled(SIGSEGV));
}

#[test]
fn the_stack_has_an_end() {
    #[inline(never)]
    fn deeper(levels: usize) -> usize {
        let mut block = [levels; 512];

        unsafe { put(&mut block[levels % 512], levels) };
        if levels == 0 {
            return 0;
        }
        deeper(levels - 1) + unsafe { get(&block[levels % 512]) } % 2
    }
    assert_eq!(ends(|| exit(deeper(100) & 1)), exited(deeper(100) & 1));
    assert_eq!(ends(|| exit(deeper(1 << 20) & 1)), signalled(SIGSEGV));
}

// --- files ----------------------------------------------------------------------------------

#[test]
fn a_file_is_seen_in_memory() {
    let content: Vec<u8> = (0..10_000).map(|at| (at % 253) as u8).collect();
    let made = file("seen", &content);
    let address = map_file(&made, 0, 10_000, PROT_READ | MAP_PRIVATE).unwrap();
    let second = map_file(&made, PAGE, PAGE, PROT_READ | MAP_PRIVATE).unwrap();

    assert_eq!(made.close(), Ok(0));
    assert!(bytes(address, 10_000) == &content[..]);
    assert!(bytes(address + 10_000, 3 * PAGE - 10_000).iter().all(|&byte| byte == 0));
    assert!(bytes(second, PAGE) == &content[PAGE..2 * PAGE]);
    unmap(address, 10_000);
    unmap(second, PAGE);
}

#[test]
fn private_changes_stay_private() {
    let made = file("private", b"original");
    let address = map_file(&made, 0, 8, READ_WRITE | MAP_PRIVATE).unwrap();

    bytes(address, 8).copy_from_slice(b"changed!");
    unmap(address, 8);
    made.seek(0);
    assert_eq!(made.rest(), b"original");
}

#[test]
fn shared_changes_reach_the_file() {
    let made = file("shared", &[b'.'; 5000]);
    let address = map_file(&made, 0, 5000, shared()).unwrap();

    bytes(address, 8).copy_from_slice(b"changed!");
    bytes(address + 4998, 8).copy_from_slice(b"end-over");
    unmap(address, 5000);
    made.seek(0);
    let content = made.rest();
    assert_eq!(content.len(), 5000); // never past the file's size
    assert_eq!(&content[..10], b"changed!..");
    assert_eq!(&content[4996..], b"..en");
}

#[test]
fn shared_between_processes() {
    let made = file("between", &[0; 4096]);
    let address = map_file(&made, 0, PAGE, shared()).unwrap();
    let word = unsafe { &*(address as *const AtomicUsize) };
    let child = spawn(|| {
        while word.load(Ordering::SeqCst) != 1 {
            let _ = sched_yield();
        }
        word.store(2, Ordering::SeqCst);
    });

    word.store(1, Ordering::SeqCst);
    let end = monotonic() + 10_000 * MILLISECOND;
    while word.load(Ordering::SeqCst) != 2 && monotonic() < end {
        let _ = sched_yield();
    }
    assert_eq!(word.load(Ordering::SeqCst), 2);
    child.succeeds();
}

#[test]
fn maps_need_the_right_descriptor() {
    let made = file("rights", b"content");
    let reader = File::open(&made.path(), O_RDONLY).unwrap();
    let writer = File::open(&made.path(), O_WRONLY).unwrap();
    let refused = |result: Result<usize>| {
        let errno = result.expect_err("a map").errno;
        assert!(errno == EBADF || errno == EACCES, "errno {}", errno);
    };

    refused(map_file(&reader, 0, PAGE, shared()));
    refused(map_file(&writer, 0, PAGE, PROT_READ | MAP_PRIVATE));
    assert!(map_file(&reader, 0, PAGE, PROT_READ | MAP_SHARED).is_ok());
    expect_error!(map_file(&File(9999), 0, PAGE, PROT_READ), EBADF);
    expect_error!(unsafe { syscall3(SYS_FMAP, !0, 0x1000, 32) }, EFAULT);
    let map = Map { offset: 0, size: PAGE, flags: READ_WRITE, address: 0 };
    expect_error!(unsafe { syscall3(SYS_FMAP, !0, &map as *const _ as usize, 24) }, EINVAL);
}

#[test]
fn the_older_calls() {
    let made = file("older", b"older content");
    let map = OldMap { offset: 0, size: 13, flags: PROT_READ | MAP_PRIVATE };

    unsafe {
        let address = syscall3(SYS_FMAP_OLD, made.0, &map as *const _ as usize, 24).unwrap();

        assert_eq!(bytes(address, 13), b"older content");
        assert_eq!(syscall1(SYS_FUNMAP_OLD, address), Ok(0));
        assert_eq!(ends(|| touch(address)), signalled(SIGSEGV));
        expect_error!(syscall1(SYS_FUNMAP_OLD, address), EFAULT);
        let fixed = OldMap { flags: PROT_READ | MAP_FIXED, ..map };
        expect_error!(syscall3(SYS_FMAP_OLD, made.0, &fixed as *const _ as usize, 24), EINVAL);
    }
}

#[test]
fn memory_has_a_scheme() {
    let memory = File::open("memory:", O_RDWR | O_CLOEXEC).unwrap();
    let address = map_file(&memory, 0, 2 * PAGE, READ_WRITE).unwrap();
    let mut stat = StatVfs::default();

    assert!(bytes(address, 2 * PAGE).iter().all(|&byte| byte == 0));
    change(address);
    assert_eq!(fstatvfs(memory.0, &mut stat), Ok(0));
    assert_eq!(stat.f_bsize, 4096);
    assert!(stat.f_blocks > 1000 && stat.f_bfree > 0 && stat.f_bfree <= stat.f_blocks);
    expect_error!(memory.read(&mut [0; 4]), EBADF);
    expect_error!(memory.write(&[0; 4]), EBADF);
}

// --- together with other processes ------------------------------------------------------------

#[test]
fn later_maps_are_shared_too() {
    static ADDRESS: AtomicUsize = AtomicUsize::new(0);
    let child = spawn_with(CLONE_VM, || {
        let address = map_anonymous(PAGE, READ_WRITE);

        change(address);
        ADDRESS.store(address, Ordering::SeqCst);
    });

    child.succeeds();
    let address = ADDRESS.load(Ordering::SeqCst);
    assert_ne!(address, 0);
    assert_eq!(bytes(address, 1), [1]);
    spawn_with(CLONE_VM, || unmap(address, PAGE)).succeeds();
    assert_eq!(ends(|| touch(address)), signalled(SIGSEGV));
}

#[test]
fn futexes() {
    static WORD: AtomicI32 = AtomicI32::new(0);
    static WIDE: AtomicU64 = AtomicU64::new(7 << 32);
    let word = &WORD as *const _ as *mut i32;
    let wide = &WIDE as *const _ as *mut i32;
    let none = std::ptr::null_mut();
    let short = time_spec(30 * MILLISECOND);
    let limit = &short as *const TimeSpec as usize;

    unsafe {
        expect_error!(futex(word, FUTEX_WAIT, 1, 0, none), EAGAIN);
        expect_error!(futex(wide, FUTEX_WAIT64, 7, 0, none), EAGAIN);
        let start = monotonic();
        let result = futex(word, FUTEX_WAIT, 0, limit, none);
        assert!(result == Ok(0) || result == Err(Error::new(ETIMEDOUT)), "{:?}", result);
        assert!(monotonic() - start >= 30 * MILLISECOND);
        assert_eq!(futex(word, FUTEX_WAKE, 1, 0, none), Ok(0));

        let odd = (word as usize + 1) as *mut i32;
        expect_error!(futex(odd, FUTEX_WAIT, 0, 0, none), EINVAL);
        expect_error!(futex((wide as usize + 4) as *mut i32, FUTEX_WAIT64, 0, 0, none), EINVAL);
        expect_error!(futex(0x1000 as *mut i32, FUTEX_WAIT, 0, 0, none), EFAULT);
        expect_error!(futex(word, 99, 0, 0, none), EINVAL);

        let waiters: Vec<_> = (0..3)
            .map(|_| spawn_with(CLONE_VM, || assert_eq!(futex(word, FUTEX_WAIT, 0, 0, none), Ok(0))))
            .collect();
        let mut woken = 0;
        while woken < 3 {
            let_block();
            let count = futex(word, FUTEX_WAKE, 2, 0, none).unwrap();
            assert!(count <= 2, "{} of 2 were woken", count);
            woken += count;
        }
        assert_eq!((woken, futex(word, FUTEX_WAKE, 100, 0, none)), (3, Ok(0)));
        for waiter in waiters {
            waiter.succeeds();
        }
    }
}

#[test]
fn futexes_on_a_shared_file() {
    let made = file("futex", &[0; 4096]);
    let address = map_file(&made, 0, PAGE, shared()).unwrap() as *mut i32;
    let none = std::ptr::null_mut();
    let child = spawn(|| {
        assert_eq!(unsafe { futex(address, FUTEX_WAIT, 0, 0, none) }, Ok(0));
    });

    while unsafe { futex(address, FUTEX_WAKE, 1, 0, none) } != Ok(1) {
        sleep(5);
    }
    child.succeeds();
}

// --- physical -------------------------------------------------------------------------------

#[test]
fn physical_memory() {
    unsafe {
        let frame = physalloc(2 * PAGE).unwrap();
        assert_eq!(frame % PAGE, 0);
        let address = physmap(frame, 2 * PAGE, PHYSMAP_WRITE).unwrap();
        bytes(address, 2 * PAGE).fill(0x5a);
        let again = physmap(frame + 100, 50, PhysmapFlags::empty()).unwrap();
        assert_eq!(again % PAGE, 100); // the offset in the page is kept
        assert_eq!(bytes(again, 50), [0x5a; 50]);
        assert_eq!(virttophys(address + PAGE + 5), Ok(frame + PAGE + 5));

        // A copy of the process sees the same frames.
        spawn(|| bytes(address, 1)[0] = 0x77).succeeds();
        assert_eq!(bytes(address, 1), [0x77]);

        assert_eq!(physunmap(address), Ok(0));
        assert_eq!(physunmap(again), Ok(0));
        expect_error!(physunmap(address), EFAULT);
        assert_eq!(physunmap(0), Ok(0));
        assert_eq!(physmap(frame, 0, PHYSMAP_WRITE), Ok(0));
        assert_eq!(physfree(frame, 2 * PAGE), Ok(0));
        expect_error!(virttophys(0x1000), EFAULT);

        let mut minimum = 1;
        let low = physalloc3(PAGE, PhysallocFlags::SPACE_32.bits(), &mut minimum).unwrap();
        assert!(low < 1 << 32);
        assert_eq!(physfree(low, PAGE), Ok(0));
        expect_error!(physalloc3(PAGE, 3, &mut minimum), EINVAL);
        expect_error!(physalloc3(PAGE, 0x100, &mut minimum), EINVAL);
        expect_error!(physalloc(1 << 45), ENOMEM);
    }
}

#[test]
fn physical_memory_is_for_root() {
    let page = map_anonymous(PAGE, READ_WRITE);

    change(page);
    spawn(|| unsafe {
        assert_eq!(setreuid(1000, 1000), Ok(0));
        expect_error!(physalloc(PAGE), EPERM);
        expect_error!(physalloc2(PAGE, 0), EPERM);
        expect_error!(physfree(0x10_0000, PAGE), EPERM);
        expect_error!(physmap(0x10_0000, PAGE, PhysmapFlags::empty()), EPERM);
        expect_error!(physunmap(page), EPERM);
        expect_error!(virttophys(page), EPERM);
        expect_error!(iopl(3), EPERM);
    })
    .succeeds();
}

#[test]
fn ports() {
    unsafe fn port_in(port: u16) -> u8 {
        let value: u8;

        std::arch::asm!("in al, dx", in("dx") port, out("al") value);
        value
    }
    unsafe {
        expect_error!(iopl(4), EINVAL);
        assert_eq!(ends(|| { port_in(0x61); }), signalled(SIGSEGV));
        let status = ends(|| {
            assert_eq!(iopl(3), Ok(0));
            port_in(0x61);
            assert_eq!(sched_yield(), Ok(0));
            port_in(0x61);
        });
        assert_eq!(status, exited(0));
    }
}
