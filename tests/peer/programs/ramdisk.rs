// SPDX-License-Identifier: GPL-3.0-or-later
//
// A RAM disk over the crate's trait `Scheme` (support/ramdisk.rs), served by one process and
// used by others.

use std::string::String;

use support::ramdisk::RamDisk;
use support::server::{answer, next_packet, Server};
use support::{
    error, expect_error, monotonic, read_text, signalled, sleep, spawn, File, MILLISECOND,
};
use syscall::*;

const PAGE: usize = 4096;

fn serve(socket: &File) {
    let disk = RamDisk::new("ram");

    while let Some(mut packet) = next_packet(socket) {
        disk.handle(&mut packet);
        answer(socket, &packet);
    }
}

fn start() -> Server {
    Server::start("ram", 0, serve)
}

fn folder(path: &str) -> File {
    File::open(path, O_CREAT | O_EXCL | O_DIRECTORY | O_RDONLY | O_CLOEXEC | 0o755).unwrap()
}

fn bytes(address: usize, size: usize) -> &'static mut [u8] {
    unsafe { std::slice::from_raw_parts_mut(address as *mut u8, size) }
}

fn map(file: &File, offset: usize, size: usize, flags: MapFlags) -> Result<usize> {
    unsafe { fmap(file.0, &Map { offset, size, flags, address: 0 }) }
}

fn unmap(address: usize, size: usize) {
    assert_eq!(unsafe { funmap(address, size) }, Ok(0));
}

/// How many maps the disk knows of.
fn maps(file: &File) -> u64 {
    let mut stat = StatVfs::default();

    assert_eq!(fstatvfs(file.0, &mut stat), Ok(0));
    stat.f_bfree - stat.f_bavail
}

fn read_write() -> MapFlags {
    PROT_READ | PROT_WRITE | MAP_SHARED
}

#[test]
fn content() {
    let server = start();
    let file = File::create("ram:/f");
    let pattern: Vec<u8> = (0..100_000u32).map(|at| (at * 11 + at / 256) as u8).collect();
    let mut buffer = std::vec![0; 100_100];

    assert_eq!(file.write(&pattern), Ok(100_000));
    assert_eq!(file.stat().st_size, 100_000);
    file.seek(0);
    assert_eq!(file.read(&mut buffer[33..]), Ok(100_000));
    assert!(buffer[33..100_033] == pattern[..]);
    assert!(buffer[..33].iter().chain(&buffer[100_033..]).all(|&byte| byte == 0));
    assert_eq!(file.read(&mut buffer), Ok(0));
    // At every place in a page.
    for offset in (0..PAGE).step_by(509) {
        let length = 5000;
        buffer.fill(0xee);
        file.seek(offset as isize);
        assert_eq!(file.read(&mut buffer[offset..offset + length]), Ok(length));
        assert!(buffer[offset..offset + length] == pattern[offset..offset + length]);
        assert!(buffer[..offset].iter().all(|&byte| byte == 0xee));
        assert!(buffer[offset + length..].iter().all(|&byte| byte == 0xee));
    }
    assert_eq!(lseek(file.0, -4, SEEK_END), Ok(99_996));
    assert_eq!(lseek(file.0, 2, SEEK_CUR), Ok(99_998));
    expect_error!(lseek(file.0, -1, SEEK_SET), EINVAL);
    assert_eq!(file.write(&[0; 0]), Ok(0));
    assert_eq!(file.read(&mut []), Ok(0));
    expect_error!(file.write(&std::vec![0; 300_000]), ENOSPC);
    drop(file);
    server.stop();
}

#[test]
fn truncation_and_append() {
    let server = start();
    let file = File::open("ram:/f", O_CREAT | O_RDWR | O_APPEND | 0o644).unwrap();

    assert_eq!(file.write(b"abcdef"), Ok(6));
    file.seek(0);
    assert_eq!(file.write(b"ghi"), Ok(3));
    assert_eq!(ftruncate(file.0, 4), Ok(0));
    assert_eq!(ftruncate(file.0, 8), Ok(0));
    file.seek(0);
    assert_eq!(file.rest(), b"abcd\0\0\0\0");
    assert_eq!(fsync(file.0), Ok(0));
    assert_eq!(File::open("ram:/f", O_RDWR | O_TRUNC).unwrap().stat().st_size, 0);
    let reader = File::open("ram:/f", O_RDONLY).unwrap();
    expect_error!(ftruncate(reader.0, 0), EBADF);
    expect_error!(reader.write(b"x"), EBADF);
    assert_eq!(fcntl(file.0, F_GETFL, 0).map(|flags| flags & O_ACCMODE), Ok(O_RDWR));
    drop((reader, file));
    server.stop();
}

