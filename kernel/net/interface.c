/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Network interfaces: how they come, go, are switched, and outlive their drivers. `wanted` is what the
 * user said; `open` what the driver was told: the same, but while the device sleeps or has no driver.
 */
#include "net_priv.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>

/* Guards the table; taken for moments, by threads only. */
static struct spinlock table_lock = SPINLOCK_INIT(RANK_LEAF, "network interfaces");
static struct net_interface *table[NET_INTERFACE_MAX];
static uint64_t last_serial;

/* --- The table --------------------------------------------------------------------------------- */

static int table_add(struct net_interface *interface)
{
	int error = -ENOSPC;

	spin_lock(&table_lock);
	for (unsigned i = 0; i < NET_INTERFACE_MAX && error; i++) {
		if (table[i])
			continue;
		interface->index = i;
		interface->serial = ++last_serial;
		snprintf(interface->name, sizeof(interface->name), "eth%u", i);
		net_interface_hold(interface);
		table[i] = interface;
		error = 0;
	}
	spin_unlock(&table_lock);
	return error;
}

static void table_remove(struct net_interface *interface)
{
	spin_lock(&table_lock);
	table[interface->index] = NULL;
	spin_unlock(&table_lock);
	net_interface_put(interface);
}

struct net_interface *net_interface_get(unsigned index)
{
	struct net_interface *interface = NULL;

	spin_lock(&table_lock);
	if (index < NET_INTERFACE_MAX && table[index]) {
		interface = table[index];
		net_interface_hold(interface);
	}
	spin_unlock(&table_lock);
	return interface;
}

void net_interface_hold(struct net_interface *interface)
{
	refcount_get(&interface->references);
}

void net_interface_put(struct net_interface *interface)
{
	if (!refcount_put(&interface->references))
		return;
	net_slots_destroy(interface);
	kfree(interface);
}

/* --- The switch. control is held. ---------------------------------------------------------------- */

static void set_open(struct net_interface *interface, bool open)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	interface->open = open;
	interface->stopped = false;
	spin_unlock_irqrestore(&interface->lock, state);
}

static int open_driver(struct net_interface *interface)
{
	const struct ddk_net_ops *ops = &interface->handle.ops;
	int error;

	if (interface->open || interface->suspended || interface->state != NET_SERVED)
		return 0; /* later */
	set_open(interface, true);
	error = ops->open(&interface->handle);
	if (error) {
		set_open(interface, false);
		net_wait_sender(interface);
		net_take_back(interface);
		log_error("net", "%s: cannot be switched on: error %d", interface->name, -error);
		return error;
	}
	net_dispatch(interface);
	return 0;
}

static void close_driver(struct net_interface *interface)
{
	if (!interface->open)
		return;
	set_open(interface, false);
	net_wait_sender(interface);
	interface->handle.ops.close(&interface->handle);
	net_take_back(interface);
}

static void set_wanted(struct net_interface *interface, bool wanted)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	interface->wanted = wanted;
	spin_unlock_irqrestore(&interface->lock, state);
}

static int switch_on(struct net_interface *interface)
{
	int error;

	set_wanted(interface, true);
	error = open_driver(interface);
	if (error)
		set_wanted(interface, false);
	return error;
}

static void switch_off(struct net_interface *interface)
{
	set_wanted(interface, false);
	close_driver(interface);
	net_drop_waiting(interface);
	net_wake_listeners(interface);
}

int net_interface_switch(struct net_interface *interface, bool on)
{
	int error = 0;

	mutex_lock(&interface->control);
	if (interface->state == NET_GONE)
		error = -ENODEV;
	else if (on && !interface->wanted)
		error = switch_on(interface);
	else if (!on && interface->wanted)
		switch_off(interface);
	mutex_unlock(&interface->control);
	return error;
}

static void set_filter_field(struct net_interface *interface, unsigned filter)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	interface->filter = filter;
	spin_unlock_irqrestore(&interface->lock, state);
}

