// SPDX-License-Identifier: GPL-3.0-or-later
//
// Descriptors, and the tree of `file:`.

use std::string::String;

use support::{exited, expect_error, error, exit, now, pipe, read_text, spawn, File};
use syscall::*;

/// A new, empty directory of this test.
fn folder(name: &str) -> String {
    let path = std::format!("file:/tmp/files-{}-{}", name, getpid().unwrap());
    let made = open(&path, O_CREAT | O_EXCL | O_DIRECTORY | O_RDONLY | O_CLOEXEC | 0o755).unwrap();

    assert_eq!(close(made), Ok(0));
    path
}

fn names(path: &str) -> Vec<String> {
    let text = File::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC).unwrap().rest_as_text();
    let mut found: Vec<String> =
        text.split('\n').filter(|name| !name.is_empty()).map(String::from).collect();

    found.sort();
    found
}

fn become_user(id: usize) {
    assert_eq!(setregid(id, id), Ok(0));
    assert_eq!(setreuid(id, id), Ok(0));
}

// --- descriptors ----------------------------------------------------------------------------

#[test]
fn lowest_descriptor_first() {
    let path = folder("lowest") + "/f";
    let a = File::create(&path).into_number();
    let b = open(&path, O_RDONLY).unwrap();
    let c = open(&path, O_RDONLY).unwrap();

    assert_eq!((b, c), (a + 1, a + 2));
    assert_eq!(close(b), Ok(0));
    expect_error!(close(b), EBADF);
    assert_eq!(open(&path, O_RDONLY), Ok(b));
    assert_eq!(dup(a, b""), Ok(c + 1));
    assert_eq!(fcntl(a, F_DUPFD, 40), Ok(40));
    assert_eq!(fcntl(a, F_DUPFD, 40), Ok(41));
}

#[test]
fn dup_shares_the_offset() {
    let file = File::create(&(folder("dup") + "/f"));
    let twin = File(dup(file.0, b"").unwrap());
    let mut buffer = [0; 3];

    assert_eq!(file.write(b"abcdef"), Ok(6));
    file.seek(1);
    assert_eq!(twin.read(&mut buffer), Ok(3));
    assert_eq!(&buffer, b"bcd");
    assert_eq!(lseek(file.0, 0, SEEK_CUR), Ok(4));
    drop(file);
    assert_eq!(twin.read(&mut buffer), Ok(2));
    // file: makes no new number of its own.
    assert!(dup(twin.0, b"other").is_err());
}

#[test]
fn dup2_replaces() {
    let base = folder("dup2");
    let a = File::create(&(base.clone() + "/a"));
    let b = File::create(&(base + "/b"));

    assert_eq!(a.write(b"first"), Ok(5));
    assert_eq!(dup2(a.0, b.0, b""), Ok(b.0));
    assert_eq!(dup2(a.0, a.0, b""), Ok(a.0));
    assert_eq!(lseek(b.0, 0, SEEK_CUR), Ok(5));
    assert_eq!(dup2(a.0, 500, b""), Ok(500));
    assert_eq!(File(500).path(), a.path());
    expect_error!(dup2(499, 500, b""), EBADF);
    expect_error!(dup2(a.0, 65536, b""), EMFILE);
}

#[test]
fn flags_by_fcntl() {
    let path = folder("fcntl") + "/f";
    let flags = O_RDWR | O_CLOEXEC | O_CREAT | O_APPEND;
    let file = File::open(&path, flags).unwrap();

    assert_eq!(fcntl(file.0, F_GETFD, 0), Ok(O_CLOEXEC));
    assert_eq!(fcntl(file.0, F_SETFD, 0), Ok(0));
    assert_eq!(fcntl(file.0, F_GETFD, 0), Ok(0));
    assert_eq!(fcntl(file.0, F_SETFD, O_CLOEXEC), Ok(0));
    assert_eq!(fcntl(file.0, F_GETFD, 0), Ok(O_CLOEXEC));

    let twin = File(dup(file.0, b"").unwrap());
    assert_eq!(fcntl(twin.0, F_GETFD, 0), Ok(0));

    let got = fcntl(file.0, F_GETFL, 0).unwrap();
    assert_eq!(got & O_ACCMODE, O_RDWR);
    assert_eq!(got & (O_APPEND | O_CLOEXEC), O_APPEND);

    // SETFL is the description's: the twin sees it. The access mode stays.
    assert_eq!(fcntl(file.0, F_SETFL, O_RDONLY | O_NONBLOCK), Ok(0));
    let got = fcntl(twin.0, F_GETFL, 0).unwrap();
    assert_eq!(got & (O_ACCMODE | O_APPEND | O_NONBLOCK), O_RDWR | O_NONBLOCK);

    expect_error!(fcntl(file.0, 77, 0), EINVAL);
    expect_error!(fcntl(9999, F_GETFL, 0), EBADF);
}

