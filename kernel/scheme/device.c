/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The registry of devices, and /dev. Its nodes are ordinary device nodes of a file system, as
 * mknod makes them: opening one finds the device by its number.
 */
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <scheme/device.h>
#include <scheme/scheme.h>

struct registration {
	struct list_node node; /* device_lock; detached once removed */
	const struct device_node *device;
	unsigned opening; /* device_lock: opens under way */
};

/* What is to be made in /dev besides devices, until there is a /dev. */
struct deferred {
	struct list_node node;
	const char *name;
	struct node_template like;
};

static struct spinlock device_lock = SPINLOCK_INIT(RANK_DRIVER, "devices");
static struct list registrations = LIST_INIT(registrations); /* device_lock */
static struct wait_queue open_done;                          /* an open is no longer under way */

/* Set once, by the boot thread, while no other thread adds devices. */
static struct walker device_walker; /* its root is NULL until then */
static struct list deferred_nodes = LIST_INIT(deferred_nodes);

/* --- Nodes in /dev. --- */

/* Makes the directories that `name` goes through. */
static int make_parents(const char *name)
{
	const struct node_template like = { .mode = MODE_DIRECTORY | 0755 };
	char path[NAME_MAX_LENGTH + 1];
	const char *slash;

	for (slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t length = (size_t)(slash - name);
		int error;

		if (length >= sizeof(path))
			return -ENAMETOOLONG;
		memcpy(path, name, length);
		path[length] = '\0';
		error = path_make(&device_walker, NULL, path, &like);
		if (error && error != -EEXIST)
			return error;
	}
	return 0;
}

static int make_node(const char *name, const struct node_template *like)
{
	int error = path_make(&device_walker, NULL, name, like);

	if (error != -ENOENT)
		return error;
	error = make_parents(name);
	return error ? error : path_make(&device_walker, NULL, name, like);
}

static int make_or_defer(const char *name, const struct node_template *like)
{
	struct deferred *deferred;

	if (device_walker.root)
		return make_node(name, like);
	deferred = kmalloc(sizeof(*deferred));
	if (!deferred)
		return -ENOMEM;
	deferred->name = name;
	deferred->like = *like;
	list_push_back(&deferred_nodes, &deferred->node);
	return 0;
}

int device_tree_set(struct dentry *root)
{
	struct credentials *credentials = credentials_create(NULL);
	struct list_node *entry;

	if (!credentials)
		return -ENOMEM;
	wait_queue_init(&open_done, "device opens");
	dentry_get(root);
	device_walker = (struct walker){
		.root = root,
		.working_directory = root,
		.credentials = credentials,
	};
	while ((entry = list_pop_front(&deferred_nodes))) {
		struct deferred *deferred = container_of(entry, struct deferred, node);
		int error = make_node(deferred->name, &deferred->like);

		if (error)
			log_warning("dev", "%s: cannot be made: error %d", deferred->name, -error);
		kfree(deferred);
	}
	return 0;
}

int device_link_add(const char *name, const char *target)
{
	const struct node_template like = { .mode = MODE_SYMLINK | 0777, .target = target };

	return make_or_defer(name, &like);
}

static bool leads_to(const char *name, const char *target)
{
	struct dentry *link;
	char buffer[NAME_MAX_LENGTH];
	ssize_t length;

	if (path_walk(&device_walker, NULL, name, 0, &link))
		return false;
	length = path_read_link(link, buffer, sizeof(buffer));
	dentry_put(link);
	return length >= 0 && (size_t)length == strlen(target) &&
	       memcmp(buffer, target, (size_t)length) == 0;
}

void device_link_remove(const char *name, const char *target)
{
	if (device_walker.root && (!target || leads_to(name, target)))
		path_unlink(&device_walker, NULL, name, false);
}

int device_directory_add(const char *name, uint32_t permissions)
{
	const struct node_template like = { .mode = MODE_DIRECTORY | permissions };

	return make_or_defer(name, &like);
}

/* --- The registry. --- */

static struct registration *registration_of(struct list_node *entry)
{
	return container_of(entry, struct registration, node);
}

/* device_lock is held. */
static struct registration *find_number(uint32_t type, uint64_t number)
{
	struct list_node *entry;

	list_for_each (entry, &registrations) {
		const struct device_node *device = registration_of(entry)->device;

		if (device->type == type && node_device(device->major, device->minor) == number)
			return registration_of(entry);
	}
	return NULL;
}

/* device_lock is held. */
static struct registration *find_device(const struct device_node *device)
{
	struct list_node *entry;

