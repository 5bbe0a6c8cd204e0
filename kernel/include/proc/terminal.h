/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Controlling terminals, as far as processes know of them. Processes stand below terminals,
 * which therefore tell at start-up, in one table, what is to be done with them.
 *
 * The terminal itself keeps its session and its foreground group; a process keeps a reference
 * to the terminal of its session. Only a session leader's terminal is passed on by fork.
 */
#pragma once

#include <base/types.h>

struct process;
struct tty;

struct terminal_ops {
	void (*get)(struct tty *tty);
	void (*put)(struct tty *tty);
	/* The leader of `session` ended, or gave the terminal up: no process has it as its
	 * controlling terminal any more. The terminal forgets the session and sends SIGHUP and
	 * SIGCONT to its foreground group; a pseudo-terminal whose leader ended cuts off all who have it
	 * open. Called without locks. */
	void (*leader_left)(struct tty *tty, uint32_t session, bool ended);
	/* Its device number (node_device()) and foreground group (0: none), for /proc. */
	uint64_t (*device)(struct tty *tty);
	uint32_t (*foreground)(struct tty *tty);
};

/* Called once, before the first process starts. */
void process_set_terminal_ops(const struct terminal_ops *ops);

/* The controlling terminal with a reference, or NULL. */
struct tty *process_terminal(struct process *process);
/* Makes `tty` (a reference is taken) the controlling terminal of the current process, which
 * must be a session leader without one: else -EPERM. */
int must_check process_set_terminal(struct tty *tty);
/* TIOCNOTTY: the current process gives its terminal up; a session leader for all members of
 * its session. -ENOTTY if it has none. */
int process_leave_terminal(void);
/* Takes `tty` away from all processes of the session (hang-up, or stolen by root). */
void session_clear_terminal(uint32_t session);