#[test]
fn closed_descriptors_are_bad() {
    let file = File::create(&(folder("closed") + "/f"));
    let number = file.0;
    let mut buffer = [0; 4];

    assert_eq!(file.close(), Ok(0));
    expect_error!(read(number, &mut buffer), EBADF);
    expect_error!(write(number, &buffer), EBADF);
    expect_error!(lseek(number, 0, SEEK_SET), EBADF);
    expect_error!(fstat(number, &mut Stat::default()), EBADF);
    expect_error!(fpath(number, &mut buffer), EBADF);
    expect_error!(fsync(number), EBADF);
    expect_error!(ftruncate(number, 0), EBADF);
    expect_error!(dup(number, b""), EBADF);
    expect_error!(read(usize::MAX, &mut buffer), EBADF);
    expect_error!(read(1 << 32, &mut buffer), EBADF);
}

#[test]
fn wild_pointers_are_faults() {
    const KERNEL_HALF: usize = 0xffff_8000_0000_0000;
    const NON_CANONICAL: usize = 0x8000_0000_0000_0000;
    let file = File::create(&(folder("wild") + "/f"));

    assert_eq!(file.write(b"content"), Ok(7));
    file.seek(0);
    for address in [1, 0x1000, KERNEL_HALF, NON_CANONICAL, usize::MAX - 8] {
        unsafe {
            expect_error!(syscall3(SYS_READ, file.0, address, 16), EFAULT);
            expect_error!(syscall3(SYS_WRITE, file.0, address, 16), EFAULT);
            expect_error!(syscall3(SYS_OPEN, address, 16, O_RDONLY), EFAULT);
            expect_error!(syscall3(SYS_FPATH, file.0, address, 16), EFAULT);
            expect_error!(syscall3(SYS_FSTAT, file.0, address, 104), EFAULT);
            expect_error!(syscall2(SYS_PIPE2, address, 0), EFAULT);
        }
    }
    let code = wild_pointers_are_faults as usize;
    unsafe {
        // Mapped, but not to be written.
        expect_error!(syscall3(SYS_READ, file.0, code, 4), EFAULT);
        expect_error!(syscall3(SYS_FSTAT, file.0, code, 104), EFAULT);
        // Wraps around.
        expect_error!(syscall3(SYS_READ, file.0, code, usize::MAX), EFAULT);
        // No length, no pointer.
        assert_eq!(syscall3(SYS_READ, file.0, KERNEL_HALF, 0), Ok(0));
        assert_eq!(syscall3(SYS_WRITE, file.0, 1, 0), Ok(0));
        // The structure's size must fit.
        let mut stat = [0u8; 256];
        for size in [0, 96, 103, 105, 256] {
            expect_error!(syscall3(SYS_FSTAT, file.0, stat.as_mut_ptr() as usize, size), EINVAL);
        }
    }
    // Nothing was consumed.
    assert_eq!(lseek(file.0, 0, SEEK_CUR), Ok(0));
    assert_eq!(file.stat().st_size, 7);
}

#[test]
fn names_are_utf8() {
    let name = b"file:/tmp/\xff\xfe";

    unsafe {
        expect_error!(syscall3(SYS_OPEN, name.as_ptr() as usize, name.len(), O_RDONLY), EINVAL);
        expect_error!(syscall2(SYS_UNLINK, name.as_ptr() as usize, name.len()), EINVAL);
        expect_error!(syscall2(SYS_CHDIR, name.as_ptr() as usize, name.len()), EINVAL);
    }
}

