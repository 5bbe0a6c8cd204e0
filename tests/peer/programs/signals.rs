// SPDX-License-Identifier: GPL-3.0-or-later
//
// Signals: handlers and their return, masks, dispositions, stopping, faults.

#![feature(asm_const, asm_sym)]

use std::arch::asm;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use support::{
    error, exited, expect_error, let_block, monotonic, pipe, signalled, sleep, spawn, spawn_with,
    Child, MILLISECOND,
};
use syscall::*;

/// How often the handler ran, and with which signal last.
static COUNT: AtomicUsize = AtomicUsize::new(0);
static LAST: AtomicUsize = AtomicUsize::new(0);

extern "C" fn note(signal: usize) {
    COUNT.fetch_add(1, SeqCst);
    LAST.store(signal, SeqCst);
}

fn action(handler: usize) -> SigAction {
    SigAction {
        sa_handler: unsafe { mem::transmute::<usize, Option<extern "C" fn(usize)>>(handler) },
        ..Default::default()
    }
}

fn handle(signal: usize, handler: usize) {
    assert_eq!(sigaction(signal, Some(&action(handler)), None), Ok(0));
}

fn raise(signal: usize) {
    assert_eq!(kill(getpid().unwrap(), signal), Ok(0));
}

fn mask_of(signals: &[usize]) -> [u64; 2] {
    let mut mask = [0; 2];

    for signal in signals {
        mask[(signal - 1) / 64] |= 1 << ((signal - 1) % 64);
    }
    mask
}

fn wait_until(what: &str, done: impl Fn() -> bool) {
    let end = monotonic() + 10_000 * MILLISECOND;

    while !done() {
        assert!(monotonic() < end, "{}", what);
        let _ = sched_yield();
    }
}

/// Sends a signal to this process again and again, from another, as long as the result lives:
/// the first may come before this one waits.
fn pester(signal: usize) -> Child {
    let process = getpid().unwrap();

    spawn(|| loop {
        let_block();
        assert_eq!(kill(process, signal), Ok(0));
    })
}

fn count_is(wanted: usize) -> bool {
    COUNT.load(SeqCst) == wanted
}

// --- handlers -------------------------------------------------------------------------------

#[test]
fn a_signal_to_oneself() {
    handle(SIGUSR1, note as usize);
    for round in 1..20 {
        raise(SIGUSR1);
        // It has been handled before kill returned.
        assert_eq!(COUNT.load(SeqCst), round);
    }
    assert_eq!(LAST.load(SeqCst), SIGUSR1);
    handle(SIGUSR2, note as usize);
    raise(SIGUSR2);
    assert_eq!(LAST.load(SeqCst), SIGUSR2);
}

#[test]
fn actions_come_back_as_set() {
    let set = SigAction {
        sa_handler: Some(note),
        sa_mask: [0x1234, 0x5678],
        sa_flags: SA_RESTART | SA_NODEFER,
    };
    let mut old = action(77);

    assert_eq!(sigaction(SIGTERM, Some(&set), Some(&mut old)), Ok(0));
    assert_eq!(old, SigAction::default());
    assert_eq!(sigaction(SIGTERM, None, Some(&mut old)), Ok(0));
    assert_eq!(old, set);
    assert_eq!(sigaction(100, Some(&set), None), Ok(0));
    expect_error!(sigaction(0, Some(&set), None), EINVAL);
    expect_error!(sigaction(128, Some(&set), None), EINVAL);
    expect_error!(sigaction(usize::MAX, None, Some(&mut old)), EINVAL);
    unsafe {
        expect_error!(syscall4(SYS_SIGACTION, SIGTERM, 0x1000, 0, 0), EFAULT);
        expect_error!(syscall4(SYS_SIGACTION, SIGTERM, 0, 0x1000, 0), EFAULT);
    }
}

