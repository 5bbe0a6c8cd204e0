/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals: the core that both ABIs share. Numbers are Linux's, 1 to 64, and more for Redox
 * programs; a Linux program that gets one of those has no handler for it.
 *
 * A signal is pending for a thread or for a whole process. It is delivered in
 * trap_return_to_user(): the personality builds the handler's frame. Real-time signals
 * (32 and above) queue; others are pending once. Pending sets and masks are under process->lock, the
 * actions under handlers->lock, which is taken inside.
 */
#pragma once

#include <base/list.h>
#include <base/types.h>
#include <sync/refcount.h>
#include <sync/spinlock.h>

struct process;
struct user_account;
struct user_thread;

#define SIGNAL_MAX 127

enum {
	SIGHUP = 1,
	SIGINT = 2,
	SIGQUIT = 3,
	SIGILL = 4,
	SIGTRAP = 5,
	SIGABRT = 6,
	SIGBUS = 7,
	SIGFPE = 8,
	SIGKILL = 9,
	SIGUSR1 = 10,
	SIGSEGV = 11,
	SIGUSR2 = 12,
	SIGPIPE = 13,
	SIGALRM = 14,
	SIGTERM = 15,
	SIGSTKFLT = 16,
	SIGCHLD = 17,
	SIGCONT = 18,
	SIGSTOP = 19,
	SIGTSTP = 20,
	SIGTTIN = 21,
	SIGTTOU = 22,
	SIGURG = 23,
	SIGXCPU = 24,
	SIGXFSZ = 25,
	SIGVTALRM = 26,
	SIGPROF = 27,
	SIGWINCH = 28,
	SIGIO = 29,
	SIGPWR = 30,
	SIGSYS = 31,
	SIGNAL_REALTIME = 32,
};

/* A set of signals; bit signal - 1. */
typedef unsigned __int128 signal_set_t;

static inline signal_set_t signal_bit(int signal)
{
	return (signal_set_t)1 << (signal - 1);
}

#define SIGNALS_ALL (~(signal_set_t)0)
/* What no program can block, handle or ignore. */
#define SIGNALS_UNBLOCKABLE (signal_bit(SIGKILL) | signal_bit(SIGSTOP))

/* What happens where a program set no handler. */
enum signal_default {
	SIGNAL_DEFAULT_TERMINATE,
	SIGNAL_DEFAULT_IGNORE, /* SIGCONT's other effect comes when it is sent */
	SIGNAL_DEFAULT_STOP,
};

/* Why a signal came; the values of siginfo's si_code. */
enum signal_code {
	SIGNAL_USER = 0,
	SIGNAL_KERNEL = 0x80,
	SIGNAL_QUEUE = -1,
	SIGNAL_TIMER = -2,
	SIGNAL_TKILL = -6,
	SIGNAL_ILL_OPCODE = 2,
	SIGNAL_FPE_DIVIDE = 1,
	SIGNAL_FPE_FLOAT = 7,
	SIGNAL_SEGV_UNMAPPED = 1,
	SIGNAL_SEGV_ACCESS = 2,
	SIGNAL_BUS_ALIGNMENT = 1,
	SIGNAL_BUS_ADDRESS = 2,
	SIGNAL_TRAP_BREAKPOINT = 1,
	SIGNAL_TRAP_STEP = 2,
	SIGNAL_CHILD_EXITED = 1,
	SIGNAL_CHILD_KILLED = 2,
	SIGNAL_CHILD_DUMPED = 3,
	SIGNAL_CHILD_STOPPED = 5,
	SIGNAL_CHILD_CONTINUED = 6,
};

struct signal_info {
	int signal;
	int code; /* enum signal_code */
	int error;
	uint32_t pid, uid;               /* of the sender or child */
	int status;                      /* of the child */
	uint64_t user_time, system_time; /* of the child, clock ticks */
	uintptr_t address;               /* of a fault */
	uint64_t value;                  /* sigqueue's */
	int timer_id, overrun;
};

enum signal_action_flags { /* Linux's */
			   ACTION_NO_CHILD_STOP = 1,
			   ACTION_NO_CHILD_WAIT = 2,
			   ACTION_INFO = 4,
			   ACTION_RESTORER = 0x04000000,
			   ACTION_ON_STACK = 0x08000000,
			   ACTION_RESTART = 0x10000000,
			   ACTION_NO_DEFER = 0x40000000,
			   ACTION_RESET = 0x80000000u,
};