// --- paths ----------------------------------------------------------------------------------

#[test]
fn relative_and_absolute() {
    let base = folder("paths");
    let inner = base.clone() + "/inner";
    let mut buffer = [0; 64];

    drop(File::open(&inner, O_CREAT | O_DIRECTORY | O_RDONLY | 0o755).unwrap());
    drop(File::create(&(inner.clone() + "/f")));
    assert_eq!(chdir(&inner), Ok(0));
    assert_eq!(File::open("f", O_RDONLY).unwrap().path(), inner.clone() + "/f");
    assert_eq!(File::open("./../inner//f", O_RDONLY).unwrap().path(), inner.clone() + "/f");
    assert_eq!(chdir(".."), Ok(0));
    assert_eq!(File::open("inner/f", O_RDONLY).unwrap().path(), inner.clone() + "/f");
    assert_eq!(chdir("/tmp/"), Ok(0));
    assert_eq!(getcwd(&mut buffer), Ok(9));
    assert_eq!(&buffer[..9], b"file:/tmp");
    // What fits is copied.
    assert_eq!(getcwd(&mut buffer[..6]), Ok(6));
    assert_eq!(File::open("/bin/../tmp/.", O_RDONLY).unwrap().path(), "file:/tmp");
    assert_eq!(chdir("file:"), Ok(0));
    assert_eq!(File::open("tmp", O_RDONLY).unwrap().path(), "file:/tmp");
    assert_eq!(File::open("../../tmp", O_RDONLY).unwrap().path(), "file:/tmp");

    expect_error!(chdir(inner + "/f"), ENOTDIR);
    expect_error!(chdir("file:/no-such"), ENOENT);
    expect_error!(chdir("nothing:/x"), ENODEV);
}

#[test]
fn unknown_schemes() {
    expect_error!(open("nothing:/x", O_RDONLY), ENODEV);
    expect_error!(unlink("nothing:/x"), ENODEV);
    expect_error!(rmdir("nothing:/x"), ENODEV);
    #[allow(deprecated)]
    {
        expect_error!(chmod("nothing:/x", 0o644), ENODEV);
    }
    let file = File::create(&(folder("schemes") + "/f"));
    expect_error!(frename(file.0, "nothing:/x"), ENODEV);
    expect_error!(frename(file.0, "memory:"), EXDEV);
    // Names are exact.
    expect_error!(open("File:/tmp", O_RDONLY), ENODEV);
}

#[test]
fn paths_are_cut_to_the_buffer() {
    let file = File::create(&(folder("cut") + "/f"));
    let mut buffer = [b'#'; 8];

    assert_eq!(fpath(file.0, &mut buffer[..4]), Ok(4));
    assert_eq!(&buffer, b"file####");
    assert_eq!(fpath(file.0, &mut []), Ok(0));
}

#[test]
fn symbolic_links() {
    let base = folder("links");
    let target = base.clone() + "/target";
    let link = base.clone() + "/link";

    assert_eq!(File::create(&target).write(b"behind"), Ok(6));
    let made = File::open(&link, O_CREAT | O_SYMLINK | O_WRONLY | 0o777).unwrap();
    assert_eq!(made.write(target.as_bytes()), Ok(target.len()));
    drop(made);

    assert_eq!(read_text(&link), Ok(String::from("behind")));
    let itself = File::open(&link, O_SYMLINK | O_RDONLY).unwrap();
    assert_eq!(itself.stat().st_mode & MODE_TYPE, MODE_SYMLINK);
    assert_eq!(itself.rest_as_text(), target);
    expect_error!(open(&target, O_SYMLINK | O_RDONLY), EINVAL);

    // In a circle.
    let circle = base + "/circle";
    let made = File::open(&circle, O_CREAT | O_SYMLINK | O_WRONLY | 0o777).unwrap();
    assert_eq!(made.write(circle.as_bytes()), Ok(circle.len()));
    drop(made);
    expect_error!(open(&circle, O_RDONLY), ELOOP);
}

// --- opening --------------------------------------------------------------------------------

