/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes own; threads run.
 *
 * A process has an address space, descriptors, a working directory, credentials, signal
 * handlers, children, and one or more user threads. Process ids and thread ids are one space;
 * the first thread's id is the process's. A process whose last thread has ended is a zombie
 * until its parent waits for it.
 */
#pragma once

#include <base/list.h>
#include <mm/vm/aspace.h>
#include <proc/fd_table.h>
#include <proc/signal.h>
#include <sched/thread.h>
#include <scheme/path.h>
#include <time/timer.h>

struct namespace;
struct personality;
struct tty;

/* Working directory, root and umask; shared by CLONE_FS. Who holds: processes. */
struct file_context {
	struct refcount references;
	struct spinlock lock; /* RANK_PROCESS: all below */
	struct dentry *root;
	struct dentry *working_directory;
	uint32_t umask;
};

enum resource { /* Linux's RLIMIT_* */
		RESOURCE_CPU,
		RESOURCE_FILE_SIZE,
		RESOURCE_DATA,
		RESOURCE_STACK,
		RESOURCE_CORE,
		RESOURCE_RSS,
		RESOURCE_PROCESSES,
		RESOURCE_FILES,
		RESOURCE_LOCKED,
		RESOURCE_ADDRESS_SPACE,
		RESOURCE_LOCKS,
		RESOURCE_SIGNALS,
		RESOURCE_QUEUES,
		RESOURCE_NICE,
		RESOURCE_REALTIME,
		RESOURCE_REALTIME_TIME,
		RESOURCE_COUNT,
};

#define RESOURCE_INFINITY UINT64_MAX

struct resource_limit {
	uint64_t current, maximum;
};

struct process_times {
	uint64_t user_ns, system_ns;
};

enum process_state {
	PROCESS_RUNNING,
	PROCESS_STOPPED,
	PROCESS_ZOMBIE,
	PROCESS_DEAD, /* reaped */
};

/* Where an exit or stop status comes from, as wait4 reports it. */
static inline int wait_status_exited(int code)
{
	return (code & 0xff) << 8;
}
static inline int wait_status_killed(int signal, bool dumped)
{
	return signal | (dumped ? 0x80 : 0);
}
static inline int wait_status_stopped(int signal)
{
	return signal << 8 | 0x7f;
}
#define WAIT_STATUS_CONTINUED 0xffff

struct process {
	uint32_t pid; /* immutable */
	/* Who holds: the pid table until reaped, its threads, look-ups. */
	struct refcount references;
	const struct personality *personality; /* changes only in exec by its only thread */

	/* Under the process tree's lock (process_tree_lock). */
	struct process *parent;
	struct list children;
	struct list_node sibling_node;
	struct list_node all_node;
	struct list_node group_node; /* unused by others */
	uint32_t group, session;
	bool execed; /* has called exec since fork (setpgid) */
	enum process_state state;
	int exit_status; /* wait status of a zombie */
	int stop_signal;
	bool stop_reported, continued;
	int exit_signal; /* to the parent: SIGCHLD, or what clone asked for */
	struct process_times children_times;
	uint64_t children_faults;
	bool subreaper;

	/* Under `lock`. */
	struct spinlock lock; /* RANK_PROCESS */
	struct list threads;  /* struct user_thread.process_node */
	unsigned thread_count;
	bool exiting;                    /* exit_group or a fatal signal: all threads leave */
	int group_status;                /* with which wait status */
	struct user_thread *exec_thread; /* the one that stays when exec ends the others */
	struct credentials *credentials; /* a reference */
	struct resource_limit limits[RESOURCE_COUNT];
	struct process_times dead_times; /* of threads that ended */
	struct tty *tty;                 /* controlling terminal, a reference, or NULL */
	struct dentry *executable;       /* a reference, or NULL */
	struct namespace *namespace;

	/* Replaced only by exec and exit of the process itself; see process_aspace(). */
	struct aspace *aspace;
	struct fd_table *fd_table;
	struct file_context *files;
	struct signal_handlers *handlers;

	/* Under handlers->lock. */
	struct signal_pending pending;

	struct wait_queue child_wait;  /* waits for children */
	struct wait_queue signal_wait; /* signalfd and the like */
	struct wait_queue vfork_wait;  /* the parent in vfork */
	_Atomic bool vfork_done;
	struct wait_queue exit_wait; /* threads ending, for exec; pidfd */

	struct timer real_timer; /* ITIMER_REAL */
	uint64_t real_timer_interval;
	_Atomic uint64_t page_faults;
	uint64_t start_time; /* monotonic ns */
	char name[16];       /* of the program, for ps */
	void *abi_data;      /* the personality's, freed by kfree */
};