int net_interface_set_filter(struct net_interface *interface, unsigned filter)
{
	const struct ddk_net_ops *ops = &interface->handle.ops;
	int error = 0;

	if (filter & ~(unsigned)(DDK_NET_ALL_GROUPS | DDK_NET_EVERYTHING))
		return -EINVAL;
	mutex_lock(&interface->control);
	if (interface->state == NET_GONE)
		error = -ENODEV;
	else if (!ops->set_filter)
		error = -EOPNOTSUPP;
	if (!error) {
		set_filter_field(interface, filter);
		if (interface->state == NET_SERVED && !interface->suspended)
			ops->set_filter(&interface->handle, filter);
	}
	mutex_unlock(&interface->control);
	return error;
}

int net_interface_set_mtu(struct net_interface *interface, uint32_t mtu)
{
	int error = -EINVAL;
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	if (mtu >= DDK_NET_MTU_MIN && mtu <= interface->mtu_max) {
		interface->mtu = mtu;
		error = 0;
	}
	spin_unlock_irqrestore(&interface->lock, state);
	return error;
}

/* --- For drivers --------------------------------------------------------------------------------- */

static bool address_is_fit(const uint8_t address[DDK_NET_ADDRESS_LENGTH])
{
	unsigned sum = 0;

	for (unsigned i = 0; i < DDK_NET_ADDRESS_LENGTH; i++)
		sum |= address[i];
	return sum && !(address[0] & 1);
}

static bool makes_sense(const struct ddk_net_description *description,
			const struct ddk_net_ops *ops)
{
	return address_is_fit(description->address) && description->mtu_max >= 1500 &&
	       description->mtu_max <= DDK_NET_MTU_MAX && description->queue_length >= 1 &&
	       description->queue_length <= DDK_NET_QUEUE_MAX && ops->open && ops->close &&
	       ops->send;
}

static void set_state(struct net_interface *interface, enum net_state value)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);

	interface->state = value;
	interface->link = (struct ddk_net_link){ 0 };
	spin_unlock_irqrestore(&interface->lock, state);
}

/* Nobody serves it, and nobody will. */
static void end_interface(struct net_interface *interface)
{
	mutex_lock(&interface->control);
	set_state(interface, NET_GONE);
	mutex_unlock(&interface->control);
	log_info("net", "%s: gone", interface->name);
	net_slots_unmap(interface);
	net_drop_waiting(interface);
	net_wake_listeners(interface);
	table_remove(interface);
	net_interface_put(interface);
}

/* The driver, or another one, can be told again what the user wants. control is held. */
static void go_on(struct net_interface *interface)
{
	const struct ddk_net_ops *ops = &interface->handle.ops;

	if (ops->set_filter && interface->filter)
		ops->set_filter(&interface->handle, interface->filter);
	if (interface->wanted && open_driver(interface))
		switch_off(interface);
}

/* --- Handover ------------------------------------------------------------------------------------ */

static void discard(struct device_parked *parked)
{
	end_interface(container_of(parked, struct net_interface, parked));
}

/* Frames keep their numbers and lengths. */
static bool fits(struct device_parked *parked, const void *wanted)
{
	const struct net_interface *interface = container_of(parked, struct net_interface, parked);
	const struct ddk_net_description *description = wanted;

	return memcmp(interface->address, description->address, sizeof(interface->address)) == 0 &&
	       description->mtu_max >= interface->mtu_max &&
	       description->queue_length >= interface->slot_count;
}

/* The parked interface that is the one described, served from now on; false: there is none. */
static bool adopt(struct device *device, const struct ddk_net_description *description,
		  const struct ddk_net_ops *ops, void *context, struct ddk_net **net)
{
	struct device_parked *parked = device_find_parked(device, PARKED_NET, fits, description);
	struct net_interface *interface;

	if (!parked)
		return false;
	interface = container_of(parked, struct net_interface, parked);
	mutex_lock(&interface->control);
	interface->handle = (struct ddk_net){ .ops = *ops, .context = context };
	*net = &interface->handle;
	interface->suspended = false;
	set_state(interface, NET_SERVED);
	go_on(interface);
	mutex_unlock(&interface->control);
	return true;
}

/* --- Coming and going ---------------------------------------------------------------------------- */

