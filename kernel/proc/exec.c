/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exec: everything that can fail is done on the side, in an address space of its own, while the
 * old program is still whole; only the personality's initial stack is written afterwards, since
 * that is done as the program itself would.
 */
#include "exec_private.h"
#include "process_private.h"

#include <arch/thread.h>
#include <base/errno.h>
#include <mm/phys/slab.h>
#include <proc/personality.h>
#include <scheme/credentials.h>

#define SCRIPT_DEPTH_MAX 5

static int open_program(struct exec *exec, struct file *file)
{
	if (!(exec->flags & EXEC_PERMITTED))
		return exec_reopen(file, &exec->program.file);
	file_get(file);
	exec->program.file = file;
	return 0;
}

/* Finds the ELF file behind `file`, which may be a script. */
static int find_program(struct exec *exec, struct file *file)
{
	int error = open_program(exec, file);
	char *script = NULL;

	for (unsigned depth = 0; !error; depth++) {
		/* The interpreter of a script is named by the line that is about to be lost. */
		const char *name = script ? script : exec->path;

		error = exec_read_head(exec);
		if (!error && !(exec->flags & EXEC_NO_SCRIPTS))
			error = exec_follow_script(exec, name);
		if (error <= 0)
			break;
		error = depth < SCRIPT_DEPTH_MAX ? 0 : -ELOOP;
		kfree(script);
		script = error ? NULL : kstrdup(exec->image.arguments.bytes);
		if (!error && !script)
			error = -ENOMEM;
	}
	kfree(script);
	return error;
}

static const struct personality *choose_personality(const struct exec *exec)
{
	return personality_recognise(exec->program.file, exec->head, EXEC_HEAD_SIZE,
				     process_current()->personality);
}

/* Fills a new address space with the program. */
static int build_memory(struct exec *exec)
{
	struct aspace *aspace = aspace_create();
	int error;

	if (!aspace)
		return -ENOMEM;
	exec->image.aspace = aspace;
	limits_apply(process_current(), aspace);
	error = exec_lay_out(exec);
	if (!error)
		error = exec_map_stack(exec);
	if (!error && !exec_interpreter_alone(exec))
		error = exec_map_program(exec, &exec->program);
	if (!error && exec->interpreter.file)
		error = exec_map_program(exec, &exec->interpreter);
	return error;
}

/* The last step, in the new memory. There is no way back: the thread ends before it reaches
 * user mode if this fails. */
static int start_program(struct exec *exec)
{
	struct process *process = process_current();
	uintptr_t stack_pointer;
	irq_state_t state;
	int error = exec->personality->build_stack(&exec->image, &stack_pointer);

	if (error) {
		state = spin_lock_irqsave(&process->lock);
		process_begin_exit_locked(process, wait_status_killed(SIGSEGV, false));
		spin_unlock_irqrestore(&process->lock, state);
		return error;
	}
	arch_registers_reset(arch_user_registers(thread_current()), exec->image.start,
			     stack_pointer);
	return 0;
}

static void exec_free(struct exec *exec)
{
	if (exec->program.file)
		file_put(exec->program.file);
	if (exec->interpreter.file)
		file_put(exec->interpreter.file);
	kfree(exec->program.headers);
	kfree(exec->interpreter.headers);
	kfree(exec->program_name);
	if (exec->files)
		file_context_put(exec->files);
	if (exec->image.aspace)
		aspace_put(exec->image.aspace);
	if (exec->credentials)
		credentials_put(exec->credentials);
	if (exec->fd_table)
		fd_table_put(exec->fd_table);
	if (exec->handlers)
		signal_handlers_put(exec->handlers);
	exec_strings_free(&exec->image.arguments);
	exec_strings_free(&exec->image.environment);
	kfree(exec);
}

int process_exec(struct file *file, const char *path, struct exec_strings *arguments,
		 struct exec_strings *environment, unsigned flags)
{
	struct exec *exec = kzalloc(sizeof(*exec));
	int error;

	if (!exec) {
		exec_strings_free(arguments);
		exec_strings_free(environment);
		return -ENOMEM;
	}
	exec->image.arguments = *arguments;
	exec->image.environment = *environment;
	exec->image.path = exec->path = path;
	exec->flags = flags;
	error = find_program(exec, file);
	if (!error) {
		exec->personality = choose_personality(exec);
		error = exec->personality ? exec_read_programs(exec) : -ENOEXEC;
	}
	if (!error && exec_interpreter_alone(exec))
		error = exec_replace_first_argument(exec, path);
	if (!error)
		error = build_memory(exec);
	if (!error)
		error = exec_prepare(exec);
	if (!error)
		error = exec_commit(exec);
	if (!error)
		error = start_program(exec);
	exec_free(exec);
	return error;
}