#[test]
fn creation() {
    let base = folder("creation");
    let path = base.clone() + "/f";

    expect_error!(open(&path, O_RDONLY), ENOENT);
    expect_error!(open(&path, O_RDWR), ENOENT);
    expect_error!(open(base.clone() + "/no/f", O_RDWR | O_CREAT | 0o600), ENOENT);

    let before = now(CLOCK_REALTIME) / 1_000_000_000;
    let file = File::open(&path, O_RDWR | O_CREAT | O_EXCL | 0o666).unwrap();
    let stat = file.stat();

    assert_eq!(stat.st_mode, MODE_FILE | 0o644); // the umask
    assert_eq!((stat.st_size, stat.st_nlink, stat.st_uid, stat.st_gid), (0, 1, 0, 0));
    assert_ne!(stat.st_ino, 0);
    assert_ne!(stat.st_ino, File::create(&(base.clone() + "/g")).stat().st_ino);
    for time in [stat.st_mtime, stat.st_atime, stat.st_ctime] {
        assert!((before..before + 30).contains(&(time as i64)), "{} {}", before, time);
    }
    expect_error!(open(&path, O_RDWR | O_CREAT | O_EXCL), EEXIST);
    assert_eq!(file.write(b"kept"), Ok(4));
    assert_eq!(File::open(&path, O_RDWR | O_CREAT).unwrap().stat().st_size, 4);
    assert_eq!(File::open(&path, O_RDWR | O_TRUNC).unwrap().stat().st_size, 0);
    expect_error!(open(path.clone() + "/x", O_RDONLY), ENOTDIR);
    expect_error!(open(&path, O_RDONLY | O_DIRECTORY), ENOTDIR);
    expect_error!(open(&base, O_WRONLY), EISDIR);
    expect_error!(open(&base, O_RDWR), EISDIR);
}

#[test]
fn access_modes() {
    let path = folder("modes") + "/f";
    let mut buffer = [0; 4];

    drop(File::create(&path));
    let reader = File::open(&path, O_RDONLY).unwrap();
    expect_error!(reader.write(b"no"), EBADF);
    expect_error!(ftruncate(reader.0, 0), EBADF);
    assert_eq!(reader.read(&mut buffer), Ok(0));

    let writer = File::open(&path, O_WRONLY).unwrap();
    assert_eq!(writer.write(b"yes"), Ok(3));
    writer.seek(0);
    expect_error!(writer.read(&mut buffer), EBADF);

    for flags in [0, O_STAT] {
        let neither = File::open(&path, flags).unwrap();
        expect_error!(neither.read(&mut buffer), EBADF);
        expect_error!(neither.write(b"no"), EBADF);
        assert_eq!(neither.stat().st_size, 3);
        assert_eq!(neither.path(), path);
        assert_eq!(fchmod(neither.0, 0o600), Ok(0));
    }
}

// --- content --------------------------------------------------------------------------------

#[test]
fn reading_and_writing() {
    let file = File::create(&(folder("content") + "/f"));
    let pattern: Vec<u8> = (0..50_000u32).map(|at| (at * 7 + at / 256) as u8).collect();
    let mut buffer = std::vec![0; 60_000];

    assert_eq!(file.write(&pattern), Ok(50_000));
    assert_eq!(file.stat().st_size, 50_000);
    file.seek(0);
    assert_eq!(file.read(&mut buffer), Ok(50_000));
    assert!(buffer[..50_000] == pattern[..]);
    assert_eq!(file.read(&mut buffer), Ok(0));

    assert_eq!(lseek(file.0, -10, SEEK_END), Ok(49_990));
    assert_eq!(file.read(&mut buffer), Ok(10));
    assert_eq!(lseek(file.0, -5, SEEK_CUR), Ok(49_995));
    assert_eq!(file.write(b"0123456789"), Ok(10));
    assert_eq!(file.stat().st_size, 50_005);
    expect_error!(lseek(file.0, -1, SEEK_SET), EINVAL);
    expect_error!(lseek(file.0, 0, 3), EINVAL);
    assert_eq!(fsync(file.0), Ok(0));
}

