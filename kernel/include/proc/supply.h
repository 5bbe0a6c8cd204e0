/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Threads that the kernel makes inside a program: they begin in user mode where their maker
 * says, without the program having called clone. They are ordinary threads of the process
 * otherwise: counted against its limits, ended by its exit and exec, seen in /proc.
 */
#pragma once

#include <proc/process.h>

/* Who wants to hear of a thread's end; embedded by the maker. */
struct thread_watch {
	/* The thread ends, or becomes the only one of a new program (exec); it is the current
	 * one. No lock is held, and it still has its process. Called once. */
	void (*left)(struct thread_watch *watch);
};

struct supplied_thread {
	uintptr_t entry, stack_pointer; /* user addresses, in the user's half */
	uintptr_t thread_pointer;       /* 0: none */
	uint64_t arguments[2];          /* of the function that begins at `entry` */
	signal_set_t blocked;
	struct thread_watch *watch; /* the maker's until `left` has been called */
};

/* Makes a thread of the current process that nobody can see yet; process_publish_threads() says
 * what becomes of it. -EAGAIN (ids), -ENOMEM, -EPERM (thread pointer). */
int must_check process_create_thread(const struct supplied_thread *like,
				     struct user_thread **thread);
/* Adds those threads to the current process in one step, as far as RESOURCE_PROCESSES allows, and
 * frees the others. How many were added: the first ones, on which the caller then calls
 * thread_start(), which each has to be. -ERESTARTNOINTR (a signal is to be handled first) or
 * -EAGAIN if none was. */
int must_check process_publish_threads(struct user_thread **threads, unsigned count);
