// SPDX-License-Identifier: GPL-3.0-or-later
//
// The crate `test` that `rustc --test` links: what the compiler makes of `#[test]` functions is
// a list of descriptions for test_main_static_abort.
//
//	program [--list | --here] [--after TEST] [TEST...]
//
// runs all tests or those named, with --after those that follow TEST. Each runs in a process of
// its own, for SECONDS at most. Before it "RUN name" is printed, and behind it "PASS name" or
// "FAIL name: why"; at the end "N passed, N failed", and the exit status is 1 if any failed. The
// name is PROGRAM_TEST, where "peer-" before the program's name and the test's modules are left
// out. With --here the first of them runs in this process, and no call is made beside its own.

#![feature(panic_info_message)]

use std::panic::PanicInfo;
use std::process::Termination;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::{env, process, ptr, system};

pub use ShouldPanic::*;
pub use TestFn::*;
pub use TestName::*;
pub use TestType::*;

const SECONDS: u64 = 60;
const SIGKILL: usize = 9;
/// What a panic ends a process with.
const STATUS_PANIC: usize = 101;

// --- what the compiler fills in ------------------------------------------------------------

pub enum TestName {
    StaticTestName(&'static str),
}

pub enum ShouldPanic {
    No,
    Yes,
    YesWithMessage(&'static str),
}

pub enum TestType {
    UnitTest,
    IntegrationTest,
    Unknown,
}

pub enum TestFn {
    StaticTestFn(fn()),
}

pub struct TestDesc {
    pub name: TestName,
    pub ignore: bool,
    pub ignore_message: Option<&'static str>,
    pub compile_fail: bool,
    pub no_run: bool,
    pub should_panic: ShouldPanic,
    pub test_type: TestType,
}

pub struct TestDescAndFn {
    pub desc: TestDesc,
    pub testfn: TestFn,
}

impl TestDescAndFn {
    /// Without its modules.
    fn name(&self) -> &'static str {
        let StaticTestName(path) = self.desc.name;

        path.rsplit("::").next().unwrap_or(path)
    }
}

pub fn assert_test_result<T: Termination>(result: T) {
    assert_eq!(result.report(), 0);
}

// --- one test -----------------------------------------------------------------------------

/// The process of the running test, and its name; those that it starts inherit them.
static TEST_PROCESS: AtomicUsize = AtomicUsize::new(0);
static TEST_NAME: AtomicPtr<&'static str> = AtomicPtr::new(ptr::null_mut());

fn program() -> &'static str {
    let path = env::args().first().copied().unwrap_or("peer");
    let name = path.rsplit('/').next().unwrap_or(path);

    name.strip_prefix("peer-").unwrap_or(name)
}

/// A message in one line.
struct OneLine<'a, 'b>(&'a PanicInfo<'b>);

impl std::fmt::Display for OneLine<'_, '_> {
    fn fmt(&self, output: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(place) = self.0.location() {
            let file = place.file().rsplit('/').next().unwrap_or("");

            write!(output, "{}:{}: ", file, place.line())?;
        }
        if let Some(message) = self.0.message() {
            let text = std::format!("{}", message);

            for (index, line) in text.lines().enumerate() {
                write!(output, "{}{}", if index > 0 { " " } else { "" }, line.trim())?;
            }
        }
        Ok(())
    }
}

/// A panic of the test's own process fails the test. Those of processes that it started are
/// told, and it is for the test to look at how they end.
fn tell_panic(information: &PanicInfo<'_>) {
    let name = unsafe { *TEST_NAME.load(Ordering::Relaxed) };

    if process::id() == TEST_PROCESS.load(Ordering::Relaxed) {
        println!("FAIL {}_{}: {}", program(), name, OneLine(information));
    } else {
        println!("  {}_{}: process {}: {}", program(), name, process::id(), OneLine(information));
    }
}