#[test]
fn holes_are_zeros() {
    let file = File::create(&(folder("holes") + "/f"));

    assert_eq!(file.write(b"abc"), Ok(3));
    file.seek(10_000);
    assert_eq!(file.write(b"z"), Ok(1));
    file.seek(0);
    let content = file.rest();
    assert_eq!(content.len(), 10_001);
    assert_eq!(&content[..3], b"abc");
    assert!(content[3..10_000].iter().all(|&byte| byte == 0));

    // What a shrink cut off does not come back.
    assert_eq!(ftruncate(file.0, 2), Ok(0));
    assert_eq!(ftruncate(file.0, 6), Ok(0));
    file.seek(0);
    assert_eq!(file.rest(), b"ab\0\0\0\0");
}

#[test]
fn appending() {
    let path = folder("append") + "/f";
    let file = File::open(&path, O_CREAT | O_RDWR | O_APPEND | 0o644).unwrap();
    let other = File::open(&path, O_RDWR).unwrap();

    assert_eq!(file.write(b"one"), Ok(3));
    file.seek(0);
    assert_eq!(file.write(b"two"), Ok(3));
    assert_eq!(fcntl(file.0, F_SETFL, 0), Ok(0));
    file.seek(0);
    assert_eq!(file.write(b"ONE"), Ok(3));
    assert_eq!(fcntl(file.0, F_SETFL, O_APPEND), Ok(0));
    assert_eq!(other.write(b"x"), Ok(1));
    assert_eq!(file.write(b"!"), Ok(1));
    assert_eq!(read_text(&path), Ok(String::from("xNEtwo!")));
}

// --- directories ----------------------------------------------------------------------------

#[test]
fn directories_are_text() {
    let base = folder("listing");

    assert_eq!(names(&base), Vec::<String>::new());
    for name in ["alpha", "beta", "gamma"] {
        drop(File::create(&(base.clone() + "/" + name)));
    }
    assert_eq!(names(&base), ["alpha", "beta", "gamma"]);

    // In pieces, from one snapshot.
    let open = File::open(&base, O_RDONLY).unwrap();
    assert_eq!(open.stat().st_mode & MODE_TYPE, MODE_DIR);
    assert_eq!(unlink(base.clone() + "/beta"), Ok(0));
    let mut pieces = Vec::new();
    let mut piece = [0; 3];
    loop {
        match open.read(&mut piece).unwrap() {
            0 => break,
            count => pieces.extend_from_slice(&piece[..count]),
        }
    }
    assert!(String::from_utf8(pieces.clone()).unwrap().contains("beta"));
    open.seek(0);
    assert_eq!(open.rest(), pieces);
    expect_error!(open.write(b"no"), EBADF);
    assert_eq!(names(&base), ["alpha", "gamma"]);
}

#[test]
fn removal() {
    let base = folder("removal");
    let inner = base.clone() + "/inner";
    let path = inner.clone() + "/f";

    drop(File::open(&inner, O_CREAT | O_DIRECTORY | O_RDONLY | 0o755).unwrap());
    let file = File::create(&path);
    expect_error!(unlink(&inner), EISDIR);
    expect_error!(rmdir(&path), ENOTDIR);
    expect_error!(rmdir(&inner), ENOTEMPTY);
    assert_eq!(unlink(&path), Ok(0));
    expect_error!(unlink(&path), ENOENT);
    expect_error!(open(&path, O_RDONLY), ENOENT);
    // The open file goes on.
    assert_eq!(file.write(b"still"), Ok(5));
    file.seek(0);
    assert_eq!(file.rest(), b"still");
    assert_eq!(rmdir(&inner), Ok(0));
    expect_error!(rmdir(&inner), ENOENT);
}

