// SPDX-License-Identifier: GPL-3.0-or-later
//
// A scheme that keeps its callers waiting, over the crate's trait `SchemeBlockMut`: a mailbox,
// where a read waits for a write; and what becomes of callers when their provider misbehaves.

use std::collections::BTreeMap;
use std::mem;
use std::string::String;

use support::server::{answer, next_packet, Server};
use support::{error, expect_error, exit, let_block, monotonic, pipe, sleep, spawn, File, MILLISECOND};
use syscall::*;

#[derive(Default)]
struct Mailbox {
    last: usize,
    letters: Vec<Vec<u8>>,
    /// How many callers wait; the size that fstat shows.
    waiting: usize,
    /// Who wants to hear of letters.
    watched: BTreeMap<usize, EventFlags>,
}

impl SchemeBlockMut for Mailbox {
    fn open(&mut self, _path: &str, _flags: usize, _uid: u32, _gid: u32) -> Result<Option<usize>> {
        self.last += 1;
        Ok(Some(self.last))
    }

    /// None, so that the caller waits, as long as there is no letter.
    fn read(&mut self, _id: usize, buffer: &mut [u8]) -> Result<Option<usize>> {
        if self.letters.is_empty() {
            return Ok(None);
        }
        let letter = self.letters.remove(0);
        let count = letter.len().min(buffer.len());

        buffer[..count].copy_from_slice(&letter[..count]);
        Ok(Some(count))
    }

    fn write(&mut self, _id: usize, buffer: &[u8]) -> Result<Option<usize>> {
        self.letters.push(buffer.to_vec());
        Ok(Some(buffer.len()))
    }

    fn fevent(&mut self, id: usize, flags: EventFlags) -> Result<Option<EventFlags>> {
        self.watched.insert(id, flags);
        let ready = if self.letters.is_empty() { EVENT_NONE } else { EVENT_READ };

        Ok(Some(ready & flags))
    }

    fn fstat(&mut self, _id: usize, stat: &mut Stat) -> Result<Option<usize>> {
        stat.st_size = self.waiting as u64;
        Ok(Some(0))
    }

    fn close(&mut self, id: usize) -> Result<Option<usize>> {
        self.watched.remove(&id);
        Ok(Some(0))
    }
}

/// Answers what can be answered, and tells the watchers of letters.
fn serve(socket: &File) {
    let mut mailbox = Mailbox::default();
    let mut waiting: Vec<Packet> = Vec::new();

    while let Some(packet) = next_packet(socket) {
        let wrote = packet.a == SYS_WRITE;

        mailbox.waiting = waiting.len();
        waiting.push(packet);
        // The last first: in any order but theirs.
        let mut index = waiting.len();
        while index > 0 {
            index -= 1;
            let mut packet = waiting[index];
            if let Some(result) = mailbox.handle(&mut packet) {
                waiting.remove(index);
                packet.a = result;
                answer(socket, &packet);
                index = waiting.len();
            }
        }
        if wrote && !mailbox.letters.is_empty() {
            for (&id, &flags) in &mailbox.watched {
                let told = Packet {
                    a: SYS_FEVENT,
                    b: id,
                    c: (flags & EVENT_READ).bits(),
                    ..Default::default()
                };
                answer(socket, &told);
            }
        }
    }
}

fn start() -> Server {
    Server::start("mail", 0, serve)
}

fn open_box() -> File {
    File::open("mail:", O_RDWR | O_CLOEXEC).unwrap()
}

#[test]
fn a_read_waits_for_a_write() {
    let server = start();
    let reader = spawn(|| {
        let mut buffer = [0; 16];

        assert_eq!(open_box().read(&mut buffer), Ok(5));
        assert_eq!(&buffer[..5], b"hello");
    });

    let_block();
    assert_eq!(open_box().write(b"hello"), Ok(5));
    reader.succeeds();
    server.stop();
}

#[test]
fn many_wait() {
    const READERS: usize = 8;
    let server = start();
    let readers: Vec<_> = (0..READERS)
        .map(|_| {
            spawn(|| {
                let mut buffer = [0; 16];

                assert_eq!(open_box().read(&mut buffer), Ok(2));
                exit(buffer[0] as usize);
            })
        })
        .collect();

    let_block();
    for number in 0..READERS as u8 {
        assert_eq!(open_box().write(&[number + 1, 0]), Ok(2));
    }
    let mut got: Vec<_> = readers.iter().map(|reader| wexitstatus(reader.wait())).collect();
    got.sort();
    assert!(got.iter().copied().eq(1..=READERS), "{:?}", got);
    server.stop();
}

