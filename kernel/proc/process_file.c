/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes as files. */
#include <proc/process_file.h>

#include <scheme/anonymous.h>
#include <scheme/poll.h>

static unsigned process_op_poll(struct file *file, struct poller *poller)
{
	struct process *process = file->private;

	poller_add(poller, &process->exit_wait);
	return process->state >= PROCESS_ZOMBIE ? POLL_IN | POLL_READ_NORMAL : 0;
}

static void process_op_close(struct file *file)
{
	process_put(file->private);
}

static const struct node_ops process_file_ops = {
	.poll = process_op_poll,
	.close = process_op_close,
};

int process_file_create(struct process *process, unsigned flags, struct file **file)
{
	int error = anonymous_file_create(&process_file_ops, 0600, flags, credentials_current(),
					  process, file);

	if (!error)
		process_get(process);
	return error;
}

struct process *process_file_process(const struct file *file)
{
	struct process *process = file->private;

	if (file->ops != &process_file_ops)
		return NULL;
	process_get(process);
	return process;
}