#[test]
fn directories() {
    let server = start();

    drop(folder("ram:/a"));
    drop(folder("ram:/a/b"));
    drop(File::create("ram:/a/b/one"));
    drop(File::create("ram:/a/two"));
    assert_eq!(read_text("ram:/a"), Ok(String::from("b\ntwo")));
    assert_eq!(read_text("ram:"), Ok(String::from("a")));
    assert_eq!(read_text("ram:/a/../a/./b//"), Ok(String::from("one")));
    let listing = File::open("ram:/a", O_RDONLY | O_DIRECTORY).unwrap();
    assert_eq!(listing.stat().st_mode, MODE_DIR | 0o755);

    expect_error!(open("ram:/nothing", O_RDONLY), ENOENT);
    expect_error!(open("ram:/no/f", O_RDWR | O_CREAT), ENOENT);
    expect_error!(open("ram:/a/two/x", O_RDWR | O_CREAT), ENOTDIR);
    expect_error!(open("ram:/a/two", O_RDONLY | O_DIRECTORY), ENOTDIR);
    expect_error!(open("ram:/a", O_RDWR), EISDIR);
    expect_error!(open("ram:/a/two", O_CREAT | O_EXCL | O_RDWR), EEXIST);
    expect_error!(rmdir("ram:/a/two"), ENOTDIR);
    expect_error!(rmdir("ram:/a/b"), ENOTEMPTY);
    expect_error!(unlink("ram:/a/b"), EISDIR);
    assert_eq!(unlink("ram:/a/b/one"), Ok(0));
    assert_eq!(rmdir("ram:/a/b"), Ok(0));
    expect_error!(rmdir("ram:/a/b"), ENOENT);
    assert_eq!(read_text("ram:/a"), Ok(String::from("two")));
    server.stop();
}

#[test]
fn working_directory() {
    let server = start();
    let mut buffer = [0; 32];

    drop(folder("ram:/a"));
    drop(File::create("ram:/f"));
    expect_error!(chdir("ram:/f"), ENOTDIR);
    assert_eq!(chdir("ram:/a"), Ok(0));
    assert_eq!(getcwd(&mut buffer), Ok(6));
    assert_eq!(&buffer[..6], b"ram:/a");
    drop(File::create("g"));
    assert_eq!(File::open("g", O_RDONLY).unwrap().path(), "ram:/a/g");
    assert_eq!(File::open("../f", O_RDONLY).unwrap().path(), "ram:/f");
    assert_eq!(File::open("/f", O_RDONLY).unwrap().path(), "ram:/f");
    assert_eq!(chdir("file:/"), Ok(0));
    server.stop();
}

#[test]
fn renaming() {
    let server = start();
    let file = File::create("ram:/f");

    assert_eq!(file.write(b"moved"), Ok(5));
    assert_eq!(frename(file.0, "ram:/g"), Ok(0));
    expect_error!(open("ram:/f", O_RDONLY), ENOENT);
    assert_eq!(read_text("ram:/g"), Ok(String::from("moved")));
    assert_eq!(file.path(), "ram:/g");
    expect_error!(frename(file.0, "file:/tmp/g"), EXDEV);
    let directory = folder("ram:/d");
    drop(File::create("ram:/d/inner"));
    expect_error!(frename(directory.0, "ram:/g"), ENOTDIR);
    expect_error!(frename(file.0, "ram:/d"), EACCES);
    assert_eq!(frename(directory.0, "ram:/e"), Ok(0));
    assert_eq!(read_text("ram:/e"), Ok(String::from("inner")));
    drop((file, directory));
    server.stop();
}