#[test]
fn events_from_a_provider() {
    let server = start();
    let queue = File::open("event:", O_CREAT | O_RDWR | O_CLOEXEC).unwrap();
    let mail = open_box();
    let mut event = Event { id: mail.0, flags: EVENT_READ, data: 42 };

    assert_eq!(queue.write(&event), Ok(mem::size_of::<Event>()));
    for text in ["first", "second"] {
        let writer = spawn(|| {
            let_block();
            assert_eq!(open_box().write(text.as_bytes()), Ok(text.len()));
        });

        event = Event::default();
        assert_eq!(queue.read(&mut event), Ok(mem::size_of::<Event>()));
        assert_eq!((event.id, event.flags, event.data), (mail.0, EVENT_READ, 42));
        let mut buffer = [0; 16];
        assert_eq!(mail.read(&mut buffer), Ok(text.len()));
        assert_eq!(&buffer[..text.len()], text.as_bytes());
        writer.succeeds();
    }
    // Ready when it is asked for.
    assert_eq!(mail.write(b"there"), Ok(5));
    let second = File::open("event:", O_CREAT | O_RDWR | O_CLOEXEC).unwrap();
    assert_eq!(second.write(&Event { id: mail.0, flags: EVENT_READ, data: 1 }), Ok(24));
    assert_eq!(second.read(&mut event), Ok(24));
    assert_eq!(event.data, 1);
    drop(mail);
    server.stop();
}

#[test]
fn waiting_callers_can_be_killed() {
    let server = start();

    for _ in 0..5 {
        let reader = spawn(|| {
            let _ = open_box().read(&mut [0; 16]);
        });

        sleep(20);
        reader.kill(SIGKILL);
        assert_eq!(reader.wait(), SIGKILL);
    }
    // Their requests, answered late, harm nobody.
    for _ in 0..5 {
        assert_eq!(open_box().write(b"to nobody"), Ok(9));
    }
    let mail = open_box();
    assert_eq!(mail.write(b"x"), Ok(1));
    assert!(mail.read(&mut [0; 16]).is_ok());
    drop(mail);
    server.stop();
}

#[test]
fn a_provider_dies_on_its_callers() {
    let server = start();
    let mail = open_box();
    let readers: Vec<_> = (0..3)
        .map(|_| {
            spawn(|| {
                let errno = open_box().read(&mut [0; 16]).expect_err("no answer").errno;
                exit(errno as usize);
            })
        })
        .collect();

    while mail.stat().st_size < 3 {
        sleep(5);
    }
    server.kill();
    for reader in readers {
        assert_eq!(wexitstatus(reader.wait()) as i32, ENODEV);
    }
    let errno = mail.write(b"x").expect_err("no provider").errno;
    assert!(errno == ENODEV || errno == EBADF, "errno {}", errno);
    expect_error!(open("mail:", O_RDWR), ENODEV);
}

// --- the socket -----------------------------------------------------------------------------

fn socket(flags: usize) -> File {
    File::open(":own", O_CREAT | O_RDWR | O_CLOEXEC | flags).unwrap()
}

#[test]
fn a_socket_that_does_not_wait() {
    let socket = socket(O_NONBLOCK);
    let mut packet = Packet::default();

    assert_eq!(socket.read(&mut packet), Err(error(EAGAIN)));
    let client = spawn(|| assert_eq!(File::open("own:x", O_RDONLY).is_ok(), true));
    let end = monotonic() + 10_000 * MILLISECOND;
    while socket.read(&mut packet) == Err(error(EAGAIN)) {
        assert!(monotonic() < end);
        sleep(1);
    }
    assert_eq!((packet.a, packet.c, packet.d), (SYS_OPEN, 1, O_RDONLY));
    assert_eq!((packet.pid, packet.uid, packet.gid), (client.pid, 0, 0));
    packet.a = 5;
    answer(&socket, &packet);
    // Then it closes.
    let end = monotonic() + 10_000 * MILLISECOND;
    while socket.read(&mut packet) == Err(error(EAGAIN)) {
        assert!(monotonic() < end);
        sleep(1);
    }
    assert_eq!((packet.a, packet.b), (SYS_CLOSE, 5));
    packet.a = 0;
    answer(&socket, &packet);
    client.succeeds();
}

#[test]
fn a_socket_has_events() {
    let socket = socket(0);
    let queue = File::open("event:", O_CREAT | O_RDWR | O_CLOEXEC).unwrap();
    let mut event = Event { id: socket.0, flags: EVENT_READ, data: 7 };

    assert_eq!(queue.write(&event), Ok(24));
    let client = spawn(|| {
        let_block();
        expect_error!(open("own:x", O_RDONLY), ENOENT);
    });
    event = Event::default();
    assert_eq!(queue.read(&mut event), Ok(24));
    assert_eq!((event.id, event.flags, event.data), (socket.0, EVENT_READ, 7));
    let mut packet = next_packet(&socket).unwrap();
    packet.a = Error::mux(Err(error(ENOENT)));
    answer(&socket, &packet);
    client.succeeds();
}

