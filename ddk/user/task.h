/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pool: threads that run what may sleep. Tasks of one key never run beside each other and run in the order in which they were queued; there are
 * more threads only while more tasks sleep.
 */
#pragma once

#include <base/list.h>

struct task {
	/* The task is not touched any more once this has begun, unless it is queued again. */
	void (*run)(struct task *task);
	const void *key; /* not NULL */
	/* The pool's. */
	struct list_node node; /* attached: queued */
};

/* Starts the first thread. */
void tasks_start(void);
void task_init(struct task *task, void (*run)(struct task *task), const void *key);
/* Unless it is queued already. Any thread. */
void task_queue(struct task *task);
/* Waits until the task is not queued and nothing of its key runs. */
void task_flush(struct task *task);
