/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first process: made from nothing, it runs the first program with the console. */
#include "id_table.h"
#include "process_private.h"
#include "user_account.h"

#include <arch/thread.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>
#include <core/panic.h>
#include <proc/exec.h>
#include <proc/personality.h>
#include <scheme/credentials.h>
#include <scheme/scheme.h>

#define CONSOLE_PATH "/dev/console"

/* What the starter and the first thread tell each other. */
struct first_start {
	const char *path;
	const char *const *arguments, *const *environment;
	int error;              /* of exec */
	_Atomic bool done;      /* `error` is valid */
	struct wait_queue wait; /* for `done` */
};

static struct first_start start;

static int collect(struct exec_strings *strings, const char *const *from)
{
	for (; *from; from++) {
		int error = exec_strings_add(strings, *from, strlen(*from));

		if (error)
			return error;
	}
	return 0;
}

/* The root of a scheme whose name is all that there is to say. */
static int open_scheme(const char *name, struct file **file)
{
	struct scheme *scheme = namespace_find(namespace_current(), name, strlen(name));
	const struct scheme_request request = {
		.path = "",
		.credentials = credentials_current(),
		.flags = FILE_READ_WRITE | FILE_NO_TTY,
	};
	struct walker walker = { .credentials = credentials_current() };
	int error;

	if (!scheme)
		return -ENODEV;
	walker.root = walker.working_directory = scheme->root;
	error = scheme->ops->open ? scheme->ops->open(scheme, &request, file)
				  : path_open(&walker, NULL, "/", request.flags, 0, file);
	scheme_put(scheme);
	return error;
}

static int open_console_file(struct file **file)
{
	const char *name = process_current()->personality->console_scheme;
	struct walker walker;
	int error;

	if (name && open_scheme(name, file) == 0)
		return 0;
	walker_get(&walker);
	error = path_open(&walker, NULL, CONSOLE_PATH, FILE_READ_WRITE | FILE_NO_TTY, 0, file);
	walker_put(&walker);
	return error;
}

/* Descriptors 0, 1 and 2. A system without a console starts as well. */
static void open_console(void)
{
	struct file *file;
	int error = open_console_file(&file);

	if (error) {
		log_warning("proc", "cannot open %s: error %d", CONSOLE_PATH, -error);
		return;
	}
	for (unsigned i = 0; i < 3; i++) {
		file_get(file);
		if (fd_add(file, false) < 0)
			break;
	}
	file_put(file);
}

static int run_first_program(void)
{
	struct exec_strings arguments = { 0 }, environment = { 0 };
	struct walker walker;
	struct file *file;
	int error;

	walker_get(&walker);
	error = exec_open(&walker, NULL, start.path, WALK_FOLLOW, &file);
	walker_put(&walker);
	if (error)
		return error;
	error = collect(&arguments, start.arguments);
	if (!error)
		error = collect(&environment, start.environment);
	if (error) {
		exec_strings_free(&arguments);
		exec_strings_free(&environment);
	} else {
		error = process_exec(file, start.path, &arguments, &environment, 0);
	}
	file_put(file);
	return error;
}

static void first_thread(void *argument)
{
	struct user_thread *self = argument;
	int error;

	credentials_refresh(self);
	open_console();
	error = run_first_program();
	start.error = error;
	/* Without a program this is not the first process, but an attempt at it. */
	if (error)
		first_process = NULL;
	start.done = true;
	wait_wake_all(&start.wait);
	if (error)
		process_exit(wait_status_exited(127));
	arch_enter_user(arch_user_registers(&self->thread));
}

/* Linux's, unless the command line names another ABI (abi=). */
static const struct personality *first_personality(void)
{
	char name[16];

	if (!command_line_get("abi", name, sizeof(name)))
		string_copy(name, "linux", sizeof(name));
	return personality_find(name);
}