#[test]
fn several_packets_at_once() {
    let socket = socket(0);
    let clients: Vec<_> = (0..3)
        .map(|number| {
            spawn(|| {
                let path = std::format!("own:{}", number);
                expect_error!(open(path, O_RDONLY), EIO);
            })
        })
        .collect();
    let mut packets = [Packet::default(); 4];
    let size = mem::size_of::<Packet>();
    let buffer = unsafe {
        std::slice::from_raw_parts_mut(packets.as_mut_ptr() as *mut u8, 4 * size)
    };

    let_block();
    let mut count = 0;
    while count < 3 * size {
        count += socket.read(&mut buffer[count..]).unwrap();
        assert_eq!(count % size, 0);
    }
    let mut names: Vec<String> = packets[..3]
        .iter()
        .map(|packet| unsafe {
            let name = std::slice::from_raw_parts(packet.b as *const u8, packet.c);
            String::from(std::str::from_utf8(name).unwrap())
        })
        .collect();
    names.sort();
    assert_eq!(names, ["0", "1", "2"]);
    for packet in packets[..3].iter_mut() {
        packet.a = Error::mux(Err(error(EIO)));
    }
    packets[..3].reverse();
    let all = unsafe { std::slice::from_raw_parts(packets.as_ptr() as *const u8, 3 * size) };
    assert_eq!(socket.write(all), Ok(3 * size));
    for client in clients {
        client.succeeds();
    }
}

#[test]
fn answers_that_fit_nothing() {
    let socket = socket(0);
    let stray = Packet { id: 0x7777_7777, a: 3, ..Default::default() };

    // To nobody, twice, and for events of nothing: whatever is said of it, nothing happens.
    let _ = socket.write(&stray);
    let _ = socket.write(&[0; 10]);
    let _ = socket.write(&Packet { id: 0, a: SYS_FEVENT, b: 99, c: 3, ..Default::default() });
    let _ = socket.write(&Packet { id: 0, a: 0x1234, ..Default::default() });
    let client = spawn(|| expect_error!(open("own:x", O_RDONLY), EROFS));
    let mut packet = next_packet(&socket).unwrap();
    packet.a = Error::mux(Err(error(EROFS)));
    answer(&socket, &packet);
    let _ = socket.write(&packet);
    client.succeeds();
}

#[test]
fn a_map_at_an_odd_address() {
    for answer_with in [0x1000, 0x123, 0xffff_8000_0000_0000, 0, 1 << 63] {
        let socket = socket(0);
        let client = spawn(|| {
            let file = File::open("own:x", O_RDWR).unwrap();
            let map = Map { offset: 0, size: 4096, flags: PROT_READ | MAP_SHARED, address: 0 };

            assert!(unsafe { fmap(file.0, &map) }.is_err());
        });

        loop {
            let mut packet = next_packet(&socket).unwrap();
            let call = packet.a;

            packet.a = match call {
                SYS_OPEN => 1,
                SYS_FMAP => answer_with,
                _ => 0,
            };
            answer(&socket, &packet);
            if call == SYS_CLOSE {
                break;
            }
        }
        client.succeeds();
    }
}

#[test]
fn requests_in_both_directions() {
    // A provider that uses another scheme while it serves: a chain of three.
    fn front(socket: &File) {
        let mut number = 0;

        while let Some(mut packet) = next_packet(socket) {
            packet.a = match packet.a {
                SYS_OPEN => {
                    number = open("mail:", O_RDWR | O_CLOEXEC).unwrap();
                    number
                }
                SYS_WRITE => unsafe {
                    let text = std::slice::from_raw_parts(packet.c as *const u8, packet.d);
                    Error::mux(write(number, text))
                },
                SYS_READ => unsafe {
                    let buffer = std::slice::from_raw_parts_mut(packet.c as *mut u8, packet.d);
                    Error::mux(read(number, buffer))
                },
                _ => Error::mux(close(number)),
            };
            answer(socket, &packet);
        }
    }
    let mail = start();
    let chain = Server::start("chain", 0, front);
    let file = File::open("chain:", O_RDWR).unwrap();
    let text: Vec<u8> = (0..9000).map(|at| (at % 241) as u8).collect();
    let mut buffer = std::vec![0; 10_000];

    assert_eq!(file.write(&text), Ok(9000));
    assert_eq!(file.read(&mut buffer[7..]), Ok(9000));
    assert!(buffer[7..9007] == text[..]);
    drop(file);
    chain.stop();
    mail.stop();
}

#[test]
fn a_signal_interrupts_the_provider() {
    static HANDLED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

    extern "C" fn handler(_signal: usize) {
        HANDLED.store(1, std::sync::atomic::Ordering::SeqCst);
    }
    let (ready, told) = pipe(O_CLOEXEC);
    let provider = spawn(|| {
        let socket = socket(0);
        let action = SigAction { sa_handler: Some(handler), ..Default::default() };

        assert_eq!(sigaction(SIGUSR1, Some(&action), None), Ok(0));
        assert_eq!(told.write(b"x"), Ok(1));
        assert_eq!(socket.read(&mut Packet::default()), Err(error(EINTR)));
        assert_eq!(HANDLED.load(std::sync::atomic::Ordering::SeqCst), 1);
    });

    assert_eq!(ready.read(&mut [0; 4]), Ok(1));
    // The first may come before it waits.
    let mut status = !0;
    while waitpid(provider.pid, &mut status, WNOHANG) == Ok(0) {
        provider.kill(SIGUSR1);
        let_block();
    }
    assert_eq!(status, 0);
    mem::forget(provider);
}
