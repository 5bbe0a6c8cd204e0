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
#include <proc/limits.h>
#include <proc/signal.h>
#include <sched/thread.h>
#include <scheme/path.h>
#include <time/timer.h>

struct arch_registers;
struct debugger;
struct namespace;
struct namespace_keeper;
struct personality;
struct thread_watch;
struct tty;
struct user_account;

/* Working directory, root and umask; shared by CLONE_FS. Who holds: processes. */
struct file_context {
	struct refcount references;
	struct spinlock lock; /* RANK_PROCESS: all below */
	struct dentry *root;
	struct dentry *working_directory;
	/* How a Redox program named the working directory, canonical; NULL: as the dentry says. */
	char *working_name;
	uint32_t umask;
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
	/* Immutable. */
	uint32_t pid;
	bool first;          /* pid 1 */
	bool service;        /* the kernel's own: see proc/service.h */
	uint64_t start_time; /* boot time, ns */

	/* Who holds: the id table until reaped, its threads, look-ups. */
	struct refcount references;
	const struct personality *personality; /* changes only in exec by its only thread */
	/* Serves a system call: the personality's function, or one that also tells the debugger.
	 * Written under lock; read by its threads without. */
	void (*serve)(struct arch_registers *registers);

	/* To write: process_tree_lock and the id table's lock; to read: either. */
	struct process *parent; /* NULL: the first process */
	uint32_t group, session;
	struct list_node group_node; /* in the group's list of members */

	/* Under process_tree_lock. */
	struct list children;
	struct list_node sibling_node;
	enum process_state state; /* others may read a stale value */
	int exit_status;          /* wait status of a zombie */
	int stop_signal;
	bool stop_reported, continued;
	bool execed;     /* has called exec since fork (setpgid) */
	bool subreaper;  /* orphaned descendants become its children */
	int exit_signal; /* to the parent: SIGCHLD, or what clone asked for; 0: none */
	struct process_times children_times;
	uint64_t children_faults;

	struct spinlock lock; /* RANK_PROCESS: all below up to the next heading */
	struct list threads;  /* struct user_thread.process_node */
	unsigned thread_count;
	bool exiting;                    /* exit_group or a fatal signal: all threads leave */
	int group_status;                /* with which wait status */
	int leader_status;               /* with which the first thread ended by itself */
	struct user_thread *exec_thread; /* the one that stays when exec ends the others */
	bool protected;            /* the first process: default actions do not end or stop it */
	int stopping;              /* a signal stops the process: its number */
	unsigned stopped_count;    /* threads that have stopped already */
	unsigned holds;            /* by debuggers (proc/hold.h) */
	struct debugger *debugger; /* a reference, or NULL (proc/debugger.h) */
	bool stop_taken;           /* a stop signal was taken and SIGCONT has not come since */
	bool continue_report;      /* the parent is to be told that it goes on */
	struct signal_pending pending;   /* for the process as a whole */
	struct credentials *credentials; /* a reference */
	struct user_account *account;    /* whom its threads are counted for; a reference */
	bool dumpable;                   /* other processes of the user may look inside */
	bool no_new_privileges;          /* exec ignores set-id bits; inherited, never cleared */
	bool fixed_layout;               /* exec does not randomise addresses; inherited */
	struct resource_limit limits[RESOURCE_COUNT];
	struct process_times dead_times; /* of threads that ended */
	struct tty *tty;                 /* controlling terminal, a reference, or NULL */
	struct dentry *executable;       /* a reference, or NULL */
	char *program_name;              /* owned; "SCHEME:REST", or NULL: that of `executable` */
	/* References, or NULL. Names are looked up in the effective one, `namespace`; the real one
	 * is what a process may go back to (Redox's setrens). */
	struct namespace *namespace, *real_namespace;
	struct namespace_keeper
		*keeper; /* of namespaces it made or may know; a reference, or NULL */
	char name[16];   /* of the program, for ps */
	/* The file mode creation mask where it is the process's own; negative: that of `files`. */
	_Atomic int32_t own_umask;
	/* Replaced only by exec and exit of the process itself, which therefore reads them
	 * without the lock. NULL in zombies but for the handlers. */
	struct aspace *aspace;
	struct fd_table *fd_table;
	struct file_context *files;
	struct signal_handlers *handlers;
	/* Interval timers and RESOURCE_CPU. */
	struct timer real_timer;            /* INTERVAL_REAL */
	struct timer cpu_timer;             /* looks when one of the others may be due */
	uint64_t timer_due[INTERVAL_COUNT]; /* monotonic or processor time in ns; 0: disarmed */
	uint64_t timer_interval[INTERVAL_COUNT];
	uint64_t cpu_limit_due;   /* processor time of the next SIGXCPU, 0: none */
	struct list posix_timers; /* of timer_create(), by number; under lock */

