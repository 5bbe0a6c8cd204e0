// SPDX-License-Identifier: GPL-3.0-or-later
//
// An echo scheme over the crate's trait `SchemeMut`, named `mirror:` beside the system's own
// `echo:`: what is opened is what is read. It also tells how requests look that reach a provider,
// and gives answers of all kinds.

use std::collections::BTreeMap;
use std::string::String;

use support::server::{answer, next_packet, Server};
use support::{
    error, expect_error, let_block, map_anonymous, monotonic, pipe, sleep, spawn, File, MILLISECOND,
};
use syscall::*;

const PAGE: usize = 4096;

/// An open file: its text, and how far it is read.
struct Echo {
    text: Vec<u8>,
    offset: usize,
}

#[derive(Default)]
struct EchoScheme {
    open: BTreeMap<usize, Echo>,
    last: usize,
    /// Requests but for CLOSE, and CLOSE.
    requests: usize,
    closes: usize,
}

impl EchoScheme {
    fn add(&mut self, text: &[u8]) -> usize {
        self.last += 1;
        self.open.insert(self.last, Echo { text: text.to_vec(), offset: 0 });
        self.last
    }

    fn echo(&mut self, id: usize) -> Result<&mut Echo> {
        self.open.get_mut(&id).ok_or(Error::new(EBADF))
    }
}

impl SchemeMut for EchoScheme {
    fn open(&mut self, path: &str, flags: usize, uid: u32, gid: u32) -> Result<usize> {
        let text = match path {
            "flags" => std::format!("{:x}", flags),
            "who" => std::format!("{} {}", uid, gid),
            "count" => std::format!("{} {} {}", self.requests, self.closes, self.open.len()),
            "link" if flags & O_SYMLINK == 0 => return Err(Error::new(EXDEV)),
            "link" => String::from("mirror:/behind"),
            "circle" if flags & O_SYMLINK == 0 => return Err(Error::new(EXDEV)),
            "circle" => String::from("mirror:circle"),
            _ if path.starts_with("error/") => {
                return Err(Error::new(path[6..].parse().unwrap_or(EINVAL)));
            }
            _ => String::from(path),
        };

        Ok(self.add(text.as_bytes()))
    }

    fn unlink(&mut self, path: &str, uid: u32, _gid: u32) -> Result<usize> {
        Ok(path.len() + uid as usize)
    }

    fn rmdir(&mut self, _path: &str, _uid: u32, _gid: u32) -> Result<usize> {
        Err(Error::new(EBUSY))
    }

    fn dup(&mut self, id: usize, buffer: &[u8]) -> Result<usize> {
        self.echo(id)?;
        Ok(self.add(buffer))
    }

    fn read(&mut self, id: usize, buffer: &mut [u8]) -> Result<usize> {
        let echo = self.echo(id)?;
        let rest = &echo.text[echo.offset..];
        let count = rest.len().min(buffer.len());

        buffer[..count].copy_from_slice(&rest[..count]);
        echo.offset += count;
        Ok(count)
    }

