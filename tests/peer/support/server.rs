// SPDX-License-Identifier: GPL-3.0-or-later
//
// A process that serves a scheme, for as long as the value here lives. It is started with the
// crate's Daemon: the process that this one starts ends as soon as the scheme is there, and
// hands the serving one to this process. It ends by itself when its scheme is unlinked.

use std::mem;
use std::string::String;

use syscall::{Daemon, Packet, WaitFlags};

use crate::{exit, spawn, File};

pub struct Server {
    name: String,
    pid: usize,
}

/// What a serving process does: gets the scheme's socket, returns when it is to end.
pub type Serve = fn(&File);

impl Server {
    /// Registers `name` and serves it. `flags` are for the socket, besides CREAT and RDWR.
    pub fn start(name: &str, flags: usize, serve: Serve) -> Server {
        let (result, told) = crate::pipe(syscall::O_CLOEXEC);
        let starter = spawn(|| {
            let _ = Daemon::new(|daemon| {
                let all = syscall::O_CREAT | syscall::O_RDWR | syscall::O_CLOEXEC | flags;
                let socket = File::open(&std::format!(":{}", name), all).expect("new scheme");
                let pid = syscall::getpid().expect("getpid");

                assert_eq!(told.write(&pid.to_ne_bytes()), Ok(mem::size_of::<usize>()));
                daemon.ready().expect("ready");
                serve(&socket);
                exit(0)
            });
            panic!("no scheme {}", name);
        });
        let mut pid = [0; mem::size_of::<usize>()];

        starter.succeeds();
        drop(told);
        assert_eq!(result.read(&mut pid), Ok(pid.len()));
        Server { name: String::from(name), pid: usize::from_ne_bytes(pid) }
    }

    pub fn pid(&self) -> usize {
        self.pid
    }

    /// Unlinks the scheme; the process must end of itself, and well.
    pub fn stop(self) {
        let mut status = !0;

        assert_eq!(syscall::unlink(std::format!(":{}", self.name)), Ok(0));
        assert_eq!(syscall::waitpid(self.pid, &mut status, WaitFlags::empty()), Ok(self.pid));
        assert_eq!(status, 0, "the server's wait status");
        mem::forget(self);
    }

    /// Ends the process in the middle of whatever it does.
    pub fn kill(self) {
        let mut status = 0;

        assert_eq!(syscall::kill(self.pid, syscall::SIGKILL), Ok(0));
        assert_eq!(syscall::waitpid(self.pid, &mut status, WaitFlags::empty()), Ok(self.pid));
        assert_eq!(status, syscall::SIGKILL);
        mem::forget(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = syscall::kill(self.pid, syscall::SIGKILL);
    }
}

/// The next packet, or None when the scheme is gone and all is answered.
pub fn next_packet(socket: &File) -> Option<Packet> {
    let mut packet = Packet::default();

    match socket.read(&mut packet).expect("read of the scheme's socket") {
        0 => None,
        count => {
            assert_eq!(count, mem::size_of::<Packet>());
            Some(packet)
        }
    }
}

pub fn answer(socket: &File, packet: &Packet) {
    assert_eq!(socket.write(packet), Ok(mem::size_of::<Packet>()));
}