#[test]
fn attributes() {
    let server = start();
    let file = File::create("ram:/f");
    let times = [TimeSpec { tv_sec: 11, tv_nsec: 1 }, TimeSpec { tv_sec: 22, tv_nsec: 2 }];
    let stat = file.stat();

    assert_eq!((stat.st_mode, stat.st_nlink, stat.st_size), (MODE_FILE | 0o644, 1, 0));
    assert_ne!(stat.st_dev, 0); // the scheme's number, as the provider left it open
    assert_ne!(stat.st_ino, 0);
    assert_eq!(fchmod(file.0, 0o600), Ok(0));
    assert_eq!(fchown(file.0, 7, 8), Ok(0));
    assert_eq!(futimens(file.0, &times), Ok(0));
    let stat = file.stat();
    assert_eq!((stat.st_mode, stat.st_uid, stat.st_gid), (MODE_FILE | 0o600, 7, 8));
    assert_eq!((stat.st_atime, stat.st_atime_nsec), (11, 1));
    assert_eq!((stat.st_mtime, stat.st_mtime_nsec), (22, 2));
    #[allow(deprecated)]
    {
        assert_eq!(chmod("ram:/f", 0o4711), Ok(0));
    }
    assert_eq!(file.stat().st_mode, MODE_FILE | 0o4711);
    assert_eq!(umask(0o077), Ok(0o022));
    let other = File::open("ram:/g", O_CREAT | O_RDWR | 0o666).unwrap();
    assert_eq!(other.stat().st_mode, MODE_FILE | 0o600);
    drop((file, other));
    server.stop();
}

#[test]
fn users() {
    let server = start();
    let file = File::create("ram:/f");

    assert_eq!(fchmod(file.0, 0o640), Ok(0));
    spawn(|| {
        assert_eq!(setregid(600, 600), Ok(0));
        assert_eq!(setreuid(500, 500), Ok(0));
        expect_error!(open("ram:/f", O_RDONLY), EACCES);
        let own = File::create("ram:/own");
        let stat = own.stat();
        assert_eq!((stat.st_uid, stat.st_gid), (500, 600));
    })
    .succeeds();
    drop(file);
    server.stop();
}

#[test]
fn dup_as_the_scheme_likes() {
    let server = start();
    let file = File::create("ram:/f");

    assert_eq!(file.write(b"0123456789"), Ok(10));
    file.seek(4);
    let same = File(dup(file.0, b"").unwrap());
    let fresh = File(dup(file.0, b"again").unwrap());
    expect_error!(dup(file.0, b"otherwise"), EINVAL);
    assert_eq!(lseek(same.0, 0, SEEK_CUR), Ok(4));
    assert_eq!(lseek(fresh.0, 0, SEEK_CUR), Ok(0));
    assert_eq!(dup2(file.0, 60, b"again"), Ok(60));
    assert_eq!(lseek(60, 0, SEEK_CUR), Ok(0));
    assert_eq!(close(60), Ok(0));
    drop((file, same, fresh));
    server.stop();
}

// --- maps -----------------------------------------------------------------------------------

#[test]
fn maps_show_the_file() {
    let server = start();
    let file = File::create("ram:/f");

    assert_eq!(file.write(b"from write"), Ok(10));
    let address = map(&file, 0, 2 * PAGE, read_write()).unwrap();
    assert_eq!(address % PAGE, 0);
    assert_eq!(maps(&file), 1);
    assert_eq!(bytes(address, 10), b"from write");
    // Both ways, at once: there is no copy.
    bytes(address, 8).copy_from_slice(b"by a map");
    file.seek(0);
    assert_eq!(file.rest(), b"by a mapte");
    file.seek(0);
    assert_eq!(file.write(b"and back"), Ok(8));
    assert_eq!(bytes(address, 10), b"and backte");
    bytes(address, 2 * PAGE)[PAGE + 5] = 9;

    let second = map(&file, PAGE, PAGE, PROT_READ | MAP_SHARED).unwrap();
    assert_eq!(bytes(second, PAGE)[5], 9);
    assert_eq!(maps(&file), 2);
    unmap(second, PAGE);
    assert_eq!(maps(&file), 1);
    unmap(address, 2 * PAGE);
    assert_eq!(maps(&file), 0);
    drop(file);
    server.stop();
}

#[test]
fn maps_outlive_the_descriptor() {
    let server = start();
    let file = File::create("ram:/f");
    let root = File::open("ram:", O_RDONLY).unwrap();

    assert_eq!(file.write(b"content"), Ok(7));
    let address = map(&file, 0, PAGE, read_write()).unwrap();
    assert_eq!(file.close(), Ok(0));
    assert_eq!(bytes(address, 7), b"content");
    bytes(address, 7)[0] = b'C';
    assert_eq!(read_text("ram:/f"), Ok(String::from("Content")));
    unmap(address, PAGE);
    assert_eq!(maps(&root), 0);
    drop(root);
    server.stop();
}