#[test]
fn renaming() {
    let base = folder("renaming");
    let (a, b) = (base.clone() + "/a", base.clone() + "/b");
    let (d, e) = (base.clone() + "/d", base.clone() + "/e");
    let make = |path: &String| File::open(path, O_CREAT | O_DIRECTORY | O_RDONLY | 0o755).unwrap();

    let file = File::create(&a);
    assert_eq!(file.write(b"moved"), Ok(5));
    drop(File::create(&b));
    assert_eq!(frename(file.0, &b), Ok(0));
    expect_error!(open(&a, O_RDONLY), ENOENT);
    assert_eq!(read_text(&b), Ok(String::from("moved")));
    assert_eq!(file.path(), b);
    assert_eq!(file.write(b"!"), Ok(1));

    let directory = make(&d);
    drop(File::create(&(d.clone() + "/inside")));
    drop(make(&e));
    expect_error!(frename(directory.0, &b), ENOTDIR);
    expect_error!(frename(file.0, &e), EACCES);
    assert_eq!(frename(directory.0, &e), Ok(0)); // over an empty one, with all that it holds
    assert_eq!(names(&e), ["inside"]);
    let other = make(&d);
    expect_error!(frename(other.0, &e), ENOTEMPTY);
    assert_eq!(names(&base), ["b", "d", "e"]);
}

// --- attributes and permissions -------------------------------------------------------------

#[test]
fn times_can_be_set() {
    let file = File::create(&(folder("times") + "/f"));
    let times = [
        TimeSpec { tv_sec: 1111, tv_nsec: 11 },
        TimeSpec { tv_sec: 2222, tv_nsec: 22 },
    ];

    assert_eq!(futimens(file.0, &times), Ok(0));
    let stat = file.stat();
    assert_eq!((stat.st_atime, stat.st_atime_nsec), (1111, 11));
    assert_eq!((stat.st_mtime, stat.st_mtime_nsec), (2222, 22));
}

#[test]
fn modes_can_be_changed() {
    let path = folder("chmod") + "/f";
    let file = File::create(&path);

    assert_eq!(fchmod(file.0, 0o4751), Ok(0));
    assert_eq!(file.stat().st_mode, MODE_FILE | 0o4751);
    #[allow(deprecated)]
    {
        assert_eq!(chmod(&path, 0o640), Ok(0));
        expect_error!(chmod(path + "x", 0o640), ENOENT);
    }
    assert_eq!(file.stat().st_mode, MODE_FILE | 0o640);
    assert_eq!(fchown(file.0, 12, 34), Ok(0));
    assert_eq!(fchown(file.0, u32::MAX, 35), Ok(0));
    let stat = file.stat();
    assert_eq!((stat.st_uid, stat.st_gid), (12, 35));
}

#[test]
fn permissions_hold() {
    let base = folder("permissions");
    let path = base.clone() + "/f";
    let file = File::create(&path);
    let closed = base.clone() + "/closed";

    assert_eq!(fchmod(file.0, 0o640), Ok(0));
    drop(File::open(&closed, O_CREAT | O_DIRECTORY | O_RDONLY | 0o700).unwrap());
    drop(File::create(&(closed.clone() + "/f")));
    spawn(|| {
        become_user(1000);
        expect_error!(open(&path, O_RDONLY), EACCES);
        expect_error!(open(&path, O_WRONLY), EACCES);
        expect_error!(open(&path, O_RDONLY | O_TRUNC), EACCES);
        expect_error!(open(closed.clone() + "/f", O_RDONLY), EACCES);
        expect_error!(open(base.clone() + "/new", O_CREAT | O_RDWR | 0o644), EACCES);
        expect_error!(unlink(&path), EACCES);
        expect_error!(rmdir(&closed), EACCES);
        expect_error!(fchmod(file.0, 0o666), EPERM);
        expect_error!(fchown(file.0, 0, 0), EPERM);
        expect_error!(futimens(file.0, &[TimeSpec::default(), TimeSpec::default()]), EPERM);
        // An open descriptor keeps what it may.
        assert_eq!(file.write(b"x"), Ok(1));

        let own = File::create(&std::format!("file:/tmp/own-{}", getpid().unwrap()));
        let stat = own.stat();
        assert_eq!((stat.st_uid, stat.st_gid), (1000, 1000));
        assert_eq!(fchmod(own.0, 0o600), Ok(0));
        assert_eq!(fchown(own.0, 1000, 1000), Ok(0));
        assert_eq!(unlink(own.path()), Ok(0));
    })
    .succeeds();

    // By the group, and by everybody.
    assert_eq!(fchown(file.0, 0, 50), Ok(0));
    spawn(|| {
        become_user(50);
        assert!(File::open(&path, O_RDONLY).is_ok());
        expect_error!(open(&path, O_RDWR), EACCES);
    })
    .succeeds();
    assert_eq!(fchmod(file.0, 0o602), Ok(0));
    spawn(|| {
        become_user(60);
        assert!(File::open(&path, O_WRONLY).is_ok());
        expect_error!(open(&path, O_RDONLY), EACCES);
    })
    .succeeds();
}