#define SIGNAL_DEFAULT ((uintptr_t)0)
#define SIGNAL_IGNORE  ((uintptr_t)1)

struct signal_action {
	uintptr_t handler; /* user address, SIGNAL_DEFAULT or SIGNAL_IGNORE */
	uint64_t flags;
	uintptr_t restorer;
	signal_set_t mask;
};

/* Handlers, shared by the threads of a process and by CLONE_SIGHAND. Who holds: processes. */
struct signal_handlers {
	struct refcount references;
	struct spinlock lock; /* RANK_SIGNAL: actions */
	struct signal_action actions[SIGNAL_MAX];
};

/* A queued signal. */
struct signal_entry {
	struct list_node node;
	struct user_account *account; /* whom it is counted for; a reference */
	struct signal_info info;
};

struct signal_pending {
	signal_set_t set;
	struct list queue; /* struct signal_entry; a signal may be set without an entry */
};

/* Sends to a process (any of its threads takes it), or to one thread. 0, -EAGAIN when a
 * real-time signal cannot be queued. Permission was checked. Thread or interrupt context. */
int signal_send_process(struct process *process, const struct signal_info *info);
int signal_send_thread(struct user_thread *thread, const struct signal_info *info);
/* To every process of a group; -ESRCH if there is none. Any context, any sleeping lock held. */
int signal_send_group(uint32_t group, const struct signal_info *info);
/* kill(2), permissions included. pid > 0: a process, 0: the caller's group, -1: all but the
 * caller and the first process, < -1: a group. Signal 0 only asks. 0, -ESRCH, -EPERM, -EINVAL. */
int signal_kill(int pid, const struct signal_info *info);
/* The same under another ABI's rules: who may send to whom (takes no sleeping lock), and whom pid
 * -1 leaves out. */
struct signal_kill_rules {
	bool (*may_signal)(struct process *process, int signal);
	bool (*is_spared)(const struct process *process);
};
int signal_kill_by(int pid, const struct signal_info *info, const struct signal_kill_rules *rules);
/* A fault of the current thread: if the signal is blocked or ignored, its default action is
 * taken. */
void signal_force(const struct signal_info *info);
/* Convenience: code SIGNAL_KERNEL. */
void signal_send_kernel(struct process *process, int signal);

/* True if `process` does something about the signal: it does not ignore it, or waits for it. Any context. */
bool signal_is_heeded(struct process *process, int signal);

/* Sets `action` (NULL: none) and returns the old one. -EINVAL for KILL, STOP and bad numbers. */
int signal_set_action(int signal, const struct signal_action *action, struct signal_action *old);
/* Changes the current thread's mask; KILL and STOP stay clear. */
void signal_set_mask(signal_set_t mask);
/* What is pending for the thread or its process, blocked or not. */
signal_set_t signal_pending_set(struct user_thread *thread);
/* True if the current thread blocks `signal` or the process ignores it (terminals ask before
 * they stop a process in the background). */
bool signal_is_discarded(int signal);
/* Waits for one of `set`: takes it out of the pending ones. The signal, -EAGAIN (deadline),
 * -EINTR. */
int signal_wait(signal_set_t set, uint64_t deadline, struct signal_info *info);
/* Sleeps until a signal is delivered with `mask` in force meanwhile: -ERESTARTNOHAND. */
int signal_suspend(signal_set_t mask);
/* True if a signal or exit is about to end the current thread, so that waiting has no purpose any
 * more; false for those that have handlers. */
bool signal_is_fatal(void);
/* For pselect, ppoll, epoll_pwait: `mask` is in force until the handler has been set up. */
void signal_set_temporary_mask(signal_set_t mask);
/* Puts back the mask from before signal_set_temporary_mask() where no signal was delivered. */
void signal_restore_temporary_mask(void);

struct signal_handlers *signal_handlers_create(const struct signal_handlers *from);
void signal_handlers_get(struct signal_handlers *handlers);
void signal_handlers_put(struct signal_handlers *handlers);
/* exec: caught signals become default. */
void signal_handlers_reset(struct signal_handlers *handlers);
