// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the programs of tests/peer share: processes, expectations and pipes over the crate.

use std::cell::Cell;
use std::string::String;
use std::vec::Vec;

use syscall::{CloneFlags, Error, Result, TimeSpec, WaitFlags};

pub mod ramdisk;
pub mod server;

/// The call must fail with this errno.
#[macro_export]
macro_rules! expect_error {
    ($call:expr, $errno:ident) => {
        assert_eq!($call, Err(syscall::Error::new(syscall::$errno)))
    };
}

// --- processes ------------------------------------------------------------------------------

/// A child process. One that nobody waited for is ended when this is dropped.
pub struct Child {
    pub pid: usize,
    waited: Cell<bool>,
}

impl Child {
    pub fn from_pid(pid: usize) -> Child {
        Child { pid, waited: Cell::new(false) }
    }

    /// Waits until it ends; returns the wait status.
    pub fn wait(&self) -> usize {
        let mut status = !0;

        self.waited.set(true);
        assert_eq!(syscall::waitpid(self.pid, &mut status, WaitFlags::empty()), Ok(self.pid));
        status
    }

    /// It must exit with 0.
    pub fn succeeds(&self) {
        assert_eq!(self.wait(), 0, "wait status");
    }

    pub fn kill(&self, signal: usize) {
        assert_eq!(syscall::kill(self.pid, signal), Ok(0));
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.waited.get() {
            let _ = syscall::kill(self.pid, syscall::SIGKILL);
            let _ = syscall::waitpid(self.pid, &mut 0, WaitFlags::empty());
        }
    }
}

/// Runs `work` in a process made with these flags; it exits with 0 when `work` returns.
pub fn spawn_with(flags: CloneFlags, work: impl FnOnce()) -> Child {
    match unsafe { syscall::clone(flags) }.expect("clone") {
        0 => {
            work();
            exit(0)
        }
        pid => Child::from_pid(pid),
    }
}

/// In a copy of this process.
pub fn spawn(work: impl FnOnce()) -> Child {
    spawn_with(CloneFlags::empty(), work)
}

pub fn exit(status: usize) -> ! {
    let _ = syscall::exit(status);
    unreachable!()
}

/// The wait status of a process that exits, and of one that a signal ends.
pub const fn exited(status: usize) -> usize {
    status << 8
}

pub const fn signalled(signal: usize) -> usize {
    signal
}

// --- time -----------------------------------------------------------------------------------

pub const CLOCKS: [usize; 2] = [syscall::CLOCK_REALTIME, syscall::CLOCK_MONOTONIC];

/// Nanoseconds of a clock.
pub fn now(clock: usize) -> i64 {
    let mut time = TimeSpec::default();

    assert_eq!(syscall::clock_gettime(clock, &mut time), Ok(0));
    assert!((0..1_000_000_000).contains(&time.tv_nsec), "{} ns", time.tv_nsec);
    time.tv_sec * 1_000_000_000 + time.tv_nsec as i64
}

pub fn monotonic() -> i64 {
    now(syscall::CLOCK_MONOTONIC)
}

pub fn time_spec(nanoseconds: i64) -> TimeSpec {
    TimeSpec {
        tv_sec: nanoseconds / 1_000_000_000,
        tv_nsec: (nanoseconds % 1_000_000_000) as i32,
    }
}

pub const MILLISECOND: i64 = 1_000_000;

pub fn sleep(milliseconds: i64) {
    let mut left = TimeSpec::default();
    let mut request = time_spec(milliseconds * MILLISECOND);

    while syscall::nanosleep(&request, &mut left).is_err() {
        request = left;
    }
}

/// Long enough for another process to come to rest in the kernel, as well as can be told.
pub fn let_block() {
    sleep(60);
}

// --- descriptors ----------------------------------------------------------------------------

/// An open descriptor, which is closed when this is dropped.
#[derive(Debug)]
pub struct File(pub usize);

impl File {
    pub fn open(path: &str, flags: usize) -> Result<File> {
        syscall::open(path, flags).map(File)
    }

    /// A new file for reading and writing.
    pub fn create(path: &str) -> File {
        let _ = syscall::unlink(path);
        let flags = syscall::O_CREAT | syscall::O_EXCL | syscall::O_RDWR | syscall::O_CLOEXEC;

        File(syscall::open(path, flags | 0o644).expect(path))
    }

    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        syscall::read(self.0, buffer)
    }

    pub fn write(&self, bytes: &[u8]) -> Result<usize> {
        syscall::write(self.0, bytes)
    }

    pub fn seek(&self, position: isize) {
        assert_eq!(syscall::lseek(self.0, position, syscall::SEEK_SET), Ok(position as usize));
    }

    /// Everything from here to the end.
    pub fn rest(&self) -> Vec<u8> {
        let mut all = Vec::new();
        let mut buffer = [0; 512];

        loop {
            match self.read(&mut buffer).expect("read") {
                0 => return all,
                count => all.extend_from_slice(&buffer[..count]),
            }
        }
    }

    pub fn rest_as_text(&self) -> String {
        String::from_utf8(self.rest()).expect("UTF-8")
    }

    pub fn path(&self) -> String {
        let mut buffer = [0; 4096];
        let count = syscall::fpath(self.0, &mut buffer).expect("fpath");

        String::from_utf8(buffer[..count].to_vec()).expect("UTF-8")
    }

    pub fn stat(&self) -> syscall::Stat {
        let mut stat = syscall::Stat::default();

        assert_eq!(syscall::fstat(self.0, &mut stat), Ok(0));
        stat
    }

    /// Gives up the descriptor without closing it.
    pub fn into_number(self) -> usize {
        let number = self.0;

        std::mem::forget(self);
        number
    }

    pub fn close(self) -> Result<usize> {
        syscall::close(self.into_number())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = syscall::close(self.0);
    }
}

/// The ends for reading and for writing.
pub fn pipe(flags: usize) -> (File, File) {
    let mut ends = [0; 2];

    assert_eq!(syscall::pipe2(&mut ends, flags), Ok(0));
    (File(ends[0]), File(ends[1]))
}

/// Anonymous memory, rounded up to pages.
pub fn map_anonymous(size: usize, flags: syscall::MapFlags) -> usize {
    let map = syscall::Map { offset: 0, size, flags, address: 0 };

    unsafe { syscall::fmap(!0, &map) }.expect("anonymous fmap")
}

/// The text of `path`, which is opened for reading.
pub fn read_text(path: &str) -> Result<String> {
    Ok(File::open(path, syscall::O_RDONLY | syscall::O_CLOEXEC)?.rest_as_text())
}

/// For results that say how much was done.
pub fn error(errno: i32) -> Error {
    Error::new(errno)
}
