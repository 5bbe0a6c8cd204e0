// SPDX-License-Identifier: GPL-3.0-or-later
//
// Serves the RAM disk of support/ramdisk.rs as `ram:`, until its scheme is unlinked. It returns to
// its caller, a shell for instance, as soon as the scheme is there.

use support::ramdisk::RamDisk;
use support::server::{answer, next_packet};
use support::{exit, File};
use syscall::{Daemon, Scheme, O_CLOEXEC, O_CREAT, O_RDWR};

fn main() {
    let error = Daemon::new(|daemon| {
        let socket = File::open(":ram", O_CREAT | O_RDWR | O_CLOEXEC).expect("new scheme");
        let disk = RamDisk::new("ram");

        daemon.ready().expect("ready");
        while let Some(mut packet) = next_packet(&socket) {
            disk.handle(&mut packet);
            answer(&socket, &packet);
        }
        exit(0)
    });

    panic!("no ram: {:?}", error.err());
}
