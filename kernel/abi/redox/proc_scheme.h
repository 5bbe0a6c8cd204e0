/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the schemes `proc:` and `thisproc:`: what the files of processes share. Each open file
 * keeps its process, which may have ended: ESRCH. Who may look is asked again at every access, as
 * the process may have become somebody else's.
 */
#pragma once

#include <scheme/file.h>
#include <scheme/scheme.h>

struct poller;
struct process;
struct proc_file;
struct trace;
struct user_thread;

/* What one kind of file does. */
struct proc_kind {
	const char *name; /* what follows the process in the path */
	size_t size;      /* of the record, for fstat; 0: it has a position */
	bool for_anybody; /* it shows nothing that others may not see */
	bool after_end;   /* it is served when the process has ended, too */
	/* May be NULL. `flags`: enum file_flags, all of those given. */
	int (*open)(struct proc_file *file, unsigned flags);
	void (*close)(struct proc_file *file);
	ssize_t (*read)(struct proc_file *file, struct io *io, uint64_t offset);
	/* NULL: -EBADF. */
	ssize_t (*write)(struct proc_file *file, struct io *io, uint64_t offset);
	/* NULL: nobody can wait for it. */
	unsigned (*poll)(struct proc_file *file, struct poller *poller);
};

struct proc_file {
	const struct proc_kind *kind;
	struct process *process; /* a reference */
	bool by_name;            /* was opened as "current" */
	bool opened;             /* kind->open has succeeded, or is none */
	struct trace *trace;     /* of proc_kind_trace: the session */
	bool nonblocking;        /* as the description's flags are now */
};

/* Whether the caller may use that kind of file of the process: -EPERM. Exec gives a process its new
 * ids before its new memory, and does not happen while it is held: who asks after that, or with the
 * memory in hand, knows that the answer is about what is there. */
int must_check proc_check_access(const struct proc_kind *kind, struct process *process);

extern const struct proc_kind proc_kind_environment, proc_kind_integer, proc_kind_float,
	proc_kind_memory, proc_kind_executable, proc_kind_trace;

/* --- x86_64/proc_registers.c: of a thread that is held, or the current one --- */
struct redox_environment_registers;
struct redox_integer_registers;
struct redox_float_registers;
void redox_get_environment_registers(struct user_thread *thread,
				     struct redox_environment_registers *to);
/* -EINVAL: an address that is not canonical. */
int redox_set_environment_registers(struct user_thread *thread,
				    const struct redox_environment_registers *from);
/* Of a held thread only. What a program may not set in the flags is left as it is. */
void redox_get_integer_registers(struct user_thread *thread, struct redox_integer_registers *to);
void redox_set_integer_registers(struct user_thread *thread,
				 const struct redox_integer_registers *from);
void redox_get_float_registers(struct user_thread *thread, struct redox_float_registers *to);
void redox_set_float_registers(struct user_thread *thread,
			       const struct redox_float_registers *from);
