/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Services: processes that the kernel makes for itself, of a program that it maps by itself (driver hosts).
 *
 * They are root's and nobody's children, have no descriptors, no directories and no name space, and are in a
 * group and a session of their own. They run on while programs stand still (freeze.h), and are left alone by
 * signals to all, by who looks for memory to free, and when programs are ended before the machine goes
 * down; whoever names one can kill it. They may be made before the first process.
 */
#pragma once

#include <base/types.h>

struct aspace;
struct personality;
struct process;

struct service_start {
	const char *name;
	const struct personality *personality;
	struct aspace *aspace; /* a reference, which becomes the process's */
	void *abi_data;        /* kmalloc'ed, becomes the process's */
	uintptr_t entry, stack_pointer;
};

/* The process, whose thread has not begun to run, with a reference. On failure nothing of `start` was taken
 * over. Thread context. -ENOMEM, -EAGAIN (no ids are left). */
int must_check service_create(const struct service_start *start, struct process **process);
/* Lets it run. Once. */
void service_run(struct process *process);
