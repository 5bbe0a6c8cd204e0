/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /sys/class/net: network interfaces as Linux shows them, and /proc/net/dev. `fd` of a node is the interface's index. A
 * driver's own terms (scheme `network:`) say the same in words.
 */
#include "sysfs_things.h"

#include <base/errno.h>
#include <base/string.h>
#include <net/interface.h>

typedef unsigned long long llu;

/* Linux's interface flags and types. */
#define FLAG_UP         0x1
#define FLAG_BROADCAST  0x2
#define FLAG_RUNNING    0x40
#define FLAG_EVERYTHING 0x100
#define FLAG_ALL_GROUPS 0x200
#define FLAG_MULTICAST  0x1000
#define TYPE_ETHERNET   1
#define FIELD(member)   offsetof(struct net_statistics, member)

/* False: there is none of that index. */
static bool read_status(int index, struct net_status *status)
{
	struct net_interface *interface = net_interface_get((unsigned)index);
	bool there;

	if (!interface)
		return false;
	there = net_interface_read_status(interface, status);
	net_interface_put(interface);
	return there;
}

/* --- What is told of each. Prints the value, or returns an error. --- */

typedef int print_value(struct text *text, const struct net_status *status);

static int print_address(struct text *text, const struct net_status *status)
{
	const uint8_t *a = status->address;

	text_print(text, "%02x:%02x:%02x:%02x:%02x:%02x\n", a[0], a[1], a[2], a[3], a[4], a[5]);
	return 0;
}

static int print_address_length(struct text *text, const struct net_status *status)
{
	(void)status;
	text_print(text, "%u\n", DDK_NET_ADDRESS_LENGTH);
	return 0;
}

static int print_broadcast(struct text *text, const struct net_status *status)
{
	(void)status;
	text_print(text, "ff:ff:ff:ff:ff:ff\n");
	return 0;
}

/* As on Linux, of an interface that is off this and the two below are not known. */
static int print_carrier(struct text *text, const struct net_status *status)
{
	if (!status->on)
		return -EINVAL;
	text_print(text, "%u\n", status->link.up);
	return 0;
}

static int print_speed(struct text *text, const struct net_status *status)
{
	if (!status->on)
		return -EINVAL;
	if (status->link.up && status->link.megabits)
		text_print(text, "%u\n", status->link.megabits);
	else
		text_print(text, "-1\n");
	return 0;
}

static int print_duplex(struct text *text, const struct net_status *status)
{
	const char *name = "unknown";

	if (!status->on)
		return -EINVAL;
	if (status->link.duplex == DDK_NET_FULL_DUPLEX)
		name = "full";
	else if (status->link.duplex == DDK_NET_HALF_DUPLEX)
		name = "half";
	text_print(text, "%s\n", name);
	return 0;
}

static int print_flags(struct text *text, const struct net_status *status)
{
	unsigned flags = FLAG_BROADCAST | FLAG_MULTICAST;

	if (status->on)
		flags |= FLAG_UP | (status->link.up ? FLAG_RUNNING : 0);
	if (status->filter & DDK_NET_EVERYTHING)
		flags |= FLAG_EVERYTHING;
	if (status->filter & DDK_NET_ALL_GROUPS)
		flags |= FLAG_ALL_GROUPS;
	text_print(text, "0x%x\n", flags);
	return 0;
}

static int print_number(struct text *text, const struct net_status *status)
{
	text_print(text, "%u\n", status->number);
	return 0;
}

static int print_mtu(struct text *text, const struct net_status *status)
{
	text_print(text, "%u\n", status->mtu);
	return 0;
}

static int print_state(struct text *text, const struct net_status *status)
{
	text_print(text, "%s\n", status->on && status->link.up ? "up" : "down");
	return 0;
}

static int print_queue(struct text *text, const struct net_status *status)
{
	text_print(text, "%u\n", status->queue_length);
	return 0;
}

static int print_type(struct text *text, const struct net_status *status)
{
	(void)status;
	text_print(text, "%u\n", TYPE_ETHERNET);
	return 0;
}

static int print_event(struct text *text, const struct net_status *status)
{
	text_print(text, "INTERFACE=%s\nIFINDEX=%u\n", status->name, status->number);
	return 0;
}

static int generate_value(struct proc_node *node, struct text *text);
static ssize_t store_mtu(struct proc_node *node, const char *bytes, size_t length);

#define VALUE(file_name, function)                       \
	{                                                \
		.entry = { .name = file_name,            \
			   .mode = MODE_FILE | 0444,     \
			   .generate = generate_value }, \
		.print = function                        \
	}

static const struct value {
	struct proc_entry entry;
	print_value *print;
} values[] = {
	VALUE("addr_len", print_address_length),
	VALUE("address", print_address),
	VALUE("broadcast", print_broadcast),
	VALUE("carrier", print_carrier),
	VALUE("duplex", print_duplex),
	VALUE("flags", print_flags),
	VALUE("ifindex", print_number),
	{
		.entry = { .name = "mtu",
			   .mode = MODE_FILE | 0644,
			   .generate = generate_value,
			   .store = store_mtu },
		.print = print_mtu,
	},
	VALUE("operstate", print_state),
	VALUE("speed", print_speed),
	VALUE("tx_queue_len", print_queue),
	VALUE("type", print_type),
	VALUE("uevent", print_event),
};