fn run_here(test: &TestDescAndFn, name: &'static str) -> ! {
    let StaticTestFn(function) = test.testfn;
    let mut name = name;

    TEST_NAME.store(&mut name, Ordering::Relaxed);
    TEST_PROCESS.store(process::id(), Ordering::Relaxed);
    std::panicking::set_hook(tell_panic);
    let _ = system::set_own_group();
    function();
    process::exit(0)
}

/// The wait status of a process, or None if it took too long; it is ended then.
fn wait_for(test: usize) -> Option<usize> {
    let end = system::milliseconds() + SECONDS * 1000;
    let mut pause = 1;

    loop {
        match system::wait_if_ended(test) {
            Ok((ended, status)) if ended == test => return Some(status),
            Ok(_) => {}
            Err(errno) => {
                println!("  waitpid of the test's process {}: errno {}", test, errno);
                return None;
            }
        }
        if system::milliseconds() >= end {
            let _ = system::kill(test as isize, SIGKILL);
            return None;
        }
        system::sleep_milliseconds(pause);
        pause = (pause * 2).min(20);
    }
}

/// Ends what a test left running, its group, all of which are children of this process by now;
/// and takes leave of its other children.
fn clear_up(test: usize) {
    let group = -(test as isize);
    let _ = system::kill(group, SIGKILL);
    let end = system::milliseconds() + 5000;

    while system::wait_if_ended(group as usize).is_ok() && system::milliseconds() < end {
        system::sleep_milliseconds(1);
    }
    while let Ok((ended, _)) = system::wait_if_ended(0) {
        if ended == 0 {
            break;
        }
    }
}

/// Returns whether the test passed.
fn run(test: &TestDescAndFn) -> bool {
    let name = test.name();

    println!("RUN {}_{}", program(), name);
    let child = match system::fork() {
        Ok(0) => run_here(test, name),
        Ok(child) => child,
        Err(errno) => {
            println!("FAIL {}_{}: clone: errno {}", program(), name, errno);
            return false;
        }
    };
    let status = wait_for(child);

    clear_up(child);
    match status {
        Some(0) => println!("PASS {}_{}", program(), name),
        Some(status) if status == STATUS_PANIC << 8 => {} // it has said why
        Some(status) => println!("FAIL {}_{}: wait status {:#x}", program(), name, status),
        None => println!("FAIL {}_{}: not ended after {} seconds", program(), name, SECONDS),
    }
    status == Some(0)
}

// --- all tests ----------------------------------------------------------------------------

/// The tests that the arguments ask for.
struct Choice {
    list: bool,
    here: bool,
    after: Option<&'static str>,
    names: Vec<&'static str>,
}

impl Choice {
    fn from_arguments() -> Choice {
        let mut choice = Choice { list: false, here: false, after: None, names: Vec::new() };
        let arguments = env::args();
        let mut rest = arguments.iter().skip(1);

        while let Some(&argument) = rest.next() {
            match argument {
                "--list" => choice.list = true,
                "--here" => choice.here = true,
                "--after" => choice.after = rest.next().copied(),
                name => choice.names.push(name),
            }
        }
        choice
    }

    /// In the order of the tests.
    fn takes(&mut self, name: &str) -> bool {
        if let Some(last) = self.after {
            if last == name {
                self.after = None;
            }
            return false;
        }
        self.names.is_empty() || self.names.contains(&name)
    }
}

pub fn test_main_static_abort(tests: &[&TestDescAndFn]) {
    let mut choice = Choice::from_arguments();
    let mut passed = 0;
    let mut failed = 0;

    for test in tests {
        if !choice.takes(test.name()) {
            continue;
        }
        if choice.list {
            println!("{}", test.name());
        } else if choice.here {
            run_here(test, test.name());
        } else if run(test) {
            passed += 1;
        } else {
            failed += 1;
        }
    }
    if !choice.list {
        println!("{} passed, {} failed", passed, failed);
    }
    process::exit((failed > 0) as i32)
}