struct user_thread {
	struct thread thread;          /* thread.user is set */
	uint32_t id;                   /* immutable */
	struct process *process;       /* a reference; immutable */
	struct list_node process_node; /* process->lock */
	struct list_node id_node;      /* the id table's lock */

	/* Under process->handlers->lock. */
	struct signal_pending pending;
	signal_set_t blocked; /* written by the owner only */

	/* Owner thread only. */
	signal_set_t saved_mask; /* see signal_set_temporary_mask() */
	bool restore_mask;
	uintptr_t alternate_stack;
	size_t alternate_stack_size;
	unsigned alternate_stack_flags;
	uintptr_t clear_child_tid;
	uintptr_t robust_list;
	uint64_t syscall_number; /* of the call under way, for restarts */
	bool in_syscall;
	void *abi_data; /* the personality's, freed by kfree */
};

static inline struct user_thread *user_thread_current(void)
{
	return container_of(thread_current(), struct user_thread, thread);
}

static inline struct process *process_current(void)
{
	return user_thread_current()->process;
}

/* RANK_PROCESS_TREE: parents, children, groups, sessions, states of all processes. */
extern struct mutex process_tree_lock;

/* Look-ups, with a reference. NULL: none (or reaped). */
struct process *process_find(uint32_t pid);
struct user_thread *user_thread_find(uint32_t id);
void process_get(struct process *process);
void process_put(struct process *process);
void user_thread_put(struct user_thread *thread);
/* Calls `visit` for each process not yet reaped, without locks held, with a reference. */
void process_visit(bool (*visit)(struct process *process, void *argument), void *argument);
uint32_t process_count(void);

/* The address space with a reference; NULL for zombies. Any process. */
struct aspace *process_aspace(struct process *process);
struct fd_table *process_fd_table(struct process *process);
/* Credentials with a reference, of any process. */
struct credentials *process_credentials(struct process *process);
/* Of the current process, borrowed until it next changes them. */
const struct credentials *credentials_current(void);
/* Replaces the current process's credentials (reference taken over). */
void process_set_credentials(struct credentials *credentials);
/* May the current process signal `process`? */
bool process_may_signal(struct process *process, int signal);
/* The walker of the current process; end with walker_put(). */
void walker_get(struct walker *walker);
void walker_put(struct walker *walker);

/* clone. Which parts the child shares; a new thread shares all and joins the process. */
struct clone_request {
	bool share_aspace, share_files, share_context, share_handlers, thread, vfork;
	int exit_signal;
	uintptr_t stack_pointer; /* 0: keep */
	bool set_thread_pointer;
	uintptr_t thread_pointer;
	uintptr_t parent_tid; /* user addresses, 0: none */
	uintptr_t child_tid;  /* written in the child */
	uintptr_t clear_child_tid;
	bool same_parent;                       /* CLONE_PARENT */
	const struct arch_registers *registers; /* that the child returns with */
};
/* The child's id, or -EAGAIN (RLIMIT_NPROC, ids), -ENOMEM, -EINVAL. vfork: returns when the
 * child has let go of the address space. */
int must_check process_clone(const struct clone_request *request);

/* Ends the current thread (and with the last one, the process). */
_Noreturn void user_thread_exit(int exit_code);
/* Ends all threads of the process with a wait status. */
_Noreturn void process_exit(int wait_status);

/* wait4, waitid. which: > 0 pid, 0 own group, -1 any, < -1 group. */
enum wait_options {
	WAIT_NO_HANG = 1,
	WAIT_STOPPED = 2,
	WAIT_EXITED = 4,
	WAIT_CONTINUED = 8,
	WAIT_NO_REAP = 0x01000000,
};
struct wait_result {
	uint32_t pid, uid;
	int status;
	struct process_times times;
	uint64_t faults;
};
/* The pid, 0 (NO_HANG and none ready), -ECHILD, -ERESTART. */
int must_check process_wait(int which, unsigned options, struct wait_result *result);

/* Groups and sessions, with Linux's errors. */
int process_set_group(uint32_t pid, uint32_t group);
int process_get_group(uint32_t pid);
int process_get_session(uint32_t pid);
int process_create_session(void);
/* True if the group has no member whose parent is outside the group but in its session. */
bool process_group_orphaned(uint32_t group);

/* Limits of the current process. */
uint64_t process_limit(enum resource resource);
void process_read_times(struct process *process, struct process_times *times);

struct file_context *file_context_create(struct dentry *root);
void file_context_put(struct file_context *context);

/* Starts the first process: `path` with `arguments` (NULL-terminated) on the console. Called
 * once by main, in a kernel thread; 0 or the error of exec. */
int process_start_first(const char *path, const char *const *arguments,
			const char *const *environment);
void process_init(void);
