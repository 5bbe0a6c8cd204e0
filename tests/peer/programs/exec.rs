// SPDX-License-Identifier: GPL-3.0-or-later
//
// fexec: arguments and variables, what is kept and what ends, what is refused. The program that
// is run is `child` (child.rs), which the runner puts at /bin/peer-child.

use std::string::String;

use support::{
    error, exit, exited, expect_error, pipe, read_text, signalled, spawn, spawn_with,
    File,
};
use syscall::*;

const CHILD: &str = "file:/bin/peer-child";

fn slices(strings: &[&str]) -> Vec<[usize; 2]> {
    strings.iter().map(|string| [string.as_ptr() as usize, string.len()]).collect()
}

fn run_file(fd: usize, arguments: &[&str], variables: &[&str]) -> Error {
    fexec(fd, &slices(arguments), &slices(variables)).expect_err("fexec returned")
}

fn program(path: &str) -> usize {
    open(path, O_RDONLY | O_CLOEXEC).expect(path)
}

/// Replaces this process.
fn run(arguments: &[&str], variables: &[&str]) -> ! {
    panic!("fexec: {}", run_file(program(CHILD), arguments, variables))
}

/// The output of `work`, on descriptor 1; it must exit with 0.
fn output_of(flags: CloneFlags, work: impl FnOnce()) -> String {
    let (output, input) = pipe(O_CLOEXEC);
    let child = spawn_with(flags, || {
        assert_eq!(dup2(input.0, 1, b""), Ok(1));
        work();
    });

    drop(input);
    let text = output.rest_as_text();
    child.succeeds();
    text
}

#[test]
fn arguments_and_variables() {
    let text = output_of(CloneFlags::empty(), || {
        run(&["name", "show", "", "two words", "\u{fc}ml\u{e4}ut"], &["A=1", "EMPTY=", "PATH=/bin"])
    });

    assert_eq!(
        text,
        "arg name\narg show\narg \narg two words\narg \u{fc}ml\u{e4}ut\n\
         var A=1\nvar EMPTY=\nvar PATH=/bin\n"
    );
}

#[test]
fn with_vfork() {
    let text = output_of(CLONE_VM | CLONE_VFORK, || run(&["v", "show", "x"], &["V=1"]));

    assert_eq!(text, "arg v\narg show\narg x\nvar V=1\n");
    // Its memory was ours until then, and is whole.
    let text = output_of(CLONE_VFORK, || run(&["v", "show"], &[]));
    assert_eq!(text, "arg v\narg show\n");
}

#[test]
fn vfork_goes_on_at_exec() {
    let (output, input) = pipe(O_CLOEXEC);
    // The new program waits for its input to end, which only this process can do.
    let child = spawn_with(CLONE_VFORK, || {
        assert_eq!(dup2(output.0, 0, b""), Ok(0));
        run(&["v", "wait"], &[])
    });

    drop(input);
    child.succeeds();
}

#[test]
fn many_arguments() {
    let numbers: Vec<String> = (0..1000).map(|number| std::format!("{:04}", number)).collect();
    let mut arguments = std::vec!["many", "show"];
    let mut wanted = String::from("arg many\narg show\n");

    for number in &numbers {
        arguments.push(number);
        wanted += &std::format!("arg {}\n", number);
    }
    assert!(output_of(CloneFlags::empty(), || run(&arguments, &[])) == wanted);

    let long = String::from("x").repeat(50_000);
    let text = output_of(CloneFlags::empty(), || run(&["long", "show", &long], &[]));
    assert_eq!(text.len(), "arg long\narg show\narg \n".len() + 50_000);

    let too_many = std::vec!["x"; 4000];
    assert_eq!(run_file(program(CHILD), &too_many, &too_many[..96]), error(E2BIG));
}

#[test]
fn auxiliary_vector() {
    spawn(|| run(&["aux", "auxiliary"], &["X=1"])).succeeds();
    spawn(|| run(&[], &[])).succeeds();
}

#[test]
fn the_status_comes_through() {
    assert_eq!(spawn(|| run(&["e", "exit", "42"], &[])).wait(), exited(42));
}

#[test]
fn what_is_kept() {
    let (output, input) = pipe(O_CLOEXEC);
    let parent = getpid().unwrap();
    let child = spawn(|| {
        assert_eq!(dup2(input.0, 1, b""), Ok(1));
        assert_eq!(chdir("file:/tmp"), Ok(0));
        assert_eq!(umask(0o077), Ok(0o022));
        assert_eq!(setpgid(0, 0), Ok(0));
        assert_eq!(sigprocmask(SIG_BLOCK, Some(&[1 << (SIGUSR1 - 1), 0]), None), Ok(0));
        assert_eq!(setregid(20, 21), Ok(0));
        assert_eq!(setreuid(10, 11), Ok(0));
        run(&["k", "state"], &[])
    });

    drop(input);
    let text = output.rest_as_text();
    let wanted = std::format!(
        "pid {pid}\nppid {parent}\npgid {pid}\nuid 10 11\ngid 20 21\numask 77\n\
         cwd file:/tmp\nmask 200 0\nbase 0 0\n",
        pid = child.pid,
        parent = parent
    );
    child.succeeds();
    assert_eq!(text, wanted);
}

