/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames that came in: copied once, from the driver's buffer, and queued with each open file that listens. Who does not
 * read loses the newest. Lengths come from devices, or from drivers that nobody trusts.
 */
#include "net_priv.h"

#include <base/string.h>
#include <mm/phys/slab.h>

struct net_packet *net_packet_create(struct ddk_net *net, size_t length)
{
	struct net_interface *interface = net_of(net);
	struct net_packet *packet = NULL;
	bool fits = length >= DDK_NET_HEADER_LENGTH &&
		    length <= interface->mtu_max + DDK_NET_HEADER_LENGTH + NET_VLAN_LENGTH;

	if (fits)
		packet = kmalloc(sizeof(*packet) + length);
	if (!packet) {
		net_interface_dropped(net, 1, !fits);
		return NULL;
	}
	refcount_init(&packet->references, 1);
	packet->length = (uint32_t)length;
	return packet;
}

void *net_packet_bytes(struct net_packet *packet)
{
	return packet->bytes;
}

void net_packet_put(struct net_packet *packet)
{
	if (refcount_put(&packet->references))
		kfree(packet);
}

static bool push_locked(struct net_listener *listener, struct net_packet *packet)
{
	if (listener->count == NET_LISTENER_PACKETS)
		return false;
	refcount_get(&packet->references);
	listener->packets[(listener->first + listener->count++) % NET_LISTENER_PACKETS] = packet;
	wait_wake(&listener->readers);
	return true;
}

static void count_locked(struct net_interface *interface, const uint8_t *frame, size_t length)
{
	struct net_statistics *statistics = &interface->statistics;

	statistics->received++;
	statistics->received_bytes += length;
	if (frame[0] & 1) /* addressed to a group, or all */
		statistics->multicast++;
}

void net_interface_receive(struct ddk_net *net, struct net_packet *packet)
{
	struct net_interface *interface = net_of(net);
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	if (interface->open) {
		count_locked(interface, packet->bytes, packet->length);
		for (struct list_node *node = list_first(&interface->listeners); node;
		     node = list_next(&interface->listeners, node)) {
			if (!push_locked(container_of(node, struct net_listener, node), packet))
				interface->statistics.received_dropped++;
		}
	}
	spin_unlock_irqrestore(&interface->lock, state);
	net_packet_put(packet);
}

void net_interface_received(struct ddk_net *net, const void *frame, size_t length)
{
	struct net_packet *packet = net_packet_create(net, length);

	if (!packet)
		return;
	memcpy(packet->bytes, frame, length);
	net_interface_receive(net, packet);
}

void net_interface_dropped(struct ddk_net *net, uint32_t count, bool damaged)
{
	struct net_interface *interface = net_of(net);
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	if (damaged)
		interface->statistics.received_errors += count;
	else
		interface->statistics.received_dropped += count;
	spin_unlock_irqrestore(&interface->lock, state);
}

/* --- Listeners --------------------------------------------------------------------------------- */

void net_listen(struct net_interface *interface, struct net_listener *listener)
{
	irq_state_t state;

	listener->interface = interface;
	wait_queue_init(&listener->readers, "frames");
	state = spin_lock_irqsave(&interface->lock);
	list_push_back(&interface->listeners, &listener->node);
	spin_unlock_irqrestore(&interface->lock, state);
}

void net_unlisten(struct net_listener *listener)
{
	struct net_interface *interface = listener->interface;
	struct net_packet *packet;
	irq_state_t state = spin_lock_irqsave(&interface->lock);
	bool gone;

	list_remove(&listener->node);
	spin_unlock_irqrestore(&interface->lock, state);
	while ((packet = net_take_packet(listener, &gone)) != NULL)
		net_packet_put(packet);
}

struct net_packet *net_take_packet(struct net_listener *listener, bool *gone)
{
	struct net_packet *packet = NULL;
	irq_state_t state = spin_lock_irqsave(&listener->interface->lock);

	if (listener->count > 0) {
		packet = listener->packets[listener->first];
		listener->first = (listener->first + 1) % NET_LISTENER_PACKETS;
		listener->count--;
	}
	*gone = listener->interface->state == NET_GONE;
	spin_unlock_irqrestore(&listener->interface->lock, state);
	return packet;
}

bool net_has_packet(struct net_listener *listener)
{
	irq_state_t state = spin_lock_irqsave(&listener->interface->lock);
	bool has = listener->count > 0;

	spin_unlock_irqrestore(&listener->interface->lock, state);
	return has;
}

void net_wake_listeners(struct net_interface *interface)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	for (struct list_node *node = list_first(&interface->listeners); node;
	     node = list_next(&interface->listeners, node))
		wait_wake_all(&container_of(node, struct net_listener, node)->readers);
	spin_unlock_irqrestore(&interface->lock, state);
	wait_wake_all(&interface->writers);
}
