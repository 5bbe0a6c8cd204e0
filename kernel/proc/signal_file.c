/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals as files. The signals are the reader's, whoever made the file. Who polls hears of its
 * process's signals; the file keeps these processes, whose queues may be in use by event queues
 * for as long as the file is.
 */
#include <proc/signal_file.h>

#include "signal_private.h"

#include <base/errno.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <scheme/anonymous.h>
#include <scheme/poll.h>

/* A process that has polled. */
struct polled {
	struct polled *next;
	struct process *process; /* a reference */
};

struct signal_file {
	void (*encode)(const struct signal_info *info, void *record); /* immutable */
	struct spinlock lock;                                         /* RANK_LEAF: mask, polled */
	signal_set_t mask;
	struct polled *polled;
	struct wait_queue changed; /* the mask was changed */
};

static signal_set_t read_mask(struct signal_file *file)
{
	irq_state_t state = spin_lock_irqsave(&file->lock);
	signal_set_t mask = file->mask;

	spin_unlock_irqrestore(&file->lock, state);
	return mask;
}

static bool is_pending(struct signal_file *file)
{
	return signal_pending_set(user_thread_current()) & read_mask(file);
}

/* Takes a signal of the current thread: 0: none. */
static int take(struct signal_file *file, struct signal_info *info)
{
	struct user_thread *self = user_thread_current();
	signal_set_t mask = read_mask(file);
	irq_state_t state = spin_lock_irqsave(&self->process->lock);
	int signal = signal_take_locked(self, mask, info);

	signal_recompute_locked(self);
	spin_unlock_irqrestore(&self->process->lock, state);
	return signal;
}

/* Waits for the first signal and takes it: 0, or an error. */
static int wait_for_signal(struct file *file, struct signal_info *info)
{
	struct signal_file *signals = file->private;
	struct waiter waiter;
	int error = 0;

	if (take(signals, info))
		return 0;
	if (file->flags & FILE_NONBLOCK)
		return -EAGAIN;
	wait_begin(&process_current()->signal_wait, &waiter);
	while (!error && !take(signals, info))
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	return error;
}

static ssize_t signal_op_read(struct file *file, struct io *io, uint64_t offset)
{
	struct signal_file *signals = file->private;
	uint8_t record[SIGNAL_FILE_RECORD];
	struct signal_info info;
	ssize_t done = 0, count;
	int error;

	(void)offset;
	if (io_remaining(io) < sizeof(record))
		return -EINVAL;
	error = wait_for_signal(file, &info);
	if (error)
		return error;
	do {
		signals->encode(&info, record);
		count = io_put(io, record, sizeof(record));
		if (count != (ssize_t)sizeof(record))
			return done ? done : -EFAULT;
		done += count;
	} while (io_remaining(io) >= sizeof(record) && take(signals, &info));
	return done;
}

/* Keeps the current process for as long as the file lives. False: out of memory. */
static bool keep_process(struct signal_file *file)
{
	struct process *process = process_current();
	struct polled *entry = kmalloc(sizeof(*entry)), *each;
	irq_state_t state;

	if (!entry)
		return false;
	*entry = (struct polled){ .process = process };
	state = spin_lock_irqsave(&file->lock);
	for (each = file->polled; each && each->process != process; each = each->next)
		;
	if (!each) {
		process_get(process);
		entry->next = file->polled;
		file->polled = entry;
	}
	spin_unlock_irqrestore(&file->lock, state);
	if (each)
		kfree(entry);
	return true;
}

static unsigned signal_op_poll(struct file *file, struct poller *poller)
{
	struct signal_file *signals = file->private;

	if (poller) {
		if (!keep_process(signals))
			return POLL_ERROR;
		poller_add(poller, &process_current()->signal_wait);
		poller_add(poller, &signals->changed);
	}
	return is_pending(signals) ? POLL_IN | POLL_READ_NORMAL : 0;
}

static void signal_op_close(struct file *file)
{
	struct signal_file *signals = file->private;
	struct polled *each, *next;

	for (each = signals->polled; each; each = next) {
		next = each->next;
		process_put(each->process);
		kfree(each);
	}
	kfree(signals);
}

static const struct node_ops signal_file_ops = {
	.read = signal_op_read,
	.poll = signal_op_poll,
	.close = signal_op_close,
};

int signal_file_create(signal_set_t mask, unsigned flags,
		       void (*encode)(const struct signal_info *info, void *record),
		       struct file **file)
{
	struct signal_file *signals = kzalloc(sizeof(*signals));
	int error;

	if (!signals)
		return -ENOMEM;
	signals->encode = encode;
	signals->mask = mask & ~SIGNALS_UNBLOCKABLE;
	spinlock_init(&signals->lock, RANK_LEAF, "signal file");
	wait_queue_init(&signals->changed, "signal file");
	error = anonymous_file_create(&signal_file_ops, 0600, flags, credentials_current(), signals,
				      file);
	if (error)
		kfree(signals);
	return error;
}

int signal_file_set_mask(struct file *file, signal_set_t mask)
{
	struct signal_file *signals = file->private;
	irq_state_t state;

	if (file->ops != &signal_file_ops)
		return -EINVAL;
	state = spin_lock_irqsave(&signals->lock);
	signals->mask = mask & ~SIGNALS_UNBLOCKABLE;
	spin_unlock_irqrestore(&signals->lock, state);
	wait_wake_all(&signals->changed);
	return 0;
}