#[test]
fn descriptors() {
    let text = output_of(CloneFlags::empty(), || {
        let kept = File::open("file:/tmp", O_RDONLY).unwrap();
        let closed = File::open("file:/tmp", O_RDONLY | O_CLOEXEC).unwrap();

        assert_eq!(dup2(kept.0, 50, b""), Ok(50));
        assert_eq!(dup2(closed.0, 51, b""), Ok(51)); // dup2 leaves CLOEXEC off
        assert_eq!(dup2(kept.0, 52, b""), Ok(52));
        assert_eq!(fcntl(52, F_SETFD, O_CLOEXEC), Ok(0));
        run(&["d", "descriptors", "50", "51", "52", &std::format!("{}", closed.0)], &[])
    });

    assert_eq!(text, "file:/tmp\nfile:/tmp\nclosed\nclosed\n");
}

#[test]
fn handlers_end() {
    extern "C" fn handler(_signal: usize) {}
    let action = SigAction { sa_handler: Some(handler), ..Default::default() };
    let child = spawn(|| {
        assert_eq!(sigaction(SIGUSR1, Some(&action), None), Ok(0));
        run(&["h", "raise", &std::format!("{}", SIGUSR1)], &[])
    });

    assert_eq!(child.wait(), signalled(SIGUSR1));
}

#[test]
fn the_name_of_the_program() {
    let text = output_of(CloneFlags::empty(), || run(&["other", "exe"], &[]));

    assert_eq!(text.trim_end(), CHILD);
    assert!(read_text("sys:exe").unwrap().starts_with("file:/"));
}

#[test]
fn set_user_by_mode() {
    let path = std::format!("file:/tmp/exec-setuid-{}", getpid().unwrap());
    let copy = File::create(&path);

    assert_eq!(copy.write(&File(program(CHILD)).rest()).is_ok(), true);
    assert_eq!(fchown(copy.0, 300, 400), Ok(0));
    assert_eq!(fchmod(copy.0, 0o6755), Ok(0));
    drop(copy);
    let text = output_of(CloneFlags::empty(), || {
        assert_eq!(setregid(21, 21), Ok(0));
        assert_eq!(setreuid(11, 11), Ok(0));
        panic!("{}", run_file(program(&path), &["s", "state"], &[]))
    });
    assert!(text.contains("uid 11 300\ngid 21 400\n"), "{}", text);
    assert_eq!(unlink(&path), Ok(0));
}

#[test]
fn refusals() {
    let path = std::format!("file:/tmp/exec-refused-{}", getpid().unwrap());
    let file = File::create(&path);

    // Not marked executable: root may run it all the same, others may not.
    assert_eq!(file.write(b"no program, but a text that is long enough to be looked at"), Ok(58));
    assert_eq!(run_file(program(&path), &["x"], &[]), error(ENOEXEC));
    assert_eq!(fchmod(file.0, 0o644), Ok(0));
    spawn(|| {
        assert_eq!(setreuid(1000, 1000), Ok(0));
        assert_eq!(run_file(program(&path), &["x"], &[]), error(EACCES));
    })
    .succeeds();
    assert_eq!(ftruncate(file.0, 0), Ok(0));
    assert_eq!(run_file(program(&path), &["x"], &[]), error(ENOEXEC));
    expect_error!(fexec(9999, &[], &[]), EBADF);

    // Bad addresses, before anything is lost: the descriptor stays.
    let fd = program(CHILD);
    expect_error!(fexec(fd, &[[0x1000, 5]], &[]), EFAULT);
    expect_error!(fexec(fd, &[], &[[0x1000, 5]]), EFAULT);
    expect_error!(unsafe { syscall5(SYS_FEXEC, fd, 0x1000, 1, 0, 0) }, EFAULT);
    assert_eq!(close(fd), Ok(0));

    // Truncated in the middle of its headers and of its segments.
    let whole = File(program(CHILD)).rest();
    for length in [10, 63, 64, 100, 200] {
        assert_eq!(ftruncate(file.0, 0), Ok(0));
        file.seek(0);
        assert_eq!(file.write(&whole[..length]), Ok(length));
        let status = spawn(|| {
            exit(run_file(program(&path), &["x"], &[]).errno as usize);
        })
        .wait();
        assert!([ENOEXEC, EIO, EINVAL].iter().any(|&errno| status == exited(errno as usize)),
                "{} bytes: {:#x}", length, status);
    }
    assert_eq!(unlink(&path), Ok(0));
}

#[test]
fn a_linux_program() {
    let text = output_of(CloneFlags::empty(), || {
        let echo = program("file:/bin/echo");

        panic!("{}", run_file(echo, &["echo", "from", "Linux"], &["A=1"]))
    });

    assert_eq!(text, "from Linux\n");
}

#[test]
fn two_that_run_together() {
    let (output, input) = pipe(O_CLOEXEC);
    let writer = spawn(|| {
        assert_eq!(dup2(input.0, 1, b""), Ok(1));
        run(&["writer", "show", "through", "a", "pipe"], &[])
    });

    drop(input);
    let text = output_of(CloneFlags::empty(), || {
        assert_eq!(dup2(output.0, 0, b""), Ok(0));
        let cat = program("file:/bin/cat");

        panic!("{}", run_file(cat, &["cat"], &[]))
    });

    writer.succeeds();
    assert!(text.contains("arg through\narg a\narg pipe\n"), "{}", text);
}