/// Where a handler runs, and with what.
static STACK_POINTER: AtomicUsize = AtomicUsize::new(0);
static FLAGS: AtomicUsize = AtomicUsize::new(0);

std::arch::global_asm!(
    ".globl peer_look",
    "peer_look:",
    "mov [{stack}], rsp",
    "pushfq",
    "pop qword ptr [{flags}]",
    "jmp {note}",
    stack = sym STACK_POINTER,
    flags = sym FLAGS,
    note = sym note,
);

extern "C" {
    fn peer_look();
}

#[test]
fn handlers_start_as_functions() {
    const DIRECTION: usize = 0x400;
    let here = 0;

    handle(SIGUSR1, peer_look as usize);
    // The interrupted code may have turned the direction; the handler must not see that.
    unsafe {
        let mut number = SYS_KILL;
        asm!("std", "syscall", "cld", inout("rax") number, in("rdi") getpid().unwrap(),
             in("rsi") SIGUSR1, out("rcx") _, out("r11") _);
        assert_eq!(number, 0);
    }
    assert!(count_is(1));
    assert_eq!(LAST.load(SeqCst), SIGUSR1);
    let stack = STACK_POINTER.load(SeqCst);
    assert_eq!(stack % 16, 8);
    assert_eq!(FLAGS.load(SeqCst) & DIRECTION, 0);
    // Not on the program's stack.
    let distance = (stack as isize - &here as *const i32 as isize).abs();
    assert!(distance > 16384, "{} bytes from the stack", distance);
}

/// Fills all registers that code may hold values in, loops until the handler has run, or raises
/// the signal itself, and tells how many have changed.
unsafe fn changed_registers(raise_it: bool) -> usize {
    #[repr(C, align(16))]
    struct Block([u8; 256]);
    let mut before = Block([0; 256]);
    let mut after = Block([0; 256]);
    let mut general = [0usize; 5];
    let ran = &COUNT as *const AtomicUsize;
    let pid = getpid().unwrap();

    for (index, byte) in before.0.iter_mut().enumerate() {
        *byte = (index * 3 + 1) as u8;
    }
    asm!(
        "push rbx", "push rbp",
        "movdqa xmm0, [rsi]", "movdqa xmm1, [rsi + 16]", "movdqa xmm2, [rsi + 32]",
        "movdqa xmm3, [rsi + 48]", "movdqa xmm4, [rsi + 64]", "movdqa xmm5, [rsi + 80]",
        "movdqa xmm6, [rsi + 96]", "movdqa xmm7, [rsi + 112]", "movdqa xmm8, [rsi + 128]",
        "movdqa xmm9, [rsi + 144]", "movdqa xmm10, [rsi + 160]", "movdqa xmm11, [rsi + 176]",
        "movdqa xmm12, [rsi + 192]", "movdqa xmm13, [rsi + 208]", "movdqa xmm14, [rsi + 224]",
        "movdqa xmm15, [rsi + 240]",
        "mov r13, rdi", "mov r14, r9", "mov r15, rsi",
        "mov rbx, 0x1111", "mov rbp, 0x2222", "mov r12, 0x3333",
        "test r10, r10", "jz 3f",
        // kill(pid, SIGUSR1)
        "mov rdi, r11", "mov rsi, {signal}", "mov r8, 0x4444", "mov r9, 0x5555",
        "mov eax, {kill}", "syscall",
        "jmp 4f",
        "3:", "mov r8, 0x4444", "mov r9, 0x5555",
        "2:", "cmp qword ptr [r13], 0", "je 2b",
        "xor eax, eax",
        "4:",
        "movdqa [r14], xmm0", "movdqa [r14 + 16], xmm1", "movdqa [r14 + 32], xmm2",
        "movdqa [r14 + 48], xmm3", "movdqa [r14 + 64], xmm4", "movdqa [r14 + 80], xmm5",
        "movdqa [r14 + 96], xmm6", "movdqa [r14 + 112], xmm7", "movdqa [r14 + 128], xmm8",
        "movdqa [r14 + 144], xmm9", "movdqa [r14 + 160], xmm10", "movdqa [r14 + 176], xmm11",
        "movdqa [r14 + 192], xmm12", "movdqa [r14 + 208], xmm13", "movdqa [r14 + 224], xmm14",
        "movdqa [r14 + 240], xmm15",
        "mov [rdx], rbx", "mov [rdx + 8], rbp", "mov [rdx + 16], r12",
        "mov [rdx + 24], r8", "mov [rdx + 32], r9",
        "pop rbp", "pop rbx",
        signal = const SIGUSR1, kill = const SYS_KILL,
        inout("rdi") ran => _, inout("rsi") before.0.as_ptr() => _,
        in("rdx") general.as_mut_ptr(), inout("r9") after.0.as_mut_ptr() => _,
        inout("r10") raise_it as usize => _, inout("r11") pid => _,
        out("rax") _, out("rcx") _, out("r8") _, out("r12") _, out("r13") _, out("r14") _,
        out("r15") _,
        out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _, out("xmm4") _, out("xmm5") _,
        out("xmm6") _, out("xmm7") _, out("xmm8") _, out("xmm9") _, out("xmm10") _,
        out("xmm11") _, out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
    );
    let vectors = before.0.iter().zip(after.0.iter()).filter(|(old, new)| old != new).count();
    let wanted = [0x1111, 0x2222, 0x3333, 0x4444, 0x5555];

    vectors + general.iter().zip(wanted.iter()).filter(|(got, want)| got != want).count()
}