	list_for_each (entry, &registrations) {
		if (registration_of(entry)->device == device)
			return registration_of(entry);
	}
	return NULL;
}

static int register_device(const struct device_node *device)
{
	struct registration *registration = kmalloc(sizeof(*registration));
	int error = 0;

	if (!registration)
		return -ENOMEM;
	registration->device = device;
	registration->opening = 0;
	spin_lock(&device_lock);
	if (find_number(device->type, node_device(device->major, device->minor)))
		error = -EEXIST;
	else
		list_push_back(&registrations, &registration->node);
	spin_unlock(&device_lock);
	if (error)
		kfree(registration);
	return error;
}

/* The registration is in the list no more. Who ends the last open does not touch it after. */
static void wait_for_opens(struct registration *registration)
{
	struct waiter waiter;

	wait_begin(&open_done, &waiter);
	while (__atomic_load_n(&registration->opening, __ATOMIC_ACQUIRE)) {
		if (wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, DEADLINE_NEVER))
			break;
	}
	wait_end(&waiter);
}

static void unregister_device(const struct device_node *device)
{
	struct registration *registration;

	spin_lock(&device_lock);
	registration = find_device(device);
	if (registration)
		list_remove(&registration->node);
	spin_unlock(&device_lock);
	if (!registration)
		return;
	if (__atomic_load_n(&registration->opening, __ATOMIC_ACQUIRE))
		wait_for_opens(registration);
	kfree(registration);
}

int device_node_add(const struct device_node *device)
{
	const struct node_template like = {
		.mode = device->type | device->permissions,
		.raw_device = node_device(device->major, device->minor),
	};
	int error = register_device(device);

	if (error)
		return error;
	error = make_or_defer(device->name, &like);
	if (error)
		unregister_device(device);
	return error;
}

/* The directories made on the way to the node stay. */
void device_node_remove(const struct device_node *device)
{
	if (device_walker.root)
		path_unlink(&device_walker, NULL, device->name, false);
	unregister_device(device);
}

void device_visit(uint32_t type, void (*visit)(const struct device_node *device, void *argument),
		  void *argument)
{
	struct list_node *entry;

	spin_lock(&device_lock);
	list_for_each (entry, &registrations) {
		if (registration_of(entry)->device->type == type)
			visit(registration_of(entry)->device, argument);
	}
	spin_unlock(&device_lock);
}

/* --- Opening. --- */

/* Ties the node to the device, for good: a node that outlives its device, and finds another one
 * under its number, stays dead. */
static int bind(struct node *node, const struct device_node *device)
{
	int error = 0;

	mutex_lock(&node->lock);
	if (node->private && node->private != device->private) {
		error = -ENXIO;
	} else {
		node->private = device->private;
		node->flags |= device->node_flags;
	}
	mutex_unlock(&node->lock);
	return error;
}

static int open_device(struct node *node, struct file *file, const struct device_node *device)
{
	int error = bind(node, device);

	if (error)
		return error;
	file->ops = device->ops;
	return device->ops->open ? device->ops->open(node, file) : 0;
}

int device_open(struct node *node, struct file *file)
{
	struct registration *registration;
	int error;

	if (node->scheme && (node->scheme->flags & SCHEME_NO_DEVICES))
		return -EACCES;
	/* A device node of one's own must lead to no device that one's namespace does not have. */
	if (!namespace_admits(namespace_current(), device_walker.root->node->scheme))
		return -EACCES;
	spin_lock(&device_lock);
	registration = find_number(node->mode & MODE_TYPE, node->raw_device);
	if (registration)
		registration->opening++;
	spin_unlock(&device_lock);
	if (!registration)
		return -ENXIO;
	error = open_device(node, file, registration->device);
	spin_lock(&device_lock);
	if (--registration->opening == 0)
		wait_wake_all(&open_done);
	spin_unlock(&device_lock);
	return error;
}

/* --- Schemes that are a device. --- */

int device_scheme_create(const char *name, const struct node_ops *ops, uint32_t permissions,
			 unsigned node_flags)
{
	struct scheme *scheme = scheme_create(name, name, NULL, 0, NULL);
	struct node *root = kmalloc(sizeof(*root));
	int error;

	if (!scheme || !root) {
		kfree(scheme);
		kfree(root);
		return -ENOMEM;
	}
	node_init(root, ops, scheme, scheme_next_number(scheme), MODE_CHARACTER | permissions);
	root->flags = node_flags;
	error = scheme_set_root(scheme, root);
	return error ? error : namespace_add(namespace_first(), scheme);
}
