// SPDX-License-Identifier: GPL-3.0-or-later
//
// Namespaces of schemes, and the root scheme.

use std::string::String;

use support::{expect_error, read_text, spawn, File};
use syscall::*;

fn make(names: &[&str]) -> Result<usize> {
    let slices: Vec<_> = names.iter().map(|name| [name.as_ptr() as usize, name.len()]).collect();

    mkns(&slices)
}

fn schemes() -> Vec<String> {
    let text = read_text(":").unwrap();

    assert!(text.ends_with('\n'));
    text.lines().map(String::from).collect()
}

fn has(name: &str) -> bool {
    schemes().iter().any(|scheme| scheme == name)
}

fn become_user() {
    assert_eq!(setregid(1000, 1000), Ok(0));
    assert_eq!(setreuid(1000, 1000), Ok(0));
}

#[test]
fn the_first_namespace() {
    assert_eq!((getns(), getens()), (Ok(1), Ok(1)));
    for name in ["event", "time", "memory", "sys", "pipe", "debug", "irq", "file", "thisproc",
                 "proc", "itimer", "initfs"] {
        assert!(has(name), "{} is missing in {:?}", name, schemes());
    }
    let root = File::open(":", O_RDONLY).unwrap();
    assert_eq!(root.stat().st_mode & MODE_TYPE, MODE_DIR);
    assert_eq!(root.path(), ":");
}

#[test]
fn a_smaller_one() {
    spawn(|| {
        let space = make(&["file", "pipe"]).unwrap();
        let next = make(&["file"]).unwrap();
        let open_before = File::open("debug:", O_RDONLY | O_NONBLOCK).unwrap();

        assert!(space >= 2);
        assert_eq!(next, space + 1);
        assert_eq!(setrens(space, space), Ok(0));
        assert_eq!((getns(), getens()), (Ok(space), Ok(space)));
        for name in ["file", "pipe", "event", "itimer", "memory", "sys", "time"] {
            assert!(has(name), "{}", name);
        }
        for name in ["debug", "irq", "proc", "thisproc", "serio"] {
            assert!(!has(name), "{}", name);
            expect_error!(open(std::format!("{}:", name), O_RDONLY), ENODEV);
        }
        assert!(open("file:/tmp", O_RDONLY).is_ok());
        expect_error!(chdir("debug:"), ENODEV);
        expect_error!(unlink("debug:x"), ENODEV);
        // What was open stays open, and children are in it too.
        let mut buffer = [0; 16];
        assert_eq!(fpath(open_before.0, &mut buffer), Ok(6));
        spawn(|| assert_eq!(getens(), Ok(space))).succeeds();
        // Only what is here can be handed on.
        expect_error!(make(&["file", "debug"]), ENODEV);
        assert!(make(&["file"]).is_ok());
    })
    .succeeds();
    assert_eq!((getns(), getens()), (Ok(1), Ok(1)));
}

#[test]
fn nothing_at_all() {
    spawn(|| {
        let open_before = File::open("file:/tmp", O_RDONLY).unwrap();

        assert_eq!(setrens(usize::MAX, 0), Ok(0));
        assert_eq!((getns(), getens()), (Ok(1), Ok(0)));
        for path in [":", "file:/tmp", "event:", "time:1", "sys:", "pipe:", "debug:", "/tmp", "tmp",
                     "file:../tmp", "../file:/tmp"] {
            expect_error!(open(path, O_RDONLY), ENODEV);
        }
        assert!(open("memory:", O_RDONLY).is_ok());
        assert!(open("thisproc:current/regs/env", O_RDONLY).is_ok());
        assert_eq!(open_before.stat().st_mode & MODE_TYPE, MODE_DIR);
        // pipe2 works anywhere.
        let (output, input) = support::pipe(0);
        assert_eq!(input.write(b"x"), Ok(1));
        assert_eq!(output.read(&mut [0; 4]), Ok(1));
        // The real one is still 1, but from 0 there is no way back.
        expect_error!(setrens(usize::MAX, 1), EPERM);
        expect_error!(setrens(1, 1), EPERM);
        expect_error!(make(&["file"]), ENODEV);
        assert_eq!(setrens(0, 0), Ok(0));
        assert_eq!((getns(), getens()), (Ok(0), Ok(0)));
        expect_error!(setrens(1, 0), EPERM);
        spawn(|| expect_error!(open("file:/tmp", O_RDONLY), ENODEV)).succeeds();
    })
    .succeeds();
}

