/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of proc share about processes. Private to proc.
 *
 * Functions with _locked need process->lock, which is always taken with interrupts off.
 */
#pragma once

#include <mm/vm/user.h>
#include <proc/process.h>

struct terminal_ops;

/* The first process; NULL before it runs. */
extern struct process *first_process;

/* --- process.c --- */
/* A process with one reference and no threads, named by no id: all fields in their initial
 * state. NULL: out of memory. */
struct process *process_allocate(void);
/* A thread with an id, in no process's list; the reference to `process` is taken. -EAGAIN (no
 * id), -ENOMEM. `id` 0: any. */
int must_check user_thread_create(struct process *process, uint32_t id, void (*entry)(void *),
				  struct user_thread **thread);
/* Undoes user_thread_create() for a thread that never ran. */
void user_thread_destroy(struct user_thread *thread);
/* Adds a thread, which the caller has counted in the account, to its process; its id can be
 * found from now on. The id table is locked too. */
void process_add_thread_locked(struct process *process, struct user_thread *thread);
/* Makes the process a child of `parent` and gives it its id. Needs process_tree_lock and the id
 * table's lock. */
void process_link_locked(struct process *child, struct process *parent, uint32_t pid,
			 uint32_t group, uint32_t session);
/* Lets go of everything that only a living process has, but not of the address space. */
void process_drop_contents(struct process *process);
/* Replaces the address space by `aspace` (a reference, or NULL) and returns the old one. */
struct aspace *process_swap_aspace(struct process *process, struct aspace *aspace);

static inline bool user_thread_must_leave_locked(const struct user_thread *thread)
{
	const struct process *process = thread->process;

	return process->exiting || (process->exec_thread && process->exec_thread != thread);
}

/* --- debugger.c --- */
/* Makes the process one of that ABI: a new one, or in exec. */
void process_set_personality(struct process *process, const struct personality *personality);

/* --- clone.c --- */
/* Where new threads begin: goes to user mode with the registers that were prepared. */
_Noreturn void user_thread_begin(void *argument);

/* process_add_thread_locked() for a thread that was not counted yet: -EAGAIN at the user's limit
 * (RESOURCE_PROCESSES), which does not hold for root. */
int must_check process_count_and_add_thread_locked(struct process *process,
						   struct user_thread *child);

/* Stores a word where a bad address is nobody's problem but the program's. */
static inline void user_store_u32(uintptr_t address, uint32_t value)
{
	int error = write_user_u32(address, value);

	(void)error;
}

/* --- supply.c --- */
/* Tells who made the current thread, if the kernel did, that it leaves its program. */
void user_thread_end_watch(struct user_thread *self);

/* --- exit.c --- */
/* Ends the current thread with a wait status, which counts where it is the first thread. */
_Noreturn void user_thread_leave(int wait_status);
/* Has all threads leave; the first status given counts. */
void process_begin_exit_locked(struct process *process, int wait_status);
/* Writes 0 to clear_child_tid, wakes its waiters, and goes through the robust list: before the
 * current thread leaves its address space. */
void user_thread_leave_memory(struct user_thread *self);
/* The parent in vfork goes on. */
void process_release_vfork(struct process *process);

/* --- zombie.c: all under process_tree_lock --- */
/* Tells the parent by SIGCHLD and wakes it. `code`: enum signal_code of children. */
void process_notify_parent(struct process *process, int code, int status);
/* Gives away the children, becomes a zombie, tells the parent. Takes the lock itself. */
void process_become_zombie(struct process *process, int wait_status);
/* Takes a zombie out of the tree; drops the table's reference. */
void process_reap(struct process *zombie);

/* --- group.c --- */
/* The same as process_group_orphaned(), as if `ignored` (may be NULL) did not exist. */
bool process_group_orphaned_without(uint32_t group, const struct process *ignored);

/* --- wait.c --- */
/* Sleeps until woken, for anything but a signal that ends the thread: -EINTR then. */
struct waiter;
int must_check wait_killable(struct waiter *waiter);

/* True if the current thread, one of the process's, is all that there is of it: then nobody else
 * changes what belongs to the process, unless it is shared beyond it. */
static inline bool process_is_single(const struct process *process)
{
	return __atomic_load_n(&process->thread_count, __ATOMIC_ACQUIRE) == 1;
}

/* --- credentials.c --- */
/* Has the current thread see what its process's credentials are now. */
void credentials_replace(struct user_thread *self);
static inline void credentials_refresh(struct user_thread *self)
{
	/* Without the lock: the thread's are kept, so their address cannot be that of newer ones. */
	if (__atomic_load_n(&self->process->credentials, __ATOMIC_RELAXED) != self->credentials)
		credentials_replace(self);
}

/* --- limits.c --- */
void limits_set_defaults(struct resource_limit *limits);
/* Tells a new address space the limits of the process that it is for. */
void limits_apply(struct process *process, struct aspace *aspace);

/* --- interval.c --- */
void interval_timers_init(struct process *process);
/* Stops all, when the process ends; nothing expires afterwards. */
void interval_timers_stop(struct process *process);
/* Looks at RESOURCE_CPU anew. */
void interval_timers_set_cpu_limit(struct process *process);

/* --- posix_timer.c --- */
/* Ends all, with the program; nothing expires afterwards. */
void posix_timers_end(struct process *process);
/* A timer's signal was taken: keeps its overruns. */
struct signal_info;
void posix_timers_taken_locked(struct process *process, const struct signal_info *info);

/* --- times.c --- */
void process_add_dead_times_locked(struct process *process, struct user_thread *thread);
void process_read_times_locked(struct process *process, struct process_times *times);

/* User time of all processes that were reaped, and how many were ever made. */
uint64_t process_ended_user_ns(void);
uint64_t process_created_count(void);
void process_count_created(void);
void process_count_ended(struct process *process);

/* --- charge.c --- */
/* What is still kept for a process that ends counts for `heir` from now on, which lives. With the
 * process tree's lock. */
void process_pass_charges(struct process *process, struct process *heir);

/* --- terminal.c --- */
const struct terminal_ops *terminal_ops(void);
/* Gives up the process's reference, with no effect on others. */
void terminal_forget(struct process *process);
/* What becomes of the terminal when the process ends, or gives it up. */
void terminal_process_left(struct process *process, bool ended);
/* fork: the child's reference. */
void terminal_inherit(struct process *child, struct process *parent);
