/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `network:`: a directory for each network interface, with
 *
 *     frames       Ethernet frames: each read gives one, each write sends one (frames.c)
 *     address      its own, as 52:54:00:12:34:56
 *     link         "up", the speed in megabits a second and the duplex; or "down"
 *     up           1: it is switched on; 0 or 1 can be written
 *     mtu          the longest data of a frame that is sent; can be written
 *     filter       what it takes in: "own", "groups" or "everything"; can be written
 *     statistics   counters, one a line
 */
#include "net_priv.h"
#include "scheme_priv.h"

#include <base/errno.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <scheme/scheme.h>
#include <scheme/text.h>

#define NODES_PER_INTERFACE 16 /* numbers of nodes */

typedef unsigned long long llu;

struct net_file {
	const char *name;
	uint32_t mode;
	void (*generate)(struct text *text, const struct net_status *status);
	/* Takes what was written, without the end of the line. */
	int (*store)(struct net_interface *interface, const char *value);
	const struct node_ops *ops; /* NULL: text */
};

struct net_node {
	struct node node;
	struct net_interface *interface; /* a reference; NULL: the root's */
	const struct net_file *file;
};

static struct net_node *net_node_of(struct node *node)
{
	return container_of(node, struct net_node, node);
}

struct net_interface *net_node_interface(struct node *node)
{
	return net_node_of(node)->interface;
}

/* --- Texts ----------------------------------------------------------------------------------- */

