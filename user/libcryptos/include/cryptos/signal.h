/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals. Functions return 0 or a negative errno. */
#pragma once

#include <cryptos/syscall.h>

enum signal_number {
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
};

typedef void (*signal_handler)(int signal);
#define SIGNAL_DEFAULT ((signal_handler)0)
#define SIGNAL_IGNORE  ((signal_handler)1)

/* What a handler returns to: it ends the handling with sigreturn. */
void signal_restorer(void);

/* The handler runs for the signal from now on, on the process's signal stack. `flags`: the
 * sa_flags, 0 as a rule. `old` may be NULL. */
int64_t signal_set_handler(int signal, signal_handler handler, uint64_t flags,
			   struct redox_signal_action *old);

/* To one (> 0), the own group (0), all (-1) or a group (< -1); 0 probes. */
static inline int64_t signal_send(int64_t pid, int signal)
{
	return syscall(kill, pid, signal);
}

/* REDOX_SIG_*; either mask may be NULL; bit N is signal N + 1. */
static inline int64_t signal_mask(unsigned how, const uint64_t set[2], uint64_t old[2])
{
	return syscall(sigprocmask, how, set, old);
}