	struct wait_queue child_wait;  /* waits for children */
	struct wait_queue signal_wait; /* a signal came: signalfd and the like */
	struct wait_queue vfork_wait;  /* the parent in vfork */
	/* Threads ending, for exec; threads held; the process ending: pidfd. */
	struct wait_queue exit_wait;
	_Atomic bool vfork_done;
	_Atomic uint64_t page_faults;
	_Atomic uint64_t charged_pages; /* kept for it outside of the address space (charge.h) */
	struct process *heir; /* who has those of an ended one; a reference, or NULL; under lock */
	void *abi_data;       /* the personality's, freed by kfree */
};

struct user_thread {
	struct thread thread;    /* thread.user is set */
	uint32_t id;             /* changes only in exec, when it takes over the pid */
	struct process *process; /* a reference; immutable */

	/* Under process->lock. */
	struct list_node process_node;
	struct signal_pending pending;
	signal_set_t blocked; /* written by the owner only */
	signal_set_t waited;  /* by signal_wait() */
	bool exiting;         /* takes no signals any more */
	bool stopped;
	bool held; /* sleeps for process->holds */
	/* Written by the owner, or by a debugger while the thread is held. */
	bool stepping; /* traps after its next instruction, which is no fault */

	/* Under the lock of proc/priority_futex.c. */
	struct list owned_futexes; /* that others wait for */
	/* The thread is ending and can own none any more. Set by the owner, read by those who wait. */
	_Atomic bool futexes_left;

