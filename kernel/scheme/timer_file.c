/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Timers as files. Expirations are counted by arithmetic, when the timer interrupt comes or
 * somebody looks, so a short interval costs no more interrupts than SHORTEST_NS allows.
 */
#include <scheme/timer_file.h>

#include <base/errno.h>
#include <mm/phys/slab.h>
#include <scheme/anonymous.h>
#include <scheme/poll.h>
#include <time/clock.h>
#include <time/timer.h>

#define SHORTEST_NS 50000

struct timer_file {
	struct timer timer;
	struct wait_queue readers;
	enum clock_base base; /* immutable */
	struct waiter clock;  /* in wait_realtime_changed, unless the base is the monotonic clock */
	struct spinlock lock; /* RANK_READY: all below */
	uint64_t due;         /* on the clock that counts; 0: disarmed */
	uint64_t interval;
	uint64_t expirations;
	enum clock_base due_base; /* which clock `due` is a time of */
	bool cancel_on_change, cancelled;
};

static uint64_t now_locked(const struct timer_file *file)
{
	return clock_read_ns(file->due_base);
}

/* Counts what has expired until now. */
static void account_locked(struct timer_file *file)
{
	uint64_t now = now_locked(file), count;

	if (!file->due || now < file->due)
		return;
	count = file->interval ? (now - file->due) / file->interval + 1 : 1;
	file->expirations += count;
	file->due = file->interval ? file->due + count * file->interval : 0;
}

static void arm_locked(struct timer_file *file)
{
	uint64_t deadline = file->due;

	if (!deadline || deadline == DEADLINE_NEVER) {
		timer_cancel(&file->timer);
		return;
	}
	deadline = clock_to_monotonic(file->due_base, deadline);
	/* One that repeats is not armed more often than is good for the machine. */
	if (file->expirations)
		deadline = max_u64(deadline, clock_deadline_after(SHORTEST_NS));
	timer_arm(&file->timer, deadline);
}

static void timer_file_expired(struct timer *timer)
{
	struct timer_file *file = container_of(timer, struct timer_file, timer);
	irq_state_t state = spin_lock_irqsave(&file->lock);

	account_locked(file);
	arm_locked(file);
	spin_unlock_irqrestore(&file->lock, state);
	wait_wake_all(&file->readers);
}

/* In the callback of wait_realtime_changed. */
static bool timer_file_clock_set(struct waiter *waiter)
{
	struct timer_file *file = container_of(waiter, struct timer_file, clock);

	spin_lock(&file->lock);
	if (file->due_base == CLOCK_BASE_REALTIME)
		file->cancelled |= file->cancel_on_change;
	if (file->due_base != CLOCK_BASE_MONOTONIC)
		arm_locked(file);
	spin_unlock(&file->lock);
	wait_wake_nested(&file->readers);
	return true;
}

/* The expirations since the last look, 0: none, -ECANCELED. */
static int take(struct timer_file *file, uint64_t *expirations)
{
	irq_state_t state = spin_lock_irqsave(&file->lock);
	int error = 0;

	*expirations = 0;
	if (file->cancelled) {
		file->cancelled = false;
		error = -ECANCELED;
	} else {
		account_locked(file);
		*expirations = file->expirations;
		file->expirations = 0;
	}
	spin_unlock_irqrestore(&file->lock, state);
	return error;
}

static ssize_t timer_op_read(struct file *file, struct io *io, uint64_t offset)
{
	struct timer_file *timer = file->private;
	struct waiter waiter;
	uint64_t expirations;
	int error;

	(void)offset;
	if (io_remaining(io) < sizeof(expirations))
		return -EINVAL;
	wait_begin(&timer->readers, &waiter);
	for (;;) {
		error = take(timer, &expirations);
		if (error || expirations)
			break;
		error = -EAGAIN;
		if (file->flags & FILE_NONBLOCK)
			break;
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
		if (error)
			break;
	}
	wait_end(&waiter);
	return error ? error : io_put(io, &expirations, sizeof(expirations));
}

static unsigned timer_op_poll(struct file *file, struct poller *poller)
{
	struct timer_file *timer = file->private;
	irq_state_t state;
	bool ready;

	poller_add(poller, &timer->readers);
	state = spin_lock_irqsave(&timer->lock);
	account_locked(timer);
	ready = timer->expirations || timer->cancelled;
	spin_unlock_irqrestore(&timer->lock, state);
	return ready ? POLL_IN | POLL_READ_NORMAL : 0;
}

static void timer_op_close(struct file *file)
{
	struct timer_file *timer = file->private;

	if (timer->base != CLOCK_BASE_MONOTONIC)
		wait_remove(&timer->clock);
	(void)timer_cancel_sync(&timer->timer); /* whether it was armed */
	kfree(timer);
}

static const struct node_ops timer_ops = {
	.read = timer_op_read,
	.poll = timer_op_poll,
	.close = timer_op_close,
};

int timer_file_create(enum clock_base base, unsigned flags, const struct credentials *credentials,
		      struct file **file)
{
	struct timer_file *timer = kzalloc(sizeof(*timer));
	int error;

	if (!timer)
		return -ENOMEM;
	timer_init(&timer->timer, timer_file_expired);
	wait_queue_init(&timer->readers, "timer file");
	spinlock_init(&timer->lock, RANK_READY, "timer file");
	timer->base = base;
	error = anonymous_file_create(&timer_ops, 0600, flags, credentials, timer, file);
	if (error)
		kfree(timer);
	else if (base != CLOCK_BASE_MONOTONIC)
		wait_add_callback(&wait_realtime_changed, &timer->clock, timer_file_clock_set);
	return error;
}

static void read_locked(struct timer_file *file, struct timer_file_setting *setting)
{
	uint64_t now;

	account_locked(file);
	now = now_locked(file);
	*setting = (struct timer_file_setting){
		.due_ns = file->due ? max_u64(file->due, now + 1) - now : 0,
		.interval_ns = file->interval,
	};
}

int timer_file_set(struct file *file, const struct timer_file_setting *setting,
		   struct timer_file_setting *old)
{
	struct timer_file *timer = file->private;
	irq_state_t state;
	int error;

	if (file->ops != &timer_ops)
		return -EINVAL;
	state = spin_lock_irqsave(&timer->lock);
	if (old)
		read_locked(timer, old);
	error = timer->cancelled && setting->cancel_on_change ? -ECANCELED : 0;
	timer->due_base = timer->base;
	/* What is so long from now does not change when somebody sets the time. */
	if (timer->base == CLOCK_BASE_REALTIME && !setting->absolute)
		timer->due_base = CLOCK_BASE_MONOTONIC;
	timer->cancel_on_change = setting->cancel_on_change;
	timer->cancelled = false;
	timer->expirations = 0;
	timer->interval = setting->interval_ns;
	timer->due = setting->due_ns;
	if (setting->due_ns && !setting->absolute)
		timer->due = clock_after(timer->due_base, setting->due_ns);
	arm_locked(timer);
	spin_unlock_irqrestore(&timer->lock, state);
	return error;
}

int timer_file_get(struct file *file, struct timer_file_setting *now)
{
	struct timer_file *timer = file->private;
	irq_state_t state;

	if (file->ops != &timer_ops)
		return -EINVAL;
	state = spin_lock_irqsave(&timer->lock);
	read_locked(timer, now);
	spin_unlock_irqrestore(&timer->lock, state);
	return 0;
}