static int generate_value(struct proc_node *node, struct text *text)
{
	struct net_status status;

	if (!read_status(node->fd, &status))
		return -ENODEV;
	return container_of(node->entry, struct value, entry)->print(text, &status);
}

static ssize_t store_mtu(struct proc_node *node, const char *bytes, size_t length)
{
	size_t count = length > 0 && bytes[length - 1] == '\n' ? length - 1 : length;
	struct net_interface *interface;
	char digits[16];
	uint64_t mtu;
	int error;

	if (count >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, bytes, count);
	digits[count] = '\0';
	error = string_to_u64(digits, &mtu);
	if (error || mtu > UINT32_MAX)
		return error ? error : -EINVAL;
	interface = net_interface_get((unsigned)node->fd);
	if (!interface)
		return -ENODEV;
	error = net_interface_set_mtu(interface, (uint32_t)mtu);
	net_interface_put(interface);
	return error ? error : (ssize_t)length;
}

/* --- statistics/ --- */

static int generate_counter(struct proc_node *node, struct text *text);

#define COUNTER(file_name, member)                         \
	{                                                  \
		.entry = { .name = file_name,              \
			   .mode = MODE_FILE | 0444,       \
			   .generate = generate_counter }, \
		.offset = FIELD(member)                    \
	}

static const struct counter {
	struct proc_entry entry;
	size_t offset;
} counters[] = {
	COUNTER("multicast", multicast),
	COUNTER("rx_bytes", received_bytes),
	COUNTER("rx_dropped", received_dropped),
	COUNTER("rx_errors", received_errors),
	COUNTER("rx_packets", received),
	COUNTER("tx_bytes", sent_bytes),
	COUNTER("tx_dropped", send_dropped),
	COUNTER("tx_errors", send_errors),
	COUNTER("tx_packets", sent),
};

static int generate_counter(struct proc_node *node, struct text *text)
{
	const struct counter *counter = container_of(node->entry, struct counter, entry);
	struct net_status status;
	uint64_t value;

	if (!read_status(node->fd, &status))
		return -ENODEV;
	memcpy(&value, (const char *)&status.statistics + counter->offset, sizeof(value));
	text_print(text, "%llu\n", (llu)value);
	return 0;
}

static bool describe_counter(int index, unsigned at, struct sysfs_thing *thing)
{
	string_copy(thing->name, counters[at].entry.name, sizeof(thing->name));
	thing->entry = &counters[at].entry;
	thing->id = index;
	return true;
}

static const struct sysfs_things counter_things = {
	.limit = array_length(counters),
	.describe = describe_counter,
};

SYSFS_THINGS_OPS(static, counters_ops, counter_things);

static const struct proc_entry counters_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.ops = &counters_ops,
};

/* --- Directories. --- */

static bool describe_value(int index, unsigned at, struct sysfs_thing *thing)
{
	bool last = at == array_length(values);

	string_copy(thing->name, last ? "statistics" : values[at].entry.name, sizeof(thing->name));
	thing->entry = last ? &counters_entry : &values[at].entry;
	thing->id = index;
	return true;
}

static const struct sysfs_things value_things = {
	.limit = array_length(values) + 1,
	.describe = describe_value,
};

SYSFS_THINGS_OPS(static, interface_ops, value_things);

static const struct proc_entry interface_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.ops = &interface_ops,
};

static bool describe_interface(int unused, unsigned index, struct sysfs_thing *thing)
{
	struct net_status status;

	(void)unused;
	if (!read_status((int)index, &status))
		return false;
	string_copy(thing->name, status.name, sizeof(thing->name));
	thing->entry = &interface_entry;
	thing->id = (int)index;
	return true;
}

static const struct sysfs_things interfaces = {
	.limit = NET_INTERFACE_MAX,
	.describe = describe_interface,
};

SYSFS_THINGS_OPS(, sysfs_net_ops, interfaces);

/* --- /proc/net/dev --- */

static int generate_table(struct proc_node *node, struct text *text)
{
	struct net_status status;

	(void)node;
	text_print(text,
		   "Inter-|   Receive                                                |  Transmit\n"
		   " face |bytes    packets errs drop fifo frame compressed multicast|bytes    "
		   "packets errs drop fifo colls carrier compressed\n");
	for (int i = 0; i < NET_INTERFACE_MAX; i++) {
		const struct net_statistics *s = &status.statistics;

		if (!read_status(i, &status))
			continue;
		text_print(text, "%6s: %7llu %7llu %4llu %4llu    0     0          0 %9llu",
			   status.name, (llu)s->received_bytes, (llu)s->received,
			   (llu)s->received_errors, (llu)s->received_dropped, (llu)s->multicast);
		text_print(text, " %8llu %7llu %4llu %4llu    0     0       0          0\n",
			   (llu)s->sent_bytes, (llu)s->sent, (llu)s->send_errors,
			   (llu)s->send_dropped);
	}
	return 0;
}

const struct proc_entry proc_net_children[] = {
	{ .name = "dev", .mode = MODE_FILE | 0444, .generate = generate_table },
	{ .name = NULL },
};