#[test]
fn users_and_namespaces() {
    let space = make(&["file"]).unwrap();

    spawn(|| {
        assert_eq!(setrens(1, space), Ok(0));
        become_user();
        expect_error!(make(&["file"]), EACCES);
        expect_error!(setrens(space + 100, space + 100), EPERM);
        assert_eq!(setrens(usize::MAX, 1), Ok(0)); // one of its two
        assert_eq!(setrens(usize::MAX, usize::MAX), Ok(0));
        assert_eq!((getns(), getens()), (Ok(1), Ok(1)));
        expect_error!(setrens(usize::MAX, space), EPERM);
        expect_error!(open(":users-own", O_CREAT | O_RDWR), EACCES);
        expect_error!(unlink(":file"), EACCES);
        expect_error!(open("debug:", O_RDONLY), EPERM);
        assert_eq!(setrens(0, 0), Ok(0)); // always allowed
    })
    .succeeds();
}

#[test]
fn odd_requests() {
    unsafe {
        expect_error!(syscall2(SYS_MKNS, 0x1000, 1), EFAULT);
        let bad = [[0x1000usize, 4]];
        expect_error!(syscall2(SYS_MKNS, bad.as_ptr() as usize, 1), EFAULT);
    }
    expect_error!(make(&["no-such-scheme"]), ENODEV);
    expect_error!(unlink(":no-such-scheme"), ENOENT);
    expect_error!(open(":file", O_CREAT | O_RDWR), EEXIST);
}

#[test]
fn text_about_the_system() {
    for name in ["context", "cpu", "exe", "scheme", "scheme_num", "uname", "block", "iostat", "log",
                 "syscall"] {
        let file = File::open(&std::format!("sys:{}", name), O_RDONLY).expect(name);

        assert_eq!(file.stat().st_mode, MODE_FILE | 0o444, "{}", name);
        let text = file.rest_as_text();
        file.seek(0);
        assert_eq!(file.rest_as_text(), text); // made at open
        expect_error!(lseek(file.0, -1, SEEK_SET), EINVAL);
        expect_error!(file.write(b"x"), EBADF);
    }
    let uname = read_text("sys:uname").unwrap();
    let lines: Vec<_> = uname.lines().collect();
    assert_eq!((lines.len(), lines[1], lines[3]), (5, "", ""), "{}", uname);
    assert_eq!(lines[4], "x86_64");
    assert!(read_text("sys:cpu").unwrap().starts_with("CPUs: "));
    assert_eq!(read_text("sys:scheme"), read_text(":"));
    expect_error!(open("sys:nothing", O_RDONLY), ENOENT);

    let list = File::open("sys:", O_RDONLY).unwrap();
    assert_eq!(list.stat().st_mode, MODE_DIR | 0o444);
    let names = list.rest_as_text();
    for name in ["context", "cpu", "uname"] {
        assert!(names.lines().any(|line| line == name), "{}", names);
    }
}

#[test]
fn the_table_of_processes() {
    let text = read_text("sys:context").unwrap();
    let mut lines = text.lines();
    let heading: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    let own = std::format!("{}", getpid().unwrap());
    let row = lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .find(|row| row[0] == own)
        .expect("this process");

    assert_eq!(heading[..9], ["PID", "PGID", "PPID", "RUID", "RGID", "RNS", "EUID", "EGID", "ENS"]);
    assert!(text.starts_with("PID   PGID  PPID  "));
    assert_eq!(row[1], own);
    assert_eq!(row[2], std::format!("{}", getppid().unwrap()));
    assert_eq!(row[3..9], ["0", "0", "1", "0", "0", "1"]);
    assert!(row.last().unwrap().starts_with("file:/"), "{:?}", row);
}