	/* Owner thread only. */
	struct credentials *credentials; /* the process's as of the last system call; a ref. */
	signal_set_t saved_mask;         /* see signal_set_temporary_mask() */
	bool restore_mask;
	uintptr_t alternate_stack;
	size_t alternate_stack_size;
	unsigned alternate_stack_flags;
	uintptr_t set_child_tid; /* where a new thread writes its id, 0: nowhere */
	uintptr_t clear_child_tid;
	uintptr_t robust_list;
	uint64_t syscall_number; /* of the call under way, for restarts */
	/* A call is under way, so the registers hold its result; a call that replaces the
	 * registers (sigreturn, exec) sets it to false. */
	bool in_syscall;
	struct thread_watch *watch; /* of whom made it, where the kernel did (supply.h), or NULL */
	void *abi_data;             /* the personality's, freed by kfree */
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
/* Calls `visit` for each process not yet reaped in order of pid until it returns false,
 * without locks held, with a reference. */
void process_visit(bool (*visit)(struct process *process, void *argument), void *argument);
/* The process with the lowest pid >= `pid`, or the thread of `process` with the lowest id >=
 * `id`, with a reference; NULL: none. */
struct process *process_find_next(uint32_t pid);
struct user_thread *process_next_thread(struct process *process, uint32_t id);
uint32_t process_count(void);
/* The pid of the parent, 0: none. */
uint32_t process_parent_pid(struct process *process);

/* The address space with a reference; NULL for zombies. Any process. */
struct aspace *process_aspace(struct process *process);
/* The descriptors, directories or program with a reference; NULL for zombies. Any process. */
struct fd_table *process_fd_table(struct process *process);
struct file_context *process_file_context(struct process *process);
struct dentry *process_executable(struct process *process);
/* The name of its program as "SCHEME:REST", for kfree. -ENOENT: the file has none any more, or the
 * process is a zombie; -ENAMETOOLONG, -ENOMEM. */
int must_check process_program_name(struct process *process, char **name);
/* Credentials with a reference, of any process. */
struct credentials *process_credentials(struct process *process);
/* Of the current process, borrowed until the current thread next changes them. */
const struct credentials *credentials_current(void);
/* Replaces the current process's credentials (reference taken over). */
void process_set_credentials(struct credentials *credentials);
/* May the current process signal `process`? */
bool process_may_signal(struct process *process, int signal);
/* May it look inside and change it (/proc, prlimit)? The same user or root. */
bool process_may_inspect(struct process *process);
/* Replaces namespaces of the current process (references taken over; NULL: stays). */
void process_set_namespaces(struct namespace *real, struct namespace *effective);
/* Of any process: their numbers, 0 for zombies. */
void process_namespace_numbers(struct process *process, uint64_t *real, uint64_t *effective);
/* The keeper of the current process, made if there is none. Borrowed. NULL: out of memory. */
struct namespace_keeper *process_namespace_keeper(void);
/* The walker of the current process; end with walker_put(). */
void walker_get(struct walker *walker);
void walker_put(struct walker *walker);
/* The name of the program or thread, for ps; cut to 15 bytes. */
void process_set_name(struct process *process, const char *name);
void user_thread_set_name(struct user_thread *thread, const char *name);

/* clone. Which parts the child shares; a new thread shares all and joins the process. */
struct clone_request {
	bool share_aspace, share_files, share_context, share_handlers, thread, vfork;
	bool handlers_alone; /* share_handlers is allowed without share_aspace */
	bool own_umask;      /* the umask is not shared, even if the directories are */
	bool own_stack;      /* of a shared address space the stack is a copy at the same place */
	int exit_signal;
	bool set_stack_pointer; /* else it is kept */
	uintptr_t stack_pointer;
	bool set_thread_pointer;
	uintptr_t thread_pointer;
	uintptr_t parent_tid; /* user addresses, 0: none */
	uintptr_t child_tid;  /* written in the child */
	uintptr_t clear_child_tid;
	bool same_parent;                       /* CLONE_PARENT */
	bool reset_handlers;                    /* CLONE_CLEAR_SIGHAND */
	const struct arch_registers *registers; /* that the child returns with */
};
/* The child's id, or -EAGAIN (RLIMIT_NPROC, ids), -ENOMEM, -EINVAL, -ERESTARTNOINTR (a signal
 * is to be handled first). vfork: returns when the child has let go of the address space. */
int must_check process_clone(const struct clone_request *request);
/* unshare: copies of descriptors and directories of its own for the current process. -EINVAL
 * where several threads use what would be split; -ENOMEM. */
int must_check process_unshare(bool files, bool context);

/* Ends the current thread (and with the last one, the process). */
_Noreturn void user_thread_exit(int exit_code);
/* Ends all threads of the process with a wait status. */
_Noreturn void process_exit(int wait_status);

/* wait4, waitid. which: > 0 pid, 0 own group, -1 any, < -1 group; with WAIT_GROUP a group. */
enum wait_options {
	WAIT_NO_HANG = 1,
	WAIT_STOPPED = 2,
	WAIT_EXITED = 4,
	WAIT_CONTINUED = 8,
	WAIT_NO_REAP = 0x01000000,
	WAIT_GROUP = 0x02000000,
};
struct wait_result {
	uint32_t pid, uid;
	int status;
	struct process_times times; /* with those of its own waited-for children */
	uint64_t faults;
};
/* The pid, 0 (NO_HANG and none ready), -ECHILD, -ERESTART. */
int must_check process_wait(int which, unsigned options, struct wait_result *result);

/* Groups and sessions, with Linux's errors; pid 0: the current process. */
int process_set_group(uint32_t pid, uint32_t group);
int process_get_group(uint32_t pid);
/* Without regard to sessions: the current process or a child of it (else -ESRCH) joins any group,
 * `group` 0: its own. -EINVAL: no group can have that number; -ENOMEM. */
int process_join_group(uint32_t pid, uint32_t group);
int process_get_session(uint32_t pid);
int process_create_session(void);
/* The session of a group's members, or -ESRCH if it has none. */
int process_group_session(uint32_t group);
/* True if the group has no member whose parent is outside the group but in its session. Any
 * context. */
bool process_group_orphaned(uint32_t group);

struct file_context *file_context_create(struct dentry *root);
void file_context_put(struct file_context *context);
/* Of the current process; the reference is taken over. */
void file_context_set_working_directory(struct dentry *directory);
/* The same for a directory that was named "SCHEME:REST"; takes over `name` (kmalloc'ed, at
 * most PATH_MAX_LENGTH with its end), and the reference. `directory` NULL: the scheme has no tree, and Linux paths begin where they did. */
void file_context_set_working_name(char *name, struct dentry *directory);
/* A copy of that name for kfree, or NULL in *name if there is none. -ENOMEM. */
int must_check file_context_working_name(char **name);
void file_context_set_root(struct dentry *directory);
/* Sets the file mode creation mask and returns the old one. */
uint32_t file_context_set_umask(uint32_t umask);
uint32_t file_context_umask(void);

/* Starts the first process: `path` with `arguments` (NULL-terminated) on the console. Called
 * once by main, in a kernel thread; 0 or the error of exec, which is logged. */
int process_start_first(const char *path, const char *const *arguments,
			const char *const *environment);
void process_init(void);