static int fill_first(struct process *process)
{
	struct dentry *root = linux_tree_root();

	process->first = true;
	process->protected = true;
	process_set_personality(process, first_personality());
	if (!process->personality)
		return -ENOEXEC;
	string_copy(process->name, "init", sizeof(process->name));
	limits_set_defaults(process->limits);
	namespace_get(namespace_first());
	process->namespace = namespace_first();
	namespace_get(namespace_first());
	process->real_namespace = namespace_first();
	process->credentials = credentials_create(NULL);
	process->account = user_account_find(0);
	process->handlers = signal_handlers_create(NULL);
	process->fd_table = fd_table_create();
	process->files = file_context_create(root);
	dentry_put(root);
	if (!process->credentials || !process->account || !process->handlers ||
	    !process->fd_table || !process->files)
		return -ENOMEM;
	return 0;
}

/* The first process and its thread, which is in the tables but has not started. */
static int create_first(struct user_thread **thread)
{
	struct process *process = process_allocate();
	irq_state_t table, state;
	int error = -ENOMEM;

	if (!process)
		return error;
	error = fill_first(process);
	if (!error)
		error = user_thread_create(process, ID_FIRST, first_thread, thread);
	if (!error && !user_account_add_thread(process->account, UINT64_MAX)) {
		user_thread_destroy(*thread);
		error = -EAGAIN;
	}
	if (error) {
		process_drop_contents(process);
		process_put(process);
		return error;
	}
	mutex_lock(&process_tree_lock);
	table = id_table_lock();
	process_link_locked(process, NULL, ID_FIRST, 0, 0);
	state = spin_lock_irqsave(&process->lock);
	process_add_thread_locked(process, *thread);
	spin_unlock_irqrestore(&process->lock, state);
	id_table_unlock(table);
	first_process = process;
	mutex_unlock(&process_tree_lock);
	return 0;
}

/* The usual reasons by name, so that the message can be understood without a table. */
static const char *error_name(int error)
{
	switch (error) {
	case -ENOENT:
		return "ENOENT, there is no such file";
	case -EACCES:
		return "EACCES, it is not an executable file";
	case -ENOEXEC:
		return "ENOEXEC, it is not a program for this machine";
	case -ENOMEM:
		return "ENOMEM, there is too little memory";
	case -ENOTDIR:
		return "ENOTDIR, a part of the path is not a directory";
	case -ELOOP:
		return "ELOOP, too many links or interpreters";
	case -EIO:
		return "EIO, it could not be read";
	default:
		return "an error";
	}
}

/* Nothing interrupts a kernel thread, and there is no deadline: it is woken. */
static void wait_uninterrupted(struct waiter *waiter)
{
	int error = wait_sleep(waiter, WAIT_UNINTERRUPTIBLE, DEADLINE_NEVER);

	debug_assert(error == 0);
	(void)error;
}

/* Waits until the attempt has vanished, so that there can be another. */
static void wait_until_reaped(struct process *process)
{
	struct waiter waiter;

	wait_begin(&process->exit_wait, &waiter);
	while (process->state != PROCESS_DEAD)
		wait_uninterrupted(&waiter);
	wait_end(&waiter);
}

/* Starts the thread and waits for what exec says. */
static int start_and_wait(struct user_thread *thread)
{
	struct process *process = thread->process;
	struct waiter waiter;

	process_get(process);
	wait_begin(&start.wait, &waiter);
	thread_start(&thread->thread);
	while (!start.done)
		wait_uninterrupted(&waiter);
	wait_end(&waiter);
	if (start.error)
		wait_until_reaped(process);
	process_put(process);
	return start.error;
}

int process_start_first(const char *path, const char *const *arguments,
			const char *const *environment)
{
	struct user_thread *thread;
	int error;

	start.path = path;
	start.arguments = arguments;
	start.environment = environment;
	start.done = false;
	wait_queue_init(&start.wait, "first program");
	error = create_first(&thread);
	if (!error)
		error = start_and_wait(thread);
	if (error)
		log_error("proc", "cannot start %s: %s (%d)", path, error_name(error), -error);
	return error;
}
