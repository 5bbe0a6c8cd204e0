/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processor time of threads, processes and their children. */
#include "process_private.h"

static _Atomic uint64_t ended_user_ns;
static _Atomic uint64_t created_count;

void user_thread_read_times(struct user_thread *thread, struct process_times *times)
{
	thread_read_times(&thread->thread, &times->user_ns, &times->system_ns);
}

static void add_times(struct process_times *sum, const struct process_times *part)
{
	sum->user_ns += part->user_ns;
	sum->system_ns += part->system_ns;
}

void process_read_times_locked(struct process *process, struct process_times *times)
{
	struct list_node *node;

	*times = process->dead_times;
	list_for_each (node, &process->threads) {
		struct user_thread *thread = container_of(node, struct user_thread, process_node);
		struct process_times part;

		user_thread_read_times(thread, &part);
		add_times(times, &part);
	}
}

void process_read_times(struct process *process, struct process_times *times)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);

	process_read_times_locked(process, times);
	spin_unlock_irqrestore(&process->lock, state);
}

void process_add_dead_times_locked(struct process *process, struct user_thread *thread)
{
	struct process_times part;

	user_thread_read_times(thread, &part);
	add_times(&process->dead_times, &part);
}

void process_read_children_times(struct process *process, struct process_times *times,
				 uint64_t *faults)
{
	mutex_lock(&process_tree_lock);
	*times = process->children_times;
	*faults = process->children_faults;
	mutex_unlock(&process_tree_lock);
}

uint64_t process_ended_user_ns(void)
{
	return ended_user_ns;
}

uint64_t process_created_count(void)
{
	return created_count;
}

void process_count_created(void)
{
	created_count++;
}

void process_count_ended(struct process *process)
{
	struct process_times times;

	process_read_times(process, &times);
	ended_user_ns += times.user_ns;
}
