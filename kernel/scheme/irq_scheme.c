/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `irq:`, root's: processes that drive devices. `irq:N` counts the interrupts of line N since
 * it was opened. Reading gives the count if it has grown, and writing that count back acknowledges
 * the interrupt. A line that is level-triggered stays masked until then, so it belongs to one open
 * file alone; lines that are edge-triggered may be watched beside their drivers.
 */
#include <base/errno.h>
#include <irq/irq.h>
#include <mm/phys/slab.h>
#include <scheme/credentials.h>
#include <scheme/poll.h>
#include <scheme/scheme_file.h>

#include <stdatomic.h>

#define LINE_DIGITS 3
#define LINE_MAX    255

struct irq_file {
	struct irq_handler handler;
	bool level; /* immutable */
	_Atomic uint64_t count, acknowledged;
	struct wait_queue readers;
};

/* A process that keeps up with the line vouches for it: else one that comes for ever is masked by
 * and by, as nobody handles it. */
static bool irq_file_handle(struct irq_handler *handler)
{
	struct irq_file *irq = container_of(handler, struct irq_file, handler);
	uint64_t before = atomic_fetch_add(&irq->count, 1);

	if (irq->level)
		irq_mask(handler);
	wait_wake_all(&irq->readers);
	return irq->level || before == irq->acknowledged;
}

static ssize_t irq_file_read(struct file *file, struct io *io, uint64_t offset)
{
	struct irq_file *irq = file->private;
	uint64_t count = irq->count;

	(void)offset;
	if (io_remaining(io) < sizeof(count))
		return -EINVAL;
	return count != irq->acknowledged ? io_put(io, &count, sizeof(count)) : 0;
}

/* One that has come meanwhile is to be read first. */
static ssize_t irq_file_write(struct file *file, struct io *io, uint64_t *offset)
{
	struct irq_file *irq = file->private;
	uint64_t count;
	ssize_t taken;

	(void)offset;
	if (io_remaining(io) < sizeof(count))
		return -EINVAL;
	taken = io_take(io, &count, sizeof(count));
	if (taken != (ssize_t)sizeof(count))
		return -EFAULT;
	if (count != irq->count)
		return 0;
	if (atomic_exchange(&irq->acknowledged, count) != count && irq->level)
		irq_unmask(&irq->handler);
	return taken;
}

static unsigned irq_file_poll(struct file *file, struct poller *poller)
{
	struct irq_file *irq = file->private;

	poller_add_event(poller, &irq->readers, POLL_IN);
	return irq->count != irq->acknowledged ? POLL_IN | POLL_READ_NORMAL : 0;
}

static void irq_file_close(struct file *file)
{
	struct irq_file *irq = file->private;

	irq_release(&irq->handler);
	kfree(irq);
}

static const struct node_ops irq_ops = {
	.close = irq_file_close,
	.read = irq_file_read,
	.write = irq_file_write,
	.poll = irq_file_poll,
	.name = scheme_file_name,
};

/* -ENOENT: that is no line. */
static int parse_line(const struct scheme_request *request, unsigned *line)
{
	*line = 0;
	if (request->length == 0 || request->length > LINE_DIGITS)
		return -ENOENT;
	for (size_t i = 0; i < request->length; i++) {
		if (request->path[i] < '0' || request->path[i] > '9')
			return -ENOENT;
		*line = *line * 10 + (unsigned)(request->path[i] - '0');
	}
	return *line <= LINE_MAX ? 0 : -ENOENT;
}

static int connect(struct irq_file *irq, unsigned line)
{
	int error = irq_request_for_process(&irq->handler, line, &irq->level);

	return error == -EINVAL || error == -ENODEV ? -ENOENT : error;
}

static int irq_open(struct scheme *scheme, const struct scheme_request *request, struct file **file)
{
	struct irq_file *irq;
	unsigned line;
	int error;

	if (!credentials_privileged(request->credentials))
		return -EACCES;
	error = parse_line(request, &line);
	if (error)
		return error;
	irq = kzalloc(sizeof(*irq));
	if (!irq)
		return -ENOMEM;
	irq->handler.handle = irq_file_handle;
	irq->handler.name = "irq:";
	wait_queue_init(&irq->readers, "irq file");
	error = connect(irq, line);
	if (!error) {
		error = scheme_file_create(scheme, request, &irq_ops, MODE_CHARACTER | 0600, irq,
					   file);
		if (error)
			irq_release(&irq->handler);
	}
	if (error)
		kfree(irq);
	return error;
}

static int irq_start(void)
{
	static const struct scheme_ops ops = { .open = irq_open };

	return scheme_start_opaque("irq", &ops, 0);
}

SCHEME(irq) = { .name = "irq", .level = 20, .start = irq_start };