#[test]
fn file_systems_have_sizes() {
    let file = File::create(&(folder("statvfs") + "/f"));
    let mut stat = StatVfs::default();

    assert_eq!(fstatvfs(file.0, &mut stat), Ok(0));
    assert!(stat.f_bsize > 0 && stat.f_blocks > 0);
    assert!(stat.f_bfree <= stat.f_blocks && stat.f_bavail <= stat.f_blocks);
}

#[test]
fn files_cannot_be_waited_for() {
    let file = File::create(&(folder("events") + "/f"));
    let queue = File::open("event:", O_CREAT | O_RDWR).unwrap();
    let event = Event { id: file.0, flags: EVENT_READ, data: 1 };

    assert_eq!(queue.write(&event), Err(error(EPERM)));
}

// --- pipes ----------------------------------------------------------------------------------

#[test]
fn pipes_end() {
    let (output, input) = pipe(O_CLOEXEC);
    let mut buffer = [0; 8];

    assert_eq!(input.write(b"last"), Ok(4));
    expect_error!(output.write(b"x"), EBADF);
    expect_error!(input.read(&mut buffer), EBADF);
    expect_error!(lseek(output.0, 0, SEEK_SET), ESPIPE);
    assert_eq!(output.stat().st_mode, MODE_FIFO | 0o666);
    assert_eq!(output.path(), "pipe:");
    drop(input);
    assert_eq!(output.read(&mut buffer), Ok(4));
    assert_eq!(output.read(&mut buffer), Ok(0));

    let (output, input) = pipe(O_CLOEXEC | O_NONBLOCK);
    expect_error!(output.read(&mut buffer), EAGAIN);
    drop(output);
    expect_error!(input.write(b"x"), EPIPE);
}

#[test]
fn pipes_fill() {
    let (output, input) = pipe(O_NONBLOCK);
    let block = [7; 4096];
    let mut total = 0;

    loop {
        match input.write(&block) {
            Ok(count) => total += count,
            Err(full) => {
                assert_eq!(full, error(EAGAIN));
                break;
            }
        }
        assert!(total < 16 << 20);
    }
    assert!(total >= 4096);
    let mut buffer = std::vec![0; 4096];
    let mut taken = 0;
    while let Ok(count) = output.read(&mut buffer) {
        assert!(buffer[..count].iter().all(|&byte| byte == 7));
        taken += count;
    }
    assert_eq!(taken, total);
}

#[test]
fn pipes_carry_much() {
    const TOTAL: usize = 1 << 20;
    let (output, input) = pipe(0);
    let writer = spawn(|| {
        let mut sent = 0;
        let mut block = [0; 3000];

        while sent < TOTAL {
            let count = block.len().min(TOTAL - sent);
            for (index, byte) in block[..count].iter_mut().enumerate() {
                *byte = ((sent + index) % 251) as u8;
            }
            sent += input.write(&block[..count]).unwrap();
        }
    });

    drop(input);
    let mut received = 0;
    let mut buffer = [0; 1024];
    loop {
        match output.read(&mut buffer).unwrap() {
            0 => break,
            count => {
                for (index, &byte) in buffer[..count].iter().enumerate() {
                    assert_eq!(byte as usize, (received + index) % 251);
                }
                received += count;
            }
        }
    }
    assert_eq!(received, TOTAL);
    writer.succeeds();
}

#[test]
fn exit_closes() {
    let (output, input) = pipe(0);
    let child = spawn(|| exit(3));

    drop(input);
    assert_eq!(child.wait(), exited(3));
    assert_eq!(output.read(&mut [0; 4]), Ok(0));
}