static struct net_interface *make_interface(struct device *device,
					    const struct ddk_net_description *description)
{
	struct net_interface *interface = kzalloc(sizeof(*interface));

	if (!interface)
		return NULL;
	refcount_init(&interface->references, 1);
	mutex_init(&interface->control, RANK_NET, "network interface");
	spinlock_init(&interface->lock, RANK_CLASS, "network interface");
	list_init(&interface->free);
	list_init(&interface->waiting);
	list_init(&interface->listeners);
	wait_queue_init(&interface->writers, "network interface");
	interface->device = device;
	interface->parked = (struct device_parked){
		.kind = PARKED_NET,
		.order = device_parked_order(),
		.discard = discard,
	};
	memcpy(interface->address, description->address, sizeof(interface->address));
	interface->mtu_max = description->mtu_max;
	interface->mtu = 1500;
	interface->queue_length = description->queue_length;
	if (net_slots_create(interface)) {
		kfree(interface);
		return NULL;
	}
	return interface;
}

static void log_interface(const struct net_interface *interface)
{
	const uint8_t *a = interface->address;

	log_info("net", "%s: %02x:%02x:%02x:%02x:%02x:%02x", interface->name, a[0], a[1], a[2],
		 a[3], a[4], a[5]);
}

int net_interface_create(struct device *device, const struct ddk_net_description *description,
			 const struct ddk_net_ops *ops, void *context, struct ddk_net **net)
{
	struct net_interface *interface;
	int error;

	if (!makes_sense(description, ops))
		return -EINVAL;
	if (adopt(device, description, ops, context, net))
		return 0;
	interface = make_interface(device, description);
	if (!interface)
		return -ENOMEM;
	interface->handle = (struct ddk_net){ .ops = *ops, .context = context };
	*net = &interface->handle; /* it may be switched on at once */
	error = table_add(interface);
	if (error) {
		net_interface_put(interface);
		return error;
	}
	log_interface(interface);
	return 0;
}

void net_interface_remove(struct ddk_net *net)
{
	struct net_interface *interface = net_of(net);

	mutex_lock(&interface->control);
	close_driver(interface);
	set_state(interface, NET_PARKED); /* before it can be switched on again */
	mutex_unlock(&interface->control);
	if (!device_park(interface->device, &interface->parked))
		end_interface(interface);
}

void net_interface_suspend(struct ddk_net *net)
{
	struct net_interface *interface = net_of(net);

	mutex_lock(&interface->control);
	close_driver(interface);
	interface->suspended = true;
	mutex_unlock(&interface->control);
}

void net_interface_resume(struct ddk_net *net)
{
	struct net_interface *interface = net_of(net);

	mutex_lock(&interface->control);
	interface->suspended = false;
	go_on(interface);
	mutex_unlock(&interface->control);
}

void net_interface_set_link(struct ddk_net *net, const struct ddk_net_link *link)
{
	struct net_interface *interface = net_of(net);
	irq_state_t state = spin_lock_irqsave(&interface->lock);
	bool changed = interface->link.up != link->up;

	interface->link = *link;
	if (!link->up)
		interface->link = (struct ddk_net_link){ 0 };
	spin_unlock_irqrestore(&interface->lock, state);
	if (changed)
		log_info("net", "%s: link %s", interface->name, link->up ? "up" : "down");
	if (link->up)
		net_dispatch(interface);
}

/* --- For those who look ---------------------------------------------------------------------------- */

bool net_interface_read_status(struct net_interface *interface, struct net_status *status)
{
	irq_state_t state = spin_lock_irqsave(&interface->lock);
	bool there = interface->state != NET_GONE;

	*status = (struct net_status){
		.number = interface->index + NET_FIRST_NUMBER,
		.on = interface->wanted,
		.can_filter = interface->handle.ops.set_filter != NULL,
		.filter = interface->filter,
		.mtu = interface->mtu,
		.mtu_max = interface->mtu_max,
		.queue_length = interface->slot_count,
		.link = interface->link,
		.statistics = interface->statistics,
	};
	memcpy(status->name, interface->name, sizeof(status->name));
	memcpy(status->address, interface->address, sizeof(status->address));
	spin_unlock_irqrestore(&interface->lock, state);
	return there;
}