#[test]
fn maps_between_clients() {
    let server = start();
    let file = File::create("ram:/f");
    let address = map(&file, 0, PAGE, read_write()).unwrap();

    assert_eq!(ftruncate(file.0, 100), Ok(0));
    // One that inherits the map, and one that makes its own.
    spawn(|| bytes(address, 1)[0] = 1).succeeds();
    spawn(|| {
        let other = File::open("ram:/f", O_RDWR).unwrap();
        let own = map(&other, 0, PAGE, read_write()).unwrap();

        assert_eq!(bytes(own, 1)[0], 1);
        bytes(own, 2)[1] = 2;
        unmap(own, PAGE);
    })
    .succeeds();
    assert_eq!(bytes(address, 2), [1, 2]);
    unmap(address, PAGE);
    assert_eq!(maps(&file), 0);
    drop(file);
    server.stop();
}

#[test]
fn maps_end_with_their_process() {
    let server = start();
    let file = File::create("ram:/f");

    spawn(|| {
        let address = map(&file, 0, PAGE, read_write()).unwrap();
        bytes(address, 1)[0] = 1;
    })
    .succeeds();
    let end = monotonic() + 5000 * MILLISECOND;
    while maps(&file) != 0 {
        assert!(monotonic() < end, "the disk was not told");
        sleep(5);
    }
    drop(file);
    server.stop();
}

#[test]
fn maps_that_are_refused() {
    let server = start();
    let reader = {
        drop(File::create("ram:/f"));
        File::open("ram:/f", O_RDONLY).unwrap()
    };

    assert_eq!(map(&reader, 0, PAGE, read_write()), Err(error(EBADF)));
    assert_eq!(map(&reader, 0, 1 << 30, PROT_READ | MAP_SHARED), Err(error(EINVAL)));
    let address = map(&reader, 0, PAGE, PROT_READ | MAP_SHARED).unwrap();
    let status = spawn(|| bytes(address, 1)[0] = 1).wait();
    assert_eq!(status, signalled(SIGSEGV)); // not to be written
    drop(reader);
    server.stop();
}

#[test]
fn a_dead_disk() {
    let server = start();
    let file = File::create("ram:/f");
    let address = map(&file, 0, PAGE, read_write()).unwrap();
    let gone = |result: Result<usize>| {
        let errno = result.expect_err("a dead disk answers").errno;
        assert!(errno == ENODEV || errno == EBADF, "errno {}", errno);
    };

    bytes(address, 1)[0] = 7;
    server.kill();
    expect_error!(open("ram:/f", O_RDONLY), ENODEV);
    expect_error!(unlink("ram:/f"), ENODEV);
    gone(file.write(b"x"));
    gone(file.read(&mut [0; 4]));
    gone(fstat(file.0, &mut Stat::default()));
    // Reading what was mapped shows it, or ends the process; it does not hang.
    let status = spawn(|| assert!(bytes(address, 1)[0] == 7)).wait();
    assert!(status == 0 || status == signalled(SIGBUS) || status == signalled(SIGSEGV));
    let _ = unsafe { funmap(address, PAGE) };
    let _ = file.close();

    // Another may take the name.
    let server = start();
    drop(File::create("ram:/f"));
    server.stop();
}

#[test]
fn many_clients() {
    let server = start();
    let clients: Vec<_> = (0..5)
        .map(|number| {
            spawn(|| {
                let path = std::format!("ram:/f{}", number);

                for round in 0..25usize {
                    let file = File::create(&path);
                    let text = std::format!("{} {}", number, round).repeat(1 + round % 40);

                    assert_eq!(file.write(text.as_bytes()), Ok(text.len()));
                    file.seek(0);
                    assert_eq!(file.rest_as_text(), text);
                    assert_eq!(file.stat().st_size as usize, text.len());
                    assert_eq!(unlink(&path), Ok(0));
                }
            })
        })
        .collect();

    for client in clients {
        client.succeeds();
    }
    assert_eq!(read_text("ram:"), Ok(String::new()));
    server.stop();
}