static void print_address(struct text *text, const struct net_status *status)
{
	const uint8_t *a = status->address;

	text_print(text, "%02x:%02x:%02x:%02x:%02x:%02x\n", a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void print_link(struct text *text, const struct net_status *status)
{
	static const char *const duplexes[] = { "", " half", " full" };

	if (!status->link.up)
		text_print(text, "down\n");
	else if (status->link.megabits == 0)
		text_print(text, "up\n");
	else
		text_print(text, "up %u%s\n", status->link.megabits,
			   duplexes[status->link.duplex <= DDK_NET_FULL_DUPLEX
					    ? status->link.duplex
					    : DDK_NET_DUPLEX_UNKNOWN]);
}

static void print_up(struct text *text, const struct net_status *status)
{
	text_print(text, "%u\n", status->on);
}

static int store_up(struct net_interface *interface, const char *value)
{
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return -EINVAL;
	return net_interface_switch(interface, value[0] == '1');
}

static void print_mtu(struct text *text, const struct net_status *status)
{
	text_print(text, "%u\n", status->mtu);
}

static int store_mtu(struct net_interface *interface, const char *value)
{
	uint64_t mtu;
	int error = string_to_u64(value, &mtu);

	if (error)
		return error;
	return mtu > UINT32_MAX ? -EINVAL : net_interface_set_mtu(interface, (uint32_t)mtu);
}

static const struct {
	const char *name;
	unsigned filter;
} filters[] = {
	{ "own", 0 },
	{ "groups", DDK_NET_ALL_GROUPS },
	{ "everything", DDK_NET_ALL_GROUPS | DDK_NET_EVERYTHING },
};

static void print_filter(struct text *text, const struct net_status *status)
{
	const char *name = filters[2].name;

	for (unsigned i = 0; i < array_length(filters) && status->can_filter; i++)
		if (filters[i].filter == status->filter)
			name = filters[i].name;
	text_print(text, "%s\n", name);
}

static int store_filter(struct net_interface *interface, const char *value)
{
	for (unsigned i = 0; i < array_length(filters); i++)
		if (strcmp(filters[i].name, value) == 0)
			return net_interface_set_filter(interface, filters[i].filter);
	return -EINVAL;
}

static void print_statistics(struct text *text, const struct net_status *status)
{
	const struct net_statistics *s = &status->statistics;

	text_print(text, "received %llu\nreceived_bytes %llu\nreceived_errors %llu\n",
		   (llu)s->received, (llu)s->received_bytes, (llu)s->received_errors);
	text_print(text, "received_dropped %llu\nmulticast %llu\n", (llu)s->received_dropped,
		   (llu)s->multicast);
	text_print(text, "sent %llu\nsent_bytes %llu\nsend_errors %llu\nsend_dropped %llu\n",
		   (llu)s->sent, (llu)s->sent_bytes, (llu)s->send_errors, (llu)s->send_dropped);
}

static int text_generate(struct node *node, struct text *text)
{
	struct net_node *own = net_node_of(node);
	struct net_status status;

	if (!net_interface_read_status(own->interface, &status))
		return -ENODEV;
	own->file->generate(text, &status);
	return 0;
}

static ssize_t text_store(struct node *node, const char *bytes, size_t length)
{
	struct net_node *own = net_node_of(node);
	size_t count = length;
	char value[16];
	int error;

	if (!own->file->store)
		return -EACCES;
	if (count > 0 && bytes[count - 1] == '\n')
		count--;
	if (count >= sizeof(value))
		return -EINVAL;
	memcpy(value, bytes, count);
	value[count] = '\0';
	error = own->file->store(own->interface, value);
	return error ? error : (ssize_t)length;
}

static const struct text_file_ops text_ops = { .generate = text_generate, .store = text_store };

static ssize_t text_read(struct file *file, struct io *io, uint64_t offset)
{
	return text_file_read(file, io, offset, &text_ops);
}

static ssize_t text_write(struct file *file, struct io *io, uint64_t *offset)
{
	(void)offset;
	return text_file_write(file, io, &text_ops);
}

void net_node_release(struct node *node)
{
	struct net_node *own = net_node_of(node);

	if (own->interface)
		net_interface_put(own->interface);
	kfree(own);
}

int net_node_set_attributes(struct node *node, const struct node_changes *changes)
{
	/* What is written to with O_TRUNC stays as long as it is. */
	if (changes->which & ~(unsigned)CHANGE_SIZE)
		node_store_changes(node, changes);
	return 0;
}

static const struct node_ops text_node_ops = {
	.release = net_node_release,
	.set_attributes = net_node_set_attributes,
	.read = text_read,
	.write = text_write,
	.close = text_file_close,
};

/* --- Directories ----------------------------------------------------------------------------- */

static const struct net_file files[] = {
	{ "address", MODE_FILE | 0444, print_address, NULL, NULL },
	{ "filter", MODE_FILE | 0644, print_filter, store_filter, NULL },
	{ "frames", MODE_CHARACTER | 0600, NULL, NULL, &net_frames_ops },
	{ "link", MODE_FILE | 0444, print_link, NULL, NULL },
	{ "mtu", MODE_FILE | 0644, print_mtu, store_mtu, NULL },
	{ "statistics", MODE_FILE | 0444, print_statistics, NULL, NULL },
	{ "up", MODE_FILE | 0644, print_up, store_up, NULL },
};

_Static_assert(array_length(files) < NODES_PER_INTERFACE, "numbers");

/* Takes over the reference to `interface` if that works. */
static int make_node(struct node *directory, uint64_t number, const struct node_ops *ops,
		     uint32_t mode, struct net_interface *interface, const struct net_file *file,
		     struct node **found)
{
	struct net_node *own = kzalloc(sizeof(*own));

	if (!own)
		return -ENOMEM;
	node_init(&own->node, ops, directory->scheme, number, mode);
	if (node_is(&own->node, MODE_DIRECTORY)) {
		own->node.flags = NODE_NO_CACHE;
		own->node.links = 2;
	} else if (node_is(&own->node, MODE_CHARACTER)) {
		own->node.flags = NODE_STREAM;
	}
	own->interface = interface;
	own->file = file;
	*found = &own->node;
	return 0;
}

static uint64_t node_number(const struct net_interface *interface)
{
	return interface->serial * NODES_PER_INTERFACE;
}

static int interface_look_up(struct node *directory, const char *name, size_t length,
			     struct node **found)
{
	struct net_interface *interface = net_node_interface(directory);
	int error;

	for (size_t i = 0; i < array_length(files); i++) {
		if (strlen(files[i].name) != length || memcmp(files[i].name, name, length) != 0)
			continue;
		net_interface_hold(interface);
		error = make_node(directory, node_number(interface) + 1 + i,
				  files[i].ops ? files[i].ops : &text_node_ops, files[i].mode,
				  interface, &files[i], found);
		if (error)
			net_interface_put(interface);
		return error;
	}
	return -ENOENT;
}

static int interface_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	const struct net_interface *interface = net_node_interface(file->node);

	for (; *cookie < array_length(files); ++*cookie) {
		const struct net_file *entry = &files[*cookie];

		if (!sink->entry(sink, entry->name, strlen(entry->name),
				 node_number(interface) + 1 + *cookie, entry->mode & MODE_TYPE,
				 *cookie + 1))
			break;
	}
	return 0;
}

static const struct node_ops interface_ops = {
	.release = net_node_release,
	.lookup = interface_look_up,
	.read_directory = interface_read,
};

static int root_look_up(struct node *directory, const char *name, size_t length,
			struct node **found)
{
	for (unsigned i = 0; i < NET_INTERFACE_MAX; i++) {
		struct net_interface *interface = net_interface_get(i);
		int error = -ENOENT;

		if (!interface)
			continue;
		if (strlen(interface->name) == length && memcmp(interface->name, name, length) == 0)
			error = make_node(directory, node_number(interface), &interface_ops,
					  MODE_DIRECTORY | 0555, interface, NULL, found);
		if (error)
			net_interface_put(interface);
		if (error != -ENOENT)
			return error;
	}
	return -ENOENT;
}

/* The cookie is the index. */
static int root_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	(void)file;
	for (; *cookie < NET_INTERFACE_MAX; ++*cookie) {
		struct net_interface *interface = net_interface_get((unsigned)*cookie);
		bool taken = true;

		if (!interface)
			continue;
		taken = sink->entry(sink, interface->name, strlen(interface->name),
				    node_number(interface), MODE_DIRECTORY, *cookie + 1);
		net_interface_put(interface);
		if (!taken)
			break;
	}
	return 0;
}

static const struct node_ops root_ops = {
	.release = net_node_release,
	.lookup = root_look_up,
	.read_directory = root_read,
};

static int network_scheme_start(void)
{
	struct scheme *scheme = scheme_create("network", "network", NULL, SCHEME_NO_EXECUTE, NULL);
	struct net_node *root = kzalloc(sizeof(*root));
	int error;

	if (!scheme || !root) {
		kfree(root);
		if (scheme)
			scheme_put(scheme);
		return -ENOMEM;
	}
	node_init(&root->node, &root_ops, scheme, 1, MODE_DIRECTORY | 0555);
	root->node.flags = NODE_NO_CACHE;
	root->node.links = 2;
	error = scheme_set_root(scheme, &root->node);
	if (!error)
		error = namespace_add(namespace_first(), scheme);
	if (error)
		scheme_put(scheme);
	return error;
}

SCHEME(network) = { .name = "network", .level = 20, .start = network_scheme_start };
