/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * network:NAME/frames: whole Ethernet frames, without check sequence. Each open file that reads has a queue of its
 * own of what comes from when it was opened. A write returns when the frame is queued; fsync waits until all have left.
 */
#include "net_priv.h"
#include "scheme_priv.h"

#include <base/errno.h>
#include <mm/phys/slab.h>
#include <scheme/poll.h>

static int frames_open(struct node *node, struct file *file)
{
	struct net_interface *interface = net_node_interface(node);
	struct net_listener *listener;

	if (!file->readable)
		return 0;
	listener = kzalloc(sizeof(*listener));
	if (!listener)
		return -ENOMEM;
	net_interface_hold(interface);
	net_listen(interface, listener);
	file->private = listener;
	return 0;
}

static void frames_close(struct file *file)
{
	struct net_listener *listener = file->private;

	if (!listener)
		return;
	net_unlisten(listener);
	net_interface_put(listener->interface);
	kfree(listener);
}

static ssize_t take_frame(struct net_listener *listener, struct io *io)
{
	bool gone;
	struct net_packet *packet = net_take_packet(listener, &gone);
	ssize_t count;

	if (!packet)
		return gone ? -ENODEV : -EAGAIN;
	/* What does not fit is lost, as of any datagram. */
	count = io_put(io, packet->bytes, min_size(packet->length, io_remaining(io)));
	net_packet_put(packet);
	return count;
}

static ssize_t frames_read(struct file *file, struct io *io, uint64_t offset)
{
	struct net_listener *listener = file->private;
	ssize_t count = take_frame(listener, io);
	struct waiter waiter;

	(void)offset;
	if (count != -EAGAIN || (file->flags & FILE_NONBLOCK))
		return count;
	wait_begin(&listener->readers, &waiter);
	while ((count = take_frame(listener, io)) == -EAGAIN) {
		int error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);

		if (error) {
			count = error;
			break;
		}
	}
	wait_end(&waiter);
	return count;
}

static ssize_t frames_write(struct file *file, struct io *io, uint64_t *offset)
{
	(void)offset;
	return net_interface_send(net_node_interface(file->node), io,
				  !(file->flags & FILE_NONBLOCK));
}

static int frames_sync(struct file *file, bool data_only)
{
	(void)data_only;
	return net_wait_sent(net_node_interface(file->node));
}

static unsigned frames_poll(struct file *file, struct poller *poller)
{
	struct net_interface *interface = net_node_interface(file->node);
	struct net_listener *listener = file->private;
	unsigned events = 0;

	poller_add(poller, &interface->writers);
	if (listener) {
		poller_add(poller, &listener->readers);
		if (net_has_packet(listener))
			events |= POLL_IN | POLL_READ_NORMAL;
	}
	if (net_can_write(interface))
		events |= POLL_OUT | POLL_WRITE_NORMAL;
	if (net_is_gone(interface))
		events |= POLL_HANGUP | POLL_ERROR;
	return events;
}

const struct node_ops net_frames_ops = {
	.release = net_node_release,
	.set_attributes = net_node_set_attributes,
	.open = frames_open,
	.close = frames_close,
	.read = frames_read,
	.write = frames_write,
	.sync = frames_sync,
	.poll = frames_poll,
};