/// Leaves no register as it was.
extern "C" fn spoil(signal: usize) {
    unsafe {
        asm!(
            "pcmpeqd xmm0, xmm0", "pcmpeqd xmm1, xmm1", "pcmpeqd xmm2, xmm2",
            "pcmpeqd xmm3, xmm3", "pcmpeqd xmm4, xmm4", "pcmpeqd xmm5, xmm5",
            "pcmpeqd xmm6, xmm6", "pcmpeqd xmm7, xmm7", "pcmpeqd xmm8, xmm8",
            "pcmpeqd xmm9, xmm9", "pcmpeqd xmm10, xmm10", "pcmpeqd xmm11, xmm11",
            "pcmpeqd xmm12, xmm12", "pcmpeqd xmm13, xmm13", "pcmpeqd xmm14, xmm14",
            "pcmpeqd xmm15, xmm15",
            "mov r8, -1", "mov r9, -1", "mov r10, -1", "mov r11, -1",
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _, out("xmm4") _,
            out("xmm5") _, out("xmm6") _, out("xmm7") _, out("xmm8") _, out("xmm9") _,
            out("xmm10") _, out("xmm11") _, out("xmm12") _, out("xmm13") _, out("xmm14") _,
            out("xmm15") _, out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    // Its own calls must not harm either.
    let _ = getpid();
    note(signal);
}

#[test]
fn registers_survive_a_raise() {
    handle(SIGUSR1, spoil as usize);
    assert_eq!(unsafe { changed_registers(true) }, 0);
    assert!(count_is(1));
}

#[test]
fn registers_survive_an_interruption() {
    handle(SIGUSR1, spoil as usize);
    let parent = getpid().unwrap();
    let child = spawn(|| {
        let_block();
        assert_eq!(kill(parent, SIGUSR1), Ok(0));
    });

    // A loop without calls.
    assert_eq!(unsafe { changed_registers(false) }, 0);
    assert!(count_is(1));
    child.succeeds();
}

#[test]
fn one_handler_at_a_time() {
    static INSIDE: AtomicUsize = AtomicUsize::new(0);
    static NESTED: AtomicUsize = AtomicUsize::new(0);

    extern "C" fn both(_signal: usize) {
        if INSIDE.fetch_add(1, SeqCst) != 0 {
            NESTED.fetch_add(1, SeqCst);
        }
        if COUNT.fetch_add(1, SeqCst) == 0 {
            raise(SIGUSR2);
        }
        INSIDE.fetch_sub(1, SeqCst);
    }
    handle(SIGUSR1, both as usize);
    handle(SIGUSR2, both as usize);
    raise(SIGUSR1);
    wait_until("the second signal", || count_is(2));
    assert_eq!(NESTED.load(SeqCst), 0);
}

// --- dispositions and masks -----------------------------------------------------------------

#[test]
fn defaults_end_the_process() {
    for signal in [SIGHUP, SIGINT, SIGUSR1, SIGPIPE, SIGALRM, SIGTERM, SIGIO, 64, 100, 126] {
        let child = spawn(|| {
            raise(signal);
            sleep(5000);
        });
        assert_eq!(child.wait(), signalled(signal), "signal {}", signal);
    }
    spawn(|| raise(SIGCHLD)).succeeds();
    spawn(|| raise(SIGCONT)).succeeds();
}

#[test]
fn ignored_signals() {
    spawn(|| {
        handle(SIGTERM, SIG_IGN);
        raise(SIGTERM);
        handle(SIGTERM, SIG_DFL);
    })
    .succeeds();
    let child = spawn(|| {
        handle(SIGTERM, SIG_IGN);
        handle(SIGTERM, SIG_DFL);
        raise(SIGTERM);
    });
    assert_eq!(child.wait(), signalled(SIGTERM));
}

#[test]
fn masks_hold_back() {
    let mut old = [1; 2];

    handle(SIGUSR1, note as usize);
    handle(100, note as usize);
    assert_eq!(sigprocmask(SIG_BLOCK, Some(&mask_of(&[SIGUSR1, 100])), Some(&mut old)), Ok(0));
    assert_eq!(old, [0; 2]);
    assert_eq!(sigprocmask(99, None, Some(&mut old)), Ok(0));
    assert_eq!(old, mask_of(&[SIGUSR1, 100]));
    raise(SIGUSR1);
    raise(100);
    assert!(count_is(0));
    assert_eq!(sigprocmask(SIG_UNBLOCK, Some(&mask_of(&[SIGUSR1])), None), Ok(0));
    wait_until("the held back signal", || count_is(1));
    assert_eq!(LAST.load(SeqCst), SIGUSR1);
    assert_eq!(sigprocmask(SIG_SETMASK, Some(&[0; 2]), Some(&mut old)), Ok(0));
    assert_eq!(old, mask_of(&[100]));
    wait_until("the other signal", || count_is(2));
    assert_eq!(LAST.load(SeqCst), 100);

    expect_error!(sigprocmask(3, Some(&[0; 2]), None), EINVAL);
    unsafe {
        expect_error!(syscall3(SYS_SIGPROCMASK, SIG_BLOCK, 0x1000, 0), EFAULT);
        expect_error!(syscall3(SYS_SIGPROCMASK, SIG_BLOCK, 0, 0x1000), EFAULT);
    }
}

#[test]
fn kill_cannot_be_kept_off() {
    let child = spawn(|| {
        let _ = sigaction(SIGKILL, Some(&action(note as usize)), None);
        let _ = sigprocmask(SIG_SETMASK, Some(&[!0; 2]), None);
        sleep(20_000);
    });

    let_block();
    child.kill(SIGKILL);
    assert_eq!(child.wait(), signalled(SIGKILL));
}

#[test]
fn a_clone_keeps_mask_and_handlers() {
    handle(SIGUSR1, note as usize);
    assert_eq!(sigprocmask(SIG_BLOCK, Some(&mask_of(&[SIGUSR2])), None), Ok(0));
    raise(SIGUSR2); // waits here, and not for the child
    spawn(|| {
        let mut mask = [0; 2];

        assert_eq!(sigprocmask(SIG_BLOCK, None, Some(&mut mask)), Ok(0));
        assert_eq!(mask, mask_of(&[SIGUSR2]));
        raise(SIGUSR1);
        assert!(count_is(1));
        assert_eq!(sigprocmask(SIG_SETMASK, Some(&[0; 2]), None), Ok(0));
        assert_eq!(sched_yield(), Ok(0));
    })
    .succeeds();
    assert!(count_is(0));
    // A handler table of one's own, or a shared one.
    spawn(|| handle(SIGUSR1, SIG_IGN)).succeeds();
    raise(SIGUSR1);
    assert!(count_is(1));
    spawn_with(CLONE_VM | CLONE_SIGHAND, || handle(SIGUSR1, SIG_IGN)).succeeds();
    raise(SIGUSR1);
    assert!(count_is(1));
}

// --- calls that wait ------------------------------------------------------------------------

#[test]
fn a_handler_interrupts_a_read() {
    handle(SIGUSR1, note as usize);
    let (output, input) = pipe(O_CLOEXEC);
    let other = pester(SIGUSR1);

    assert_eq!(output.read(&mut [0; 4]), Err(error(EINTR)));
    assert!(!count_is(0));
    drop(other);
    assert_eq!(input.write(b"goes on"), Ok(7));
    assert_eq!(output.read(&mut [0; 16]), Ok(7));
}

#[test]
fn what_is_ignored_interrupts_nothing() {
    handle(SIGUSR1, SIG_IGN);
    let (output, input) = pipe(O_CLOEXEC);
    let parent = getpid().unwrap();
    let child = spawn(|| {
        let_block();
        assert_eq!(kill(parent, SIGUSR1), Ok(0));
        let_block();
        assert_eq!(input.write(b"late"), Ok(4));
    });

    assert_eq!(output.read(&mut [0; 16]), Ok(4));
    child.succeeds();
}

#[test]
fn a_sleep_is_not_shortened() {
    handle(SIGUSR1, note as usize);
    let parent = getpid().unwrap();
    let child = spawn(|| {
        let_block();
        assert_eq!(kill(parent, SIGUSR1), Ok(0));
    });
    let start = monotonic();

    sleep(150); // goes on with what was left
    assert!(monotonic() - start >= 150 * MILLISECOND);
    assert!(count_is(1));
    child.succeeds();
}

// --- stopping -------------------------------------------------------------------------------

fn wait_status(child: &Child, flags: WaitFlags) -> usize {
    let mut status = !0;

    assert_eq!(waitpid(child.pid, &mut status, flags), Ok(child.pid));
    status
}

#[test]
fn stop_and_go_on() {
    for signal in [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU] {
        let (output, input) = pipe(O_CLOEXEC | O_NONBLOCK);
        let child = spawn(|| loop {
            let _ = input.write(b".");
            sleep(1);
        });

        child.kill(signal);
        let status = wait_status(&child, WUNTRACED);
        assert!(wifstopped(status), "{:#x}", status);
        assert_eq!(wstopsig(status), signal);
        let mut buffer = std::vec![0; 65536];
        let _ = output.read(&mut buffer);
        sleep(40);
        assert_eq!(output.read(&mut buffer), Err(error(EAGAIN)));

        child.kill(SIGCONT);
        assert!(wifcontinued(wait_status(&child, WCONTINUED)));
        wait_until("the process goes on", || output.read(&mut [0; 16]).is_ok());
        child.kill(SIGKILL);
        assert_eq!(child.wait(), signalled(SIGKILL));
    }
}

#[test]
fn stopped_processes_can_be_ended() {
    let child = spawn(|| sleep(20_000));

    child.kill(SIGSTOP);
    assert!(wifstopped(wait_status(&child, WUNTRACED)));
    child.kill(SIGKILL);
    assert_eq!(child.wait(), signalled(SIGKILL));
}

// --- faults ---------------------------------------------------------------------------------

#[test]
fn faults_end_the_process() {
    let cases: [(usize, fn()); 6] = [
        (SIGSEGV, || unsafe { asm!("mov rax, [0x10]", out("rax") _) }),
        (SIGSEGV, || unsafe { asm!("hlt") }),
        (SIGSEGV, || unsafe { asm!("mov rax, [{}]", in(reg) 1usize << 63, out("rax") _) }),
        (SIGFPE, || unsafe {
            asm!("xor ecx, ecx", "div ecx", inout("eax") 1 => _, inout("edx") 0 => _,
                 out("ecx") _)
        }),
        (SIGILL, || unsafe { asm!("ud2") }),
        (SIGTRAP, || unsafe { asm!("int3") }),
    ];

    for (signal, fault) in cases {
        assert_eq!(spawn(fault).wait(), signalled(signal));
    }
}

#[test]
fn faults_can_be_handled() {
    // The handler steps over `ud2`'s two bytes by ending the process: there is no frame to edit.
    extern "C" fn leave(signal: usize) {
        let _ = exit(signal + 100);
    }
    for (signal, fault) in [
        (SIGILL, (|| unsafe { asm!("ud2") }) as fn()),
        (SIGSEGV, || unsafe { asm!("mov rax, [0x10]", out("rax") _) }),
    ] {
        let child = spawn(|| {
            handle(signal, leave as usize);
            fault();
        });
        assert_eq!(child.wait(), exited(signal + 100));
    }
}

// --- kill -----------------------------------------------------------------------------------

#[test]
fn kill_and_who() {
    let own = getpid().unwrap();

    assert_eq!(kill(own, 0), Ok(0));
    expect_error!(kill(own, 127), EINVAL);
    expect_error!(kill(own, usize::MAX), EINVAL);
    expect_error!(kill(0x3fff_fff0, SIGTERM), ESRCH);
    expect_error!(kill(-0x3fff_fff0isize as usize, SIGTERM), ESRCH);

    let child = spawn(|| sleep(20_000));
    spawn(|| {
        assert_eq!(setreuid(1000, 1000), Ok(0));
        expect_error!(kill(child.pid, SIGTERM), EPERM);
        expect_error!(kill(own, 0), EPERM);
    })
    .succeeds();
    assert_eq!(kill(child.pid, SIGTERM), Ok(0));
    assert_eq!(child.wait(), signalled(SIGTERM));
    expect_error!(kill(child.pid, 0), ESRCH);
}

#[test]
fn groups_of_processes() {
    let (output, input) = pipe(0);
    let leader = spawn(|| {
        assert_eq!(setpgid(0, 0), Ok(0));
        let members: Vec<_> = (0..3).map(|_| spawn(|| sleep(20_000))).collect();

        let_block();
        handle(SIGTERM, note as usize);
        assert_eq!(kill(0, SIGTERM), Ok(0)); // the whole group
        for member in &members {
            assert_eq!(member.wait(), signalled(SIGTERM));
        }
        wait_until("one's own signal", || count_is(1));

        let member = spawn(|| sleep(20_000));
        assert_eq!(input.write(&member.pid.to_ne_bytes()), Ok(8));
        assert_eq!(member.wait(), signalled(SIGUSR2));
    });
    let mut member = [0; 8];

    assert_eq!(output.read(&mut member), Ok(8));
    assert_eq!(getpgid(usize::from_ne_bytes(member)), Ok(leader.pid));
    assert_eq!(kill(usize::from_ne_bytes(member), SIGUSR2), Ok(0));
    leader.succeeds();

    let group = spawn(|| sleep(20_000));
    assert_eq!(setpgid(group.pid, 0), Ok(0));
    assert_eq!(kill(-(group.pid as isize) as usize, SIGHUP), Ok(0));
    assert_eq!(group.wait(), signalled(SIGHUP));
}