    fn write(&mut self, id: usize, buffer: &[u8]) -> Result<usize> {
        let echo = self.echo(id)?;

        if buffer == b"more than you gave" {
            return Ok(1 << 20);
        }
        echo.text.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn seek(&mut self, id: usize, position: isize, whence: usize) -> Result<isize> {
        let echo = self.echo(id)?;

        if whence == SEEK_END {
            return Ok(0x1234_5678_0000_0000); // low half 0: no error
        }
        echo.offset = position as usize;
        Ok(position)
    }

    fn fevent(&mut self, id: usize, flags: EventFlags) -> Result<EventFlags> {
        let echo = self.echo(id)?;
        let mut ready = EVENT_WRITE;

        if echo.offset < echo.text.len() {
            ready |= EVENT_READ;
        }
        Ok(ready & flags)
    }

    fn fstat(&mut self, id: usize, stat: &mut Stat) -> Result<usize> {
        stat.st_mode = if self.echo(id)?.text.ends_with(b"/") { MODE_DIR } else { MODE_CHR };
        stat.st_dev = 4711;
        Ok(0)
    }

    fn fpath(&mut self, id: usize, buffer: &mut [u8]) -> Result<usize> {
        let text = self.echo(id)?.text.clone();
        let count = text.len().min(buffer.len());

        buffer[..count].copy_from_slice(&text[..count]);
        Ok(count)
    }

    fn close(&mut self, id: usize) -> Result<usize> {
        self.closes += 1;
        match self.open.remove(&id) {
            Some(_) => Ok(0),
            None => Err(Error::new(EBADF)),
        }
    }
}

fn serve(socket: &File) {
    let mut scheme = EchoScheme::default();
    let mut ids = BTreeMap::new();

    while let Some(mut packet) = next_packet(socket) {
        assert_ne!(packet.id, 0);
        assert!(ids.insert(packet.id, ()).is_none(), "the id {} again", packet.id);
        if packet.a != SYS_CLOSE {
            scheme.requests += 1;
        }
        scheme.handle(&mut packet);
        answer(socket, &packet);
    }
}

fn start() -> Server {
    Server::start("mirror", 0, serve)
}

fn counts() -> Vec<usize> {
    let text = read("mirror:count");

    text.split(' ').map(|number| number.parse().unwrap()).collect()
}

fn read(path: &str) -> String {
    support::read_text(path).unwrap()
}

fn fevent(fd: usize, flags: EventFlags) -> Result<usize> {
    unsafe { syscall2(SYS_FEVENT, fd, flags.bits()) }
}

// --- requests and answers -------------------------------------------------------------------

#[test]
fn what_is_opened_is_read() {
    let server = start();

    assert_eq!(read("mirror:hi"), "hi");
    assert_eq!(read("mirror:/a//b/../c/."), "/a/c");
    assert_eq!(read("mirror:\u{e4}\u{20ac}"), "\u{e4}\u{20ac}");
    assert_eq!(read("mirror:"), "");
    let file = File::open("mirror:hi", O_RDWR).unwrap();
    assert_eq!(file.write(b" there"), Ok(6));
    assert_eq!(file.rest(), b"hi there");
    assert_eq!(file.path(), "hi there"); // the scheme's word for it
    let mut short = [0; 4];
    assert_eq!(fpath(file.0, &mut short), Ok(4));
    assert_eq!(&short, b"hi t");
    assert_eq!(file.stat().st_dev, 4711);
    assert_eq!(unlink("mirror:four"), Ok(4));
    expect_error!(rmdir("mirror:x"), EBUSY);
    drop(file);
    server.stop();
}

#[test]
fn flags_and_callers() {
    let server = start();
    let flags = |flags: usize| {
        let file = File::open("mirror:flags", flags).unwrap();
        usize::from_str_radix(&file.rest_as_text(), 16).unwrap()
    };
    let all = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NONBLOCK | O_APPEND | O_SYMLINK;

    assert_eq!(flags(O_RDONLY), O_RDONLY);
    assert_eq!(flags(all | 0o640), all | 0o640);
    assert_eq!(umask(0o027), Ok(0o022));
    assert_eq!(flags(O_CREAT | O_RDONLY | 0o777), O_CREAT | O_RDONLY | 0o750);

    assert_eq!(read("mirror:who"), "0 0");
    spawn(|| {
        assert_eq!(setregid(21, 22), Ok(0));
        assert_eq!(setreuid(11, 12), Ok(0));
        assert_eq!(read("mirror:who"), "12 22"); // the effective ones
        assert_eq!(unlink("mirror:xyz"), Ok(15));
    })
    .succeeds();
    server.stop();
}

#[test]
fn errors_pass_unchanged() {
    let server = start();

    for errno in (1..=131).filter(|&errno| errno != EXDEV) {
        let path = std::format!("mirror:error/{}", errno);

        assert_eq!(open(&path, O_RDONLY), Err(error(errno)));
    }
    // What the trait leaves out.
    let file = File::open("mirror:x", O_RDWR).unwrap();
    expect_error!(fsync(file.0), EBADF);
    expect_error!(ftruncate(file.0, 0), EBADF);
    expect_error!(fchmod(file.0, 0o600), EBADF);
    expect_error!(frename(file.0, "mirror:y"), EBADF);
    expect_error!(fcntl(file.0, F_GETFL, 0), EBADF);
    assert_eq!(fcntl(file.0, F_GETFD, 0), Ok(0));
    assert_eq!(lseek(file.0, 0, SEEK_END), Ok(0x1234_5678_0000_0000));
    drop(file);
    server.stop();
}

#[test]
fn more_than_was_given() {
    let server = start();
    let file = File::open("mirror:x", O_RDWR).unwrap();

    // As it is, or for what it is; nobody is harmed.
    let result = file.write(b"more than you gave");
    assert!(result == Ok(1 << 20) || result == Err(error(EIO)), "{:?}", result);
    assert_eq!(file.rest(), b"x");
    drop(file);
    server.stop();
}

#[test]
fn links_lead_on() {
    let server = start();

    assert_eq!(read("mirror:link"), "/behind");
    let link = File::open("mirror:link", O_SYMLINK | O_RDONLY).unwrap();
    assert_eq!(link.rest(), b"mirror:/behind");
    expect_error!(open("mirror:circle", O_RDONLY), ELOOP);
    drop(link);
    server.stop();
}

#[test]
fn dup_makes_numbers() {
    let server = start();
    let file = File::open("mirror:one", O_RDWR).unwrap();
    let other = File(dup(file.0, b"two").unwrap());
    let same = File(dup(file.0, b"").unwrap());

    assert_eq!(other.rest(), b"two");
    assert_eq!(same.rest(), b"one");
    assert_eq!(file.rest(), b"");
    drop((file, other, same));
    server.stop();
}

#[test]
fn closes_once() {
    let server = start();
    let before = counts()[1];
    let file = File::open("mirror:x", O_RDONLY).unwrap();
    let twin = File(dup(file.0, b"").unwrap());

    assert_eq!(counts()[1], before + 1); // that of "count" itself
    drop(file);
    spawn(|| drop(twin.read(&mut [0; 4]))).succeeds();
    assert_eq!(counts()[1], before + 2);
    drop(twin);
    assert_eq!(counts()[1], before + 4);

    // At exit, with dup2, and by exec's death of a process.
    spawn(|| {
        let _ = File::open("mirror:y", O_RDONLY).unwrap().into_number();
    })
    .succeeds();
    let end = monotonic() + 5000 * MILLISECOND;
    while counts()[2] != 0 {
        assert!(monotonic() < end, "a file is left open");
        sleep(5);
    }
    let file = File::open("mirror:z", O_RDONLY).unwrap();
    let (output, _input) = pipe(0);
    assert_eq!(dup2(output.0, file.0, b""), Ok(file.0));
    assert_eq!(counts()[2], 0);
    drop(file);
    server.stop();
}

#[test]
fn readiness() {
    let server = start();
    let file = File::open("mirror:x", O_RDWR).unwrap();

    assert_eq!(fevent(file.0, EVENT_READ), Ok(1));
    assert_eq!(fevent(file.0, EVENT_READ | EVENT_WRITE), Ok(3));
    assert_eq!(file.rest(), b"x");
    assert_eq!(fevent(file.0, EVENT_READ | EVENT_WRITE), Ok(2));
    expect_error!(fevent(9999, EVENT_READ), EBADF);
    drop(file);
    server.stop();
}

// --- memory ---------------------------------------------------------------------------------

#[test]
fn buffers_of_all_sizes() {
    let server = start();
    let memory = map_anonymous(600 << 10, PROT_READ | PROT_WRITE);
    let all = unsafe { std::slice::from_raw_parts_mut(memory as *mut u8, 600 << 10) };

    for &size in &[1, 2, 56, 4095, 4096, 4097, 8192, 20_000, 250_001] {
        for &offset in &[0, 1, 4000, 4095] {
            let file = File::open("mirror:", O_RDWR).unwrap();

            for (index, byte) in all[..size].iter_mut().enumerate() {
                *byte = (index * 13 + size) as u8;
            }
            assert_eq!(file.write(&all[..size]), Ok(size));
            all.fill(0x99);
            assert_eq!(file.read(&mut all[offset..offset + size]), Ok(size));
            for (index, &byte) in all[offset..offset + size].iter().enumerate() {
                assert_eq!(byte, (index * 13 + size) as u8, "{} of {}", index, size);
            }
            assert!(all[..offset].iter().all(|&byte| byte == 0x99));
            assert!(all[offset + size..].iter().all(|&byte| byte == 0x99));
        }
    }
    server.stop();
}

#[test]
fn bad_pointers_reach_nobody() {
    let server = start();
    let file = File::open("mirror:x", O_RDWR).unwrap();
    let before = counts();
    let code = bad_pointers_reach_nobody as usize;
    let hole = map_anonymous(3 * PAGE, PROT_READ | PROT_WRITE);

    assert_eq!(unsafe { funmap(hole + PAGE, PAGE) }, Ok(0));
    for address in [0x1000, hole + PAGE - 8, 0xffff_8000_0000_0000, usize::MAX - 4, 1 << 63] {
        unsafe {
            expect_error!(syscall3(SYS_READ, file.0, address, 64), EFAULT);
            expect_error!(syscall3(SYS_WRITE, file.0, address, 64), EFAULT);
            expect_error!(syscall3(SYS_FPATH, file.0, address, 64), EFAULT);
            expect_error!(syscall3(SYS_DUP, file.0, address, 64), EFAULT);
            expect_error!(syscall3(SYS_FSTAT, file.0, address, 104), EFAULT);
        }
    }
    expect_error!(unsafe { syscall3(SYS_READ, file.0, code, 4) }, EFAULT);
    expect_error!(unsafe { syscall3(SYS_READ, file.0, code, usize::MAX - 100) }, EFAULT);
    assert_eq!(counts()[0], before[0] + 3); // two reads and an open
    // But an empty buffer needs no address.
    assert_eq!(unsafe { syscall3(SYS_READ, file.0, 0, 0) }, Ok(0));
    assert_eq!(unsafe { syscall3(SYS_WRITE, file.0, 1 << 63, 0) }, Ok(0));
    drop(file);
    server.stop();
}

#[test]
fn buffers_of_constants() {
    let server = start();
    let file = File::open("mirror:", O_RDWR).unwrap();

    // From memory that the caller itself may not write.
    assert_eq!(file.write(b"constant text"), Ok(13));
    assert_eq!(file.rest(), b"constant text");
    drop(file);
    server.stop();
}

// --- many and often -------------------------------------------------------------------------

#[test]
fn many_clients() {
    let server = start();
    let clients: Vec<_> = (0..6)
        .map(|number| {
            spawn(|| {
                for round in 0..30 {
                    let text = std::format!("{}-{}", number, round);
                    let file = File::open(&std::format!("mirror:{}", text), O_RDWR).unwrap();

                    assert_eq!(file.write(text.as_bytes()), Ok(text.len()));
                    assert_eq!(file.rest_as_text(), text.repeat(2));
                }
            })
        })
        .collect();

    for client in clients {
        client.succeeds();
    }
    server.stop();
}

#[test]
fn clients_that_are_killed() {
    let server = start();

    for pause in 0..12 {
        let client = spawn(|| loop {
            let file = File::open("mirror:x", O_RDWR).unwrap();
            let _ = file.write(b"y");
            let _ = file.rest();
        });

        sleep(3 + pause % 4);
        client.kill(SIGKILL);
        assert_eq!(client.wait(), SIGKILL);
    }
    let end = monotonic() + 5000 * MILLISECOND;
    while counts()[2] != 0 {
        assert!(monotonic() < end, "a file is left open: {:?}", counts());
        sleep(5);
    }
    server.stop();
}

// --- providers' lives -----------------------------------------------------------------------

#[test]
fn names_are_taken_and_given_back() {
    let server = start();

    expect_error!(open(":mirror", O_CREAT | O_RDWR), EEXIST);
    assert_eq!(read("mirror:x"), "x");
    assert!(support::read_text(":").unwrap().lines().any(|name| name == "mirror"));
    server.stop();
    expect_error!(open("mirror:x", O_RDONLY), ENODEV);
    assert!(!support::read_text(":").unwrap().lines().any(|name| name == "mirror"));
    start().stop();
}

#[test]
fn unlinked_schemes_take_nothing_new() {
    let server = start();
    let file = File::open("mirror:x", O_RDWR).unwrap();

    assert_eq!(unlink(":mirror"), Ok(0));
    expect_error!(open("mirror:x", O_RDONLY), ENODEV);
    let errno = file.read(&mut [0; 4]).expect_err("a request to an unlinked scheme").errno;
    assert!(errno == ENODEV || errno == EBADF, "errno {}", errno);
    let mut status = !0;
    assert_eq!(waitpid(server.pid(), &mut status, WaitFlags::empty()), Ok(server.pid()));
    assert_eq!(status, 0);
    drop(file);
}

#[test]
fn other_descriptors_of_the_socket() {
    let server = start();
    let root = File::open(":", O_RDONLY).unwrap();

    assert_eq!(root.path(), ":");
    server.kill();
    expect_error!(open("mirror:x", O_RDONLY), ENODEV);
    let own = File::open(":mirror", O_CREAT | O_RDWR | O_CLOEXEC).unwrap();
    assert_eq!(own.path(), ":mirror");
    let twin = File(dup(own.0, b"").unwrap());
    drop(own);
    // Still there: the socket has a descriptor left.
    expect_error!(open(":mirror", O_CREAT | O_RDWR), EEXIST);
    drop(twin);
    expect_error!(open("mirror:x", O_RDONLY), ENODEV);
}

#[test]
fn a_working_directory_in_it() {
    let server = start();

    // The kernel keeps the name; the scheme says that it is a directory.
    expect_error!(chdir("mirror:file"), ENOTDIR);
    assert_eq!(read("mirror:dir/../x"), "x");
    let_block();
    server.stop();
}
